"""Random transactions and typed data, and what eth-account makes of them."""

from __future__ import annotations

import random
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak, to_checksum_address
from payments import number


def digits(some: bytes) -> str:
    """Bytes as people write them."""
    return "0x" + bytes(some).hex()


def below(rng: random.Random, bits: int) -> int:
    """A number of so many bits; often one at which an encoding changes, or the last of all."""
    return 2**bits - 1 if rng.random() < 0.05 else min(number(rng, bits), 2**bits - 1)


def access_list(rng: random.Random) -> list[dict[str, Any]]:
    """Some contracts, with some of their storage keys."""
    return [
        {"address": to_checksum_address(rng.randbytes(20)),
         "storageKeys": [digits(rng.randbytes(32)) for _ in range(rng.randint(0, 3))]}
        for _ in range(rng.randint(0, 3))
    ]


def transaction(rng: random.Random) -> dict[str, Any]:
    """A transaction of type 0, 1 or 2, signed: its fields, and what it is as bytes."""
    kind = rng.randint(0, 2)
    fields: dict[str, Any] = {
        "nonce": below(rng, 63), "gas": below(rng, 63), "value": below(rng, 256),
        "to": "" if rng.random() < 0.2 else to_checksum_address(rng.randbytes(20)),
        "data": digits(rng.randbytes(rng.choice([0, 1, 4, 55, 56, 68, 300]))),
    }
    if kind > 0 or rng.random() < 0.7:
        fields["chainId"] = rng.choice([1, 137, 8453, 31337, rng.randint(1, 2**62)])
    if kind < 2:
        fields["gasPrice"] = below(rng, 256)
    else:
        fields["maxPriorityFeePerGas"], fields["maxFeePerGas"] = sorted([below(rng, 256), below(rng, 256)])
    if kind > 0:
        fields |= {"type": kind, "accessList": access_list(rng)}
    account = Account.from_key(rng.randbytes(32))
    signed = account.sign_transaction(fields)
    shown = {name: str(value) if isinstance(value, int) else value for name, value in fields.items()}
    return {
        "kind": "transaction", "value": {"type": str(kind)} | shown, "data": digits(signed.raw_transaction),
        "hash": digits(signed.hash), "sender": account.address,
    }


class Structs:
    """Types of which each refers to the next, so that the first is the primary one, and values of them."""

    DOMAIN = [("name", "string"), ("version", "string"), ("chainId", "uint256"), ("verifyingContract", "address"),
              ("salt", "bytes32")]

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        count = rng.randint(1, 4)
        self.types = {f"T{index}": self.members(index, count) for index in range(count)}
        fields = rng.sample(range(5), rng.randint(1, 5))
        self.types["EIP712Domain"] = [
            {"name": name, "type": type_} for index, (name, type_) in enumerate(self.DOMAIN) if index in fields
        ]

    def members(self, index: int, count: int) -> list[dict[str, str]]:
        """Elementary members, the next struct, and structs after it or, in a list, the same one."""
        types = [self.elementary() for _ in range(self.rng.randint(0 if index < count - 1 else 1, 4))]
        if index < count - 1:
            types.append(f"T{index + 1}")
            if self.rng.random() < 0.3:
                types.append(f"T{self.rng.randint(index + 1, count - 1)}")
        types = [type_ + self.rng.choice(["", "", "[]", "[2]", "[][3]", "[1][]"]) for type_ in types]
        if index > 0 and self.rng.random() < 0.3:
            types.append(f"T{index}[]")
        self.rng.shuffle(types)
        return [{"name": f"m{place}", "type": type_} for place, type_ in enumerate(types)]

    def elementary(self) -> str:
        """An elementary type."""
        bits, size = 8 * self.rng.randint(1, 32), self.rng.randint(1, 32)
        return self.rng.choice([f"uint{bits}", f"int{bits}", "address", "bool", f"bytes{size}", "bytes", "string"])

    def value(self, type_: str, depth: int) -> Any:
        """A value of a type, as it stands in JSON; lists are empty where it is deep."""
        rng = self.rng
        if type_.endswith("]"):
            element, _, length = type_[:-1].rpartition("[")
            count = int(length) if length else rng.randint(0, 2) if depth < 5 else 0
            return [self.value(element, depth + 1) for _ in range(count)]
        if type_ in self.types:
            return {member["name"]: self.value(member["type"], depth + 1) for member in self.types[type_]}
        if type_.startswith("uint"):
            return str(below(rng, int(type_[4:])))
        if type_.startswith("int"):
            return str(below(rng, int(type_[3:]) - 1) * rng.choice([1, -1]))
        if type_ == "address":
            return to_checksum_address(rng.randbytes(20))
        if type_ == "bool":
            return rng.random() < 0.5
        if type_ == "string":
            return "".join(rng.choices('aZ "\\\n\u00e9\u4e2d\U0001f4b0', k=rng.randint(0, 40)))
        return digits(rng.randbytes(int(type_[5:]) if type_[5:] else rng.randint(0, 70)))


def typed_data(rng: random.Random) -> dict[str, Any]:
    """A message that is signed by its structure, and its digest."""
    structs = Structs(rng)
    message = {
        "types": structs.types, "primaryType": "T0", "domain": structs.value("EIP712Domain", 0),
        "message": structs.value("T0", 0),
    }
    signable = encode_typed_data(full_message=message)
    digest = keccak(b"\x19" + signable.version + signable.header + signable.body)
    return {"kind": "typed-data", "value": message, "data": digits(digest)}
