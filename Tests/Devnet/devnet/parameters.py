"""Reading what a caller sent, as strictly as geth does.

A method says in its signature what it takes (`address: AddressParameter`); each of these types carries the
function that reads it, so a method body never sees unread JSON. A relay that writes a quantity with a leading
zero, or an address that is too short, is told so here as a real node would tell it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_type_hints

from ethereum.crypto.hash import Hash32
from ethereum.forks.osaka.fork_types import Address

from devnet.refusal import INVALID_PARAMS, Refusal

MOST_SLOTS = 1024
BLOCK_TAGS = ("earliest", "finalized", "safe", "latest", "pending")


class Unreadable(Exception):
    """A parameter that is not what it should be; the sentence is geth's."""


def read_data(value: object) -> bytes:
    """Hexadecimal bytes: 0x and an even number of digits."""
    if not isinstance(value, str):
        raise Unreadable("json: cannot unmarshal non-string into Go value of type hexutil.Bytes")
    if value[:2] not in ("0x", "0X"):
        raise Unreadable("hex string without 0x prefix")
    if len(value) % 2:
        raise Unreadable("hex string of odd length")
    if not re.fullmatch("[0-9a-fA-F]*", value[2:]):
        raise Unreadable("invalid hex string")
    return bytes.fromhex(value[2:])


def _read_fixed(value: object, length: int, kind: str) -> bytes:
    read = read_data(value)
    if len(read) != length:
        raise Unreadable(f"hex string has length {2 * len(read)}, want {2 * length} for {kind}")
    return read


def read_address(value: object) -> Address:
    """Twenty bytes."""
    return Address(_read_fixed(value, 20, "common.Address"))


def read_hash(value: object) -> Hash32:
    """Thirty-two bytes."""
    return Hash32(_read_fixed(value, 32, "common.Hash"))


def read_quantity(value: object) -> int:
    """A hexadecimal number without leading zeros, of 256 bits at most."""
    if not isinstance(value, str):
        raise Unreadable("json: cannot unmarshal non-string into Go value of type *hexutil.Big")
    if value == "":
        raise Unreadable("empty hex string")
    if value[:2] not in ("0x", "0X"):
        raise Unreadable("hex string without 0x prefix")
    digits = value[2:]
    if digits == "":
        raise Unreadable('hex string "0x"')
    if len(digits) > 1 and digits[0] == "0":
        raise Unreadable("hex number with leading zero digits")
    if len(digits) > 64:
        raise Unreadable("hex number > 256 bits")
    if not re.fullmatch("[0-9a-fA-F]+", digits):
        raise Unreadable("invalid hex string")
    return int(digits, 16)


def read_slot(value: object) -> bytes:
    """The place of a word in storage: hexadecimal of up to 32 bytes, padded or not."""
    if not isinstance(value, str) or not re.fullmatch("0[xX][0-9a-fA-F]{1,64}", value):
        raise Unreadable("unable to decode storage key")
    return int(value, 16).to_bytes(32, "big")


@dataclass(frozen=True)
class Slot:
    """The place of a word in storage, and how geth repeats it: as bytes if all 32 came, else as a quantity."""

    key: bytes
    shown: str


def read_slots(value: object) -> list[Slot]:
    """Places of words in storage, as many as geth takes at once."""
    if not isinstance(value, list):
        raise Unreadable("json: cannot unmarshal value into Go value of type []string")
    if len(value) > MOST_SLOTS:
        raise Unreadable(f"too many keys (got {len(value)}, max {MOST_SLOTS})")
    keys = [read_slot(each) for each in value]
    return [
        Slot(key, "0x" + key.hex() if len(text) == 66 else hex(int(text, 16)))
        for key, text in zip(keys, value, strict=True)
    ]


def read_count(value: object) -> int:
    """A number, JSON's or hexadecimal: for block counts (geth takes both) and for the controls of tests."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    return read_quantity(value)


def read_block_number(value: object) -> str | int:
    """A tag or a number."""
    return value if isinstance(value, str) and value in BLOCK_TAGS else read_quantity(value)


def read_block(value: object) -> str | int | Hash32:
    """A tag, a number, or (EIP-1898) an object that names a hash or a number."""
    if isinstance(value, dict):
        if set(value) - {"requireCanonical"} == {"blockHash"}:
            return read_hash(value["blockHash"])
        if set(value) == {"blockNumber"}:
            return read_block_number(value["blockNumber"])
        raise Unreadable("invalid block number or hash")
    return read_block_number(value)


def read_boolean(value: object) -> bool:
    """True or false, nothing that merely looks like it."""
    if not isinstance(value, bool):
        raise Unreadable("json: cannot unmarshal value into Go value of type bool")
    return value


def read_object(value: object) -> dict[str, Any]:
    """A JSON object; whoever asked for it reads its members."""
    if not isinstance(value, dict):
        raise Unreadable("json: cannot unmarshal value into Go value of type object")
    return value


def read_percentiles(value: object) -> list[float]:
    """The percentiles of a fee history: numbers that rise, from 0 to 100."""
    if not isinstance(value, list) or any(isinstance(each, (bool, str)) for each in value):
        raise Unreadable("json: cannot unmarshal value into Go value of type []float64")
    return [float(each) for each in value]


AddressParameter = Annotated[Address, read_address]
BlockNumberParameter = Annotated[str | int, read_block_number]
BlockParameter = Annotated[str | int | Hash32, read_block]
BooleanParameter = Annotated[bool, read_boolean]
CountParameter = Annotated[int, read_count]
DataParameter = Annotated[bytes, read_data]
HashParameter = Annotated[Hash32, read_hash]
ObjectParameter = Annotated[dict[str, Any], read_object]
PercentilesParameter = Annotated[list[float], read_percentiles]
QuantityParameter = Annotated[int, read_quantity]
SlotParameter = Annotated[bytes, read_slot]
SlotsParameter = Annotated[list[Slot], read_slots]


def _reader(hint: Any) -> Callable[[object], object]:
    """The function that an annotated type carries; of `Type | None`, the type's."""
    annotated = hint if hasattr(hint, "__metadata__") else get_args(hint)[0]
    reader: Callable[[object], object] = annotated.__metadata__[0]
    return reader


def read_arguments(method: Callable[..., object], values: list[object]) -> list[object]:
    """The arguments for a method, read by the types of its signature; null stands for one left out."""
    hints = get_type_hints(method, include_extras=True)
    wanted = list(inspect.signature(method).parameters.values())
    if len(values) > len(wanted):
        raise Refusal(f"too many arguments, want at most {len(wanted)}", INVALID_PARAMS)
    arguments: list[object] = []
    for position, parameter in enumerate(wanted):
        value = values[position] if position < len(values) else None
        if value is None and parameter.default is inspect.Parameter.empty:
            raise Refusal(f"missing value for required argument {position}", INVALID_PARAMS)
        if value is None:
            arguments.append(parameter.default)
            continue
        try:
            arguments.append(_reader(hints[parameter.name])(value))
        except Unreadable as problem:
            raise Refusal(f"invalid argument {position}: {problem}", INVALID_PARAMS) from None
    return arguments
