"""The call object of eth_call and eth_estimateGas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ethereum.forks.osaka.fork_types import Address
from ethereum.forks.osaka.transactions import Access
from ethereum_types.bytes import Bytes32

from devnet.hexadecimal import data
from devnet.parameters import Unreadable, read_address, read_data, read_hash, read_object, read_quantity
from devnet.refusal import INVALID_PARAMS, Refusal

NUMBERS = ("gas", "gasPrice", "maxFeePerGas", "maxPriorityFeePerGas", "value", "nonce", "chainId", "type")
MEMBERS = {"from", "to", "data", "input", "accessList", *NUMBERS}
TWO_PAYLOADS = (
    'both "data" and "input" are set and not equal. Please use "input" to pass transaction call data'
)


@dataclass(frozen=True)
class Call:
    """What a caller wants to have run."""

    sender: Address
    to: Address | None
    gas: int | None
    fee_cap: int
    value: int
    payload: bytes
    access_list: tuple[Access, ...]


def read_call(members: dict[str, Any], chain_id: int) -> Call:
    """Read a call object. An unknown member is refused, where geth would overlook it: it is a misspelling."""
    if unknown := set(members) - MEMBERS:
        raise Refusal(f"invalid argument 0: unknown field {', '.join(sorted(unknown))}", INVALID_PARAMS)
    present = {key: value for key, value in members.items() if value is not None}
    try:
        numbers = {key: read_quantity(present[key]) for key in NUMBERS if key in present}
        payloads = [read_data(present[key]) for key in ("input", "data") if key in present]
        call = Call(
            sender=read_address(present.get("from", data(bytes(20)))),
            to=read_address(present["to"]) if "to" in present else None,
            gas=numbers.get("gas"),
            fee_cap=_fee_cap(numbers),
            value=numbers.get("value", 0),
            payload=payloads[0] if payloads else b"",
            access_list=_read_access_list(present.get("accessList", [])),
        )
    except Unreadable as problem:
        raise Refusal(f"invalid argument 0: {problem}", INVALID_PARAMS) from None
    if payloads and payloads[0] != payloads[-1]:
        raise Refusal(TWO_PAYLOADS)
    if numbers.get("chainId", chain_id) != chain_id:
        raise Refusal(f"chainId does not match node's (have={numbers['chainId']}, want={chain_id})")
    return call


def _fee_cap(numbers: dict[str, int]) -> int:
    tip = numbers.get("maxPriorityFeePerGas", 0)
    if "gasPrice" in numbers:
        if {"maxFeePerGas", "maxPriorityFeePerGas"} & set(numbers):
            raise Refusal("both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified")
        return numbers["gasPrice"]
    fee_cap = numbers.get("maxFeePerGas", 0)
    if "maxFeePerGas" in numbers and fee_cap < tip:
        raise Refusal(f"maxFeePerGas ({fee_cap}) < maxPriorityFeePerGas ({tip})")
    return fee_cap


def _read_access_list(value: object) -> tuple[Access, ...]:
    if not isinstance(value, list):
        raise Unreadable("json: cannot unmarshal value into Go value of type types.AccessList")
    return tuple(
        Access(
            read_address(read_object(entry).get("address")),
            tuple(Bytes32(read_hash(key)) for key in entry.get("storageKeys", [])),
        )
        for entry in value
    )
