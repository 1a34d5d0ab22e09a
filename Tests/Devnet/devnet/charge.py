"""Charges as the payment service hands them out, signed by an operator whose key we have.

    python Tests/Devnet charge --chain-id 31337 --contract 0x… --sender 0x… --recipient-amount 1039500

prints a charge document; the same is had from a running devnet by the method `devnet_createCharge`.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from eth_keys import keys
from eth_utils import keccak, to_canonical_address, to_checksum_address

from devnet.accounts import MERCHANT, OPERATOR

NATIVE = "0x" + "00" * 20
# What every real operator puts before the hash; an empty prefix stands for EIP-191's.
SERVICE_PREFIX = b"K2 Informational Message: 32 "
EIP191_PREFIX = b"\x19Ethereum Signed Message:\n32"
LIFETIME = timedelta(hours=48)


@dataclass(frozen=True)
class Intent:
    """What the operator signs, and whose key signs it."""

    chain_id: int
    contract: str
    sender: str
    recipient_amount: int
    fee_amount: int = 0
    deadline: int = field(default_factory=lambda: int(time.time() + LIFETIME.total_seconds()))
    recipient: str = MERCHANT.address
    recipient_currency: str = NATIVE
    refund_destination: str | None = None
    id: bytes = field(default_factory=lambda: os.urandom(16))
    operator: str | None = None
    operator_key: bytes = OPERATOR.key
    prefix: bytes = SERVICE_PREFIX

    @property
    def named_operator(self) -> str:
        """The operator that the intent names: the key's own, unless a test wants it to lie."""
        return self.operator or keys.PrivateKey(self.operator_key).public_key.to_checksum_address()

    @property
    def named_refund_destination(self) -> str:
        """The payer, unless named otherwise."""
        return self.refund_destination or self.sender

    @property
    def hash(self) -> bytes:
        """The hash of the 264 packed bytes that the contract packs again."""
        return keccak(
            b"".join(
                (
                    self.recipient_amount.to_bytes(32, "big"),
                    self.deadline.to_bytes(32, "big"),
                    to_canonical_address(self.recipient),
                    to_canonical_address(self.recipient_currency),
                    to_canonical_address(self.named_refund_destination),
                    self.fee_amount.to_bytes(32, "big"),
                    self.id,
                    to_canonical_address(self.named_operator),
                    self.chain_id.to_bytes(32, "big"),
                    to_canonical_address(self.sender),
                    to_canonical_address(self.contract),
                )
            )
        )

    @property
    def signature(self) -> bytes:
        """r, s and v (27 or 28) over the prefixed hash."""
        digest = keccak((self.prefix or EIP191_PREFIX) + self.hash)
        signature = keys.PrivateKey(self.operator_key).sign_msg_hash(digest).to_bytes()
        return signature[:64] + bytes([27 + signature[64]])


def charge_document(intent: Intent, deadline_as_text: bool = True) -> dict[str, object]:
    """The document in which the service carries an intent."""
    deadline = datetime.fromtimestamp(intent.deadline, UTC)
    created = deadline - LIFETIME
    metadata = {
        "chain_id": intent.chain_id,
        "contract_address": to_checksum_address(intent.contract),
        "sender": to_checksum_address(intent.sender),
    }
    call_data = {
        "recipient_amount": str(intent.recipient_amount),
        "deadline": _rfc3339(deadline) if deadline_as_text else str(intent.deadline),
        "recipient": to_checksum_address(intent.recipient),
        "recipient_currency": to_checksum_address(intent.recipient_currency),
        "refund_destination": to_checksum_address(intent.named_refund_destination),
        "fee_amount": str(intent.fee_amount),
        "id": "0x" + intent.id.hex(),
        "operator": intent.named_operator,
        "signature": "0x" + intent.signature.hex(),
        "prefix": "0x" + intent.prefix.hex(),
    }
    return {
        "data": {
            "id": str(uuid.UUID(bytes=intent.id)),
            "created_at": _rfc3339(created),
            "expires_at": _rfc3339(created + timedelta(hours=1)),
            "web3_data": {"transfer_intent": {"metadata": metadata, "call_data": call_data}},
        }
    }


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--chain-id", type=int, required=True)
    parser.add_argument("--contract", required=True, help="the Transfers contract")
    parser.add_argument("--sender", required=True, help="who pays")
    parser.add_argument("--recipient-amount", type=int, required=True)
    parser.add_argument("--fee-amount", type=int, default=0)
    parser.add_argument("--deadline", type=read_time, help="RFC 3339 or unix seconds (in 48 hours)")
    parser.add_argument("--recipient", help="who is paid (the test merchant)")
    parser.add_argument("--recipient-currency", help="a token (the native currency)")
    parser.add_argument("--refund-destination", help="(the sender)")
    parser.add_argument("--id", type=read_hex, help="0x and 32 digits (random)")
    parser.add_argument("--operator", help="the operator named (the one whose key signs)")
    parser.add_argument("--operator-key", type=read_hex, help="the key that signs (the test operator's)")
    parser.add_argument("--prefix", type=read_hex, help="0x for EIP-191 (the service's 29 bytes)")
    parser.add_argument(
        "--deadline-in-seconds", action="store_true", help="write the deadline as decimal digits"
    )


def run(options: argparse.Namespace) -> None:
    """Print the charge that the options ask for."""
    members = {key: value for key, value in vars(options).items() if value is not None}
    as_text = not members.pop("deadline_in_seconds")
    print(json.dumps(charge_document(Intent(**members), as_text), indent=1))


def read_hex(text: str) -> bytes:
    """Bytes from hexadecimal with 0x."""
    if not text.startswith("0x"):
        raise ValueError("0x is missing")
    return bytes.fromhex(text[2:])


def read_time(text: str) -> int:
    """Unix seconds, written as such or as RFC 3339."""
    return int(text) if text.isdigit() else int(datetime.fromisoformat(text).timestamp())


def _rfc3339(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
