"""State overrides: what a caller pretends about accounts for one call (geth's third parameter)."""

from __future__ import annotations

from typing import Any

from ethereum.forks.osaka.fork_types import Account, Address
from ethereum.forks.osaka.state import State, destroy_storage, get_account, set_account, set_storage
from ethereum_types.bytes import Bytes, Bytes32
from ethereum_types.numeric import U256, Uint

from devnet.hexadecimal import data
from devnet.parameters import Unreadable, read_address, read_data, read_hash, read_object, read_quantity
from devnet.refusal import INVALID_PARAMS, Refusal

MEMBERS = {"balance", "nonce", "code", "state", "stateDiff"}


def apply_overrides(state: State, overrides: dict[str, Any]) -> None:
    """Write the overrides into a state, which must be a copy.

    An unknown member is refused, where geth would overlook it: misspelt, it would make a test prove nothing.
    """
    try:
        for key, value in overrides.items():
            _override_account(state, read_address(key), read_object(value))
    except Unreadable as problem:
        raise Refusal(f"invalid argument 2: {problem}", INVALID_PARAMS) from None


def _override_account(state: State, address: Address, members: dict[str, Any]) -> None:
    if unknown := set(members) - MEMBERS:
        raise Unreadable(f"unknown override {', '.join(sorted(unknown))}")
    if "state" in members and "stateDiff" in members:
        raise Refusal(f"account {data(address)} has both 'state' and 'stateDiff'")
    old = get_account(state, address)
    new = Account(
        nonce=Uint(read_quantity(members["nonce"])) if "nonce" in members else old.nonce,
        balance=U256(read_quantity(members["balance"])) if "balance" in members else old.balance,
        code=Bytes(read_data(members["code"])) if "code" in members else old.code,
    )
    set_account(state, address, new)
    if "state" in members:
        destroy_storage(state, address)
    for key, value in read_object(members.get("state", members.get("stateDiff", {}))).items():
        set_storage(state, address, Bytes32(read_hash(key)), U256.from_be_bytes(read_hash(value)))
