"""Writes random values, and what independent libraries make of them, as JSON Lines: rlp, eth-abi, pycryptodome
(Keccak-256), eth-utils (EIP-55), and eth-account (transactions and typed data).

usage: values.py COUNT SEED
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from typing import Any

import rlp
from Crypto.Hash import keccak
from eth_abi import encode
from eth_abi.packed import encode_packed
from eth_utils import to_checksum_address
from signed import transaction, typed_data

LENGTHS = [0, 1, 2, 31, 32, 33, 54, 55, 56, 57, 135, 136, 137, 255, 256, 257, 1000]


def some_bytes(rng: random.Random) -> bytes:
    """Bytes of any length; often one at which an encoding changes."""
    length = rng.choice(LENGTHS) if rng.random() < 0.4 else rng.randint(0, 70)
    return bytes([rng.choice([0, 1, 0x7F, 0x80, 0xFF])]) if length == 1 else rng.randbytes(length)


def item(rng: random.Random, depth: int) -> Any:
    """An RLP item."""
    if depth == 0 or rng.random() < 0.5:
        return some_bytes(rng)
    return [item(rng, depth - 1) for _ in range(rng.randint(0, 5))]


def written(value: Any) -> Any:
    """A value as people write it: bytes as 0x and digits, integers as decimal strings, tuples as arrays."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, (list, tuple)):
        return [written(inner) for inner in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def typed(rng: random.Random, depth: int) -> tuple[str, Callable[[], Any]]:
    """A type of the ABI, and what makes a value of it."""
    nested = ["array", "list", "tuple"] if depth else []
    kind = rng.choice(["uint", "int", "address", "bool", "fixed", "bytes", "string", *nested])
    bits = rng.choice([8, 16, 24, 64, 128, 160, 248, 256])
    size = rng.randint(1, 32)
    half = 2 ** (bits - 1)
    simple: dict[str, tuple[str, Callable[[], Any]]] = {
        "uint": (f"uint{bits}", lambda: rng.choice([0, 1, 2**bits - 1, rng.getrandbits(bits)])),
        "int": (f"int{bits}", lambda: rng.choice([0, -1, half - 1, -half, rng.randint(-half, half - 1)])),
        "address": ("address", lambda: to_checksum_address(rng.randbytes(20))),
        "bool": ("bool", lambda: rng.random() < 0.5),
        "fixed": (f"bytes{size}", lambda: rng.randbytes(size)),
        "bytes": ("bytes", lambda: some_bytes(rng)),
        "string": ("string", lambda: "".join(rng.choices('aZ "\\\n\u00e9\u4e2d\U0001f4b0', k=rng.randint(0, 40)))),
    }
    if kind in simple:
        return simple[kind]
    if kind == "tuple":
        members = [typed(rng, depth - 1) for _ in range(rng.randint(1, 4))]
        return f"({','.join(name for name, _ in members)})", lambda: tuple(make() for _, make in members)
    name, make = typed(rng, depth - 1)
    if kind == "list":
        return f"{name}[]", lambda: [make() for _ in range(rng.randint(0, 4))]
    count = rng.randint(1, 4)
    return f"{name}[{count}]", lambda: [make() for _ in range(count)]


def packs(types: list[str]) -> bool:
    """Whether eth-abi packs such values as Solidity does: not structs, nor the elements of arrays, which Solidity fills
    up to words and eth-abi does not.
    """
    return not any("(" in name or "[" in name for name in types)


def main() -> None:
    """Writes as many lines of each kind."""
    count, seed = int(sys.argv[1]), sys.argv[2]
    for index in range(count):
        rng = random.Random(f"{seed}/{index}")
        tree = item(rng, 4)
        print(json.dumps({"kind": "rlp", "value": written(tree), "data": written(rlp.encode(tree))}))
        members = [typed(rng, 3) for _ in range(rng.randint(1, 4))]
        names = [name for name, _ in members]
        values = [make() for _, make in members]
        line = {"kind": "abi", "types": f"({','.join(names)})", "values": written(values)}
        print(json.dumps(line | {"data": written(encode(names, values))}))
        if packs(names):
            line = {"kind": "packed", "types": f"({','.join(names)})", "values": written(values)}
            print(json.dumps(line | {"data": written(encode_packed(names, values))}))
        data = some_bytes(rng)
        digest = keccak.new(digest_bits=256, data=data).digest()
        print(json.dumps({"kind": "keccak", "value": written(data), "data": written(digest)}))
        address = rng.randbytes(20)
        print(json.dumps({"kind": "address", "value": written(address), "data": to_checksum_address(address)}))
        print(json.dumps(transaction(rng)))
        print(json.dumps(typed_data(rng)))


if __name__ == "__main__":
    main()
