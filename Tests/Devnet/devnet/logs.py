"""eth_getLogs: which events a filter lets through."""

from __future__ import annotations

from typing import Any

from ethereum.crypto.hash import Hash32
from ethereum.forks.osaka.blocks import Log
from ethereum.forks.osaka.fork_types import Address

from devnet.parameters import Unreadable, read_address, read_hash

MEMBERS = {"address", "topics", "fromBlock", "toBlock", "blockHash"}
MOST_TOPICS = 4


class LogFilter:
    """Addresses (any when none is named) and topics by position (null for any, a list for alternatives)."""

    def __init__(self, members: dict[str, Any]) -> None:
        if unknown := set(members) - MEMBERS:
            raise Unreadable(f"unknown field {', '.join(sorted(unknown))}")
        self._addresses: list[Address] = [read_address(each) for each in _listed(members.get("address"))]
        topics = members.get("topics") or []
        if not isinstance(topics, list):
            raise Unreadable("json: cannot unmarshal value into Go value of type []interface {}")
        if len(topics) > MOST_TOPICS:
            raise Unreadable("exceed max topics")
        self._topics: list[list[Hash32]] = [[read_hash(each) for each in _listed(topic)] for topic in topics]

    def admits(self, log: Log) -> bool:
        """Whether the filter lets this event through."""
        if self._addresses and log.address not in self._addresses:
            return False
        if len(self._topics) > len(log.topics):
            return False
        return all(
            not wanted or topic in wanted for wanted, topic in zip(self._topics, log.topics, strict=False)
        )


def _listed(value: object) -> list[object]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
