"""Bytes and integers as JSON-RPC writes them."""

from __future__ import annotations

from typing import SupportsInt


def data(value: bytes) -> str:
    """Bytes: two digits each, leading zeros kept."""
    return "0x" + bytes(value).hex()


def quantity(value: SupportsInt) -> str:
    """An integer: the fewest digits, zero as 0x0."""
    return hex(int(value))
