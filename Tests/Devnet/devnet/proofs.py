"""Merkle proofs of accounts and storage (eth_getProof), made with the specification's own trie functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ethereum.crypto.hash import keccak256
from ethereum.forks.osaka.fork_types import Address
from ethereum.forks.osaka.state import State, get_account_optional, get_storage, state_root, storage_root
from ethereum.forks.osaka.trie import (
    BranchNode,
    ExtensionNode,
    InternalNode,
    LeafNode,
    Trie,
    _prepare_trie,
    bytes_to_nibble_list,
    nibble_list_to_compact,
    patricialize,
)
from ethereum_rlp import rlp
from ethereum_types.bytes import Bytes, Bytes32
from ethereum_types.numeric import U256, Uint

from devnet.chain import Block
from devnet.hexadecimal import data, quantity
from devnet.parameters import Slot
from devnet.refusal import Refusal

# What a node with fewer bytes becomes is part of the node above it.
SHORTEST_HASHED_NODE = 32


def proof_as_json(block: Block, address: Address, slots: list[Slot]) -> dict[str, Any]:
    """An account and some of its storage, with the nodes that lead there from the block's state root."""
    state = block.state
    if state_root(state) != block.header.state_root:
        raise Refusal("the block's state was rewritten by evm_setBalance: mine one more")
    account = get_account_optional(state, address)
    storage = state._storage_tries.get(address, Trie(secured=True, default=U256(0)))
    storage_entries = _prepare_trie(storage)
    accounts = _prepare_trie(state._main_trie, lambda each: storage_root(state, each))
    return {
        "address": data(address),
        "accountProof": nodes_to(accounts, _hashed(address)),
        "balance": quantity(account.balance if account else 0),
        "codeHash": data(keccak256(account.code) if account else bytes(32)),
        "nonce": quantity(account.nonce if account else 0),
        "storageHash": data(storage_root(state, address)),
        "storageProof": [
            {
                "key": slot.shown,
                "value": quantity(_storage(state, address, slot)),
                "proof": nodes_to(storage_entries, _hashed(slot.key)),
            }
            for slot in slots
        ],
    }


def _storage(state: State, address: Address, slot: Slot) -> U256:
    return get_storage(state, address, Bytes32(slot.key))


def _hashed(key: bytes) -> Bytes:
    return bytes_to_nibble_list(keccak256(key))


def nodes_to(entries: Mapping[Bytes, Bytes], path: Bytes) -> list[str]:
    """The nodes from the root down a path, to its end or to where it leaves the trie; an empty trie has none."""
    nodes: list[str] = []
    level = 0
    while node := patricialize(entries, Uint(level)):
        encoded = _encoded(node)
        if level == 0 or len(encoded) >= SHORTEST_HASHED_NODE:
            nodes.append(data(encoded))
        if isinstance(node, LeafNode) or level == len(path):
            break
        if isinstance(node, ExtensionNode):
            if path[level : level + len(node.key_segment)] != node.key_segment:
                break
            level += len(node.key_segment)
        else:
            below = path[: level + 1]
            entries = {each: value for each, value in entries.items() if each.startswith(below)}
            level += 1
    return nodes


def _encoded(node: InternalNode) -> bytes:
    if isinstance(node, BranchNode):
        return rlp.encode([*node.subnodes, node.value])
    if isinstance(node, LeafNode):
        return rlp.encode((nibble_list_to_compact(node.rest_of_key, True), node.value))
    return rlp.encode((nibble_list_to_compact(node.key_segment, False), node.subnode))
