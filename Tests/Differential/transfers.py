"""Signs random transfers with the tool, as files and as payment URIs, one by one and in lines, and compares each raw
transaction, byte for byte, with eth-account's over eth-abi's call data for the same fields and key. Some have a requester,
whose signature is eth-account's.

usage: transfers.py TOOL COUNT SEED
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from eth_abi import encode
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak, to_checksum_address
from payments import NATIVE, address, amount, coin, number, shown

MOST = 2**256 - 1
CHAINS = [1, 10, 137, 8453, 42161, 31337, 2**32 + 1, 2**63 - 1]
TYPES = {"PaymentRequest": [{"name": name, "type": kind} for name, kind in (
    ("chainId", "uint256"), ("payer", "address"), ("payee", "address"), ("token", "address"), ("amount", "uint256"),
    ("reference", "string"), ("expires", "uint256"))]}
DOMAIN = {"name": "Airlock payment request", "version": "1"}
# How many are signed by one key in one run, by lines; every fifth run signs its transfers one by one.
SIZE = 25


def scaled(rng: random.Random, value: int) -> str:
    """A number as EIP-681 lets people write it: with a sign, a fraction, an exponent, zeros before or after."""
    digits = str(value)
    form = rng.randint(0, 4)
    if form == 0:
        return digits
    if form == 1:
        return rng.choice(["+", "00", "+0"]) + digits
    if form == 2:
        return digits + rng.choice([".0", ".000", "e0", ".0E0"])
    short = digits.rstrip("0") or "0"
    power = len(digits) - len(short)
    if form == 3:
        return f"{short}{rng.choice('eE')}{power}"
    return f"{short[0]}.{short[1:] or '0'}{rng.choice('eE')}{power + len(short) - 1}"


class Transfer:
    """One transfer: its fields, how it is asked for, and what must come out."""

    def __init__(self, rng: random.Random, index: int, payer: bytes, nonce: int) -> None:
        self.chain = rng.choice(CHAINS)
        self.to = address(rng)
        self.token = NATIVE if rng.random() < 0.4 else address(rng)
        self.nonce = nonce
        # Any call costs 21000 gas; one with 68 bytes at most 23720 (EIP-7623).
        self.gas = rng.choice([21_000 if self.token == NATIVE else 23_720, 2**24, rng.randint(24_000, 2**24)])
        priority = number(rng, 60)
        self.fees = [priority + number(rng, 60), priority]
        # Value and fees together must fit into 256 bits.
        most = MOST - self.gas * self.fees[0] if self.token == NATIVE else MOST
        self.amount = most if rng.random() < 0.1 else min(most, number(rng, 256, 1))
        self.is_uri = rng.random() < 0.4
        self.reference = rng.choice([None, f"invoice {index}", f"Rechnung \u00e9\u4e2d\U0001f4b0 {index}"])
        sender = Account.from_key(payer).address
        self.request = self.uri(rng) if self.is_uri else self.file(rng, sender)
        conditions = {
            "chainId": str(self.chain), "sender": shown(rng, bytes.fromhex(sender[2:])), "nonce": str(nonce),
            "gas": str(self.gas), "maxFeePerGas": str(self.fees[0]), "maxPriorityFeePerGas": str(self.fees[1]),
        }
        self.conditions = dict(rng.sample(list(conditions.items()), len(conditions)))
        is_native = self.token == NATIVE
        data = b"" if is_native else keccak(text="transfer(address,uint256)")[:4] + encode(
            ["address", "uint256"], [self.to, self.amount])
        self.expected = "0x" + Account.sign_transaction({
            "type": 2, "chainId": self.chain, "nonce": nonce,
            "to": to_checksum_address(self.to if is_native else self.token),
            "value": self.amount if is_native else 0, "gas": self.gas, "maxFeePerGas": self.fees[0],
            "maxPriorityFeePerGas": self.fees[1], "data": data,
        }, payer).raw_transaction.hex().removeprefix("0x")

    def uri(self, rng: random.Random) -> str:
        """The transfer as a payment URI (EIP-681)."""
        start = rng.choice(["ethereum:", "ethereum:pay-", "Ethereum:"])
        value = scaled(rng, self.amount)
        if self.token == NATIVE:
            return f"{start}{shown(rng, self.to)}@{self.chain}?value={value}"
        return f"{start}{shown(rng, self.token)}@{self.chain}/transfer?address={shown(rng, self.to)}&uint256={value}"

    def file(self, rng: random.Random, sender: str) -> dict[str, Any]:
        """The transfer as a file, its members in any order; some are signed by who asks."""
        expires = rng.choice([None, rng.randint(1_800_000_000, 250_000_000_000)])
        payer = sender if rng.random() < 0.5 else None
        members: dict[str, Any] = {
            "airlock": 1, "kind": "transfer", "chainId": str(self.chain), "to": shown(rng, self.to),
            "amount": str(self.amount),
        }
        if self.token != NATIVE:
            members["token"] = shown(rng, self.token)
        if payer:
            members["from"] = payer
        if self.reference:
            members["reference"] = self.reference
        if expires:
            members["expires"] = datetime.fromtimestamp(expires, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        if rng.random() < 0.4:
            requester = Account.from_key(rng.randbytes(32))
            message = {
                "chainId": self.chain, "payer": payer or to_checksum_address(NATIVE),
                "payee": to_checksum_address(self.to), "token": to_checksum_address(self.token),
                "amount": self.amount, "reference": self.reference or "", "expires": expires or 0,
            }
            signature = requester.sign_message(encode_typed_data(DOMAIN, TYPES, message)).signature
            members |= {"requester": requester.address, "signature": "0x" + bytes(signature).hex()}
        return dict(rng.sample(list(members.items()), len(members)))

    def line(self) -> str:
        """The transfer as a line of a batch."""
        members: dict[str, Any] = {"request": self.request, "conditions": self.conditions}
        if self.is_uri and self.reference:
            members["reference"] = self.reference
        return json.dumps(members)


class Run:
    """Some transfers of one key under one policy and one ledger."""

    def __init__(self, folder: Path, rng: random.Random, count: int, by_lines: bool) -> None:
        self.folder = folder
        self.rng = rng
        self.by_lines = by_lines
        payer = rng.randbytes(32)
        nonces: set[int] = set()
        while len(nonces) < count:
            nonces.add(rng.choice([number(rng, 63), rng.randint(2**64 - 1000, 2**64 - 2)]))
        mixed = rng.sample(sorted(nonces), count)
        self.transfers = [Transfer(rng, index, payer, nonce) for index, nonce in enumerate(mixed)]
        self.write("key", payer.hex(), 0o600)
        chains: dict[str, Any] = {}
        for some in self.transfers:
            rules = chains.setdefault(str(some.chain), {
                "recipients": {}, "currencies": {}, "maxNativeValue": str(MOST), "maxNetworkFee": str(MOST)})
            rules["recipients"][to_checksum_address(some.to)] = "a shop"
            rules["currencies"][to_checksum_address(some.token)] = coin(some.token == NATIVE)
        self.write("policy.json", json.dumps({"airlock": 1, "kind": "policy", "chains": chains}))

    def write(self, name: str, text: str, mode: int = 0o644) -> None:
        path = self.folder / name
        path.write_text(text, newline="")
        path.chmod(mode)

    def tool(self, tool: str, words: list[str], given: str = "") -> subprocess.CompletedProcess[str]:
        """Runs the tool in a session of its own."""
        return subprocess.run(
            [tool, "sign", *words, "-k", "key", "--policy", "policy.json"], cwd=self.folder,
            env={"HOME": str(self.folder)}, input=given, capture_output=True, text=True, timeout=120,
            start_new_session=True, check=False)

    def wrong(self, tool: str) -> list[str]:
        """Signs all; says which of them is another than eth-account's."""
        if not self.by_lines:
            return [answer for some in self.transfers if (answer := self.single(tool, some))]
        outcome = self.tool(tool, ["--lines"], "".join(some.line() + "\n" for some in self.transfers))
        lines = outcome.stdout.splitlines()
        if len(lines) != len(self.transfers):
            return [f"{outcome.stderr}exit {outcome.returncode}\n{outcome.stdout}"] * len(self.transfers)
        return [
            f"{some.line()}\n{line}\n{some.expected}" for some, line in zip(self.transfers, lines)
            if json.loads(line).get("raw") != some.expected
        ]

    def single(self, tool: str, some: Transfer) -> str | None:
        """Signs one: a file, a URI in a file, or a URI as the operand; with conditions in a file, or typed."""
        rng = self.rng
        operand = some.request if some.is_uri and rng.random() < 0.5 else "request"
        if operand == "request":
            self.write("request", some.request + "\n" if some.is_uri else json.dumps(some.request, indent=2))
        words = [operand, "--yes", "--raw"]
        if some.is_uri and some.reference:
            words += ["--reference", some.reference]
        if rng.random() < 0.5:
            self.write("conditions", json.dumps({"airlock": 1, "kind": "conditions"} | some.conditions))
            words += ["-c", "conditions"]
        else:
            words += ["--nonce", str(some.nonce), "--gas", str(some.gas), "--max-fee", amount(rng, some.fees[0]),
                      "--priority-fee", amount(rng, some.fees[1])]
        outcome = self.tool(tool, words)
        if outcome.returncode == 0 and outcome.stdout == some.expected + "\n":
            return None
        return f"{some.line()}\n{words}\n{outcome.stderr}exit {outcome.returncode}\n{outcome.stdout}\n{some.expected}"


def main() -> int:
    """Runs all; each run has randomness of its own, so that one can be looked at alone."""
    tool, count, seed = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    with tempfile.TemporaryDirectory(prefix="airlock-differential-") as folder:
        runs = []
        for index, first in enumerate(range(0, count, SIZE)):
            path = Path(folder) / str(index)
            path.mkdir()
            rng = random.Random(f"{seed}/{index}")
            runs.append(Run(path, rng, min(SIZE, count - first), index % 5 != 0))
        with ThreadPoolExecutor(2) as pool:
            wrong = [answer for answers in pool.map(lambda run: run.wrong(tool), runs) for answer in answers]
    print(f"differential: {count - len(wrong)} of {count} transfers are eth-account's, byte for byte (seed {seed})")
    for answer in wrong[:3]:
        print(answer)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
