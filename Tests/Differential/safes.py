"""Signs random Safe transactions with the tool and compares each signature, byte for byte, with eth-account's signature of
the same typed data. Each is refused where a field of it is altered, and under policies that lack what it needs. Each is
approved too, by a transaction of an owner's account and by that of a Safe that owns the other, and the Safe signs a text.

usage: safes.py TOOL COUNT SEED
"""

from __future__ import annotations

import copy
import json
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak, to_checksum_address
from messages import members, policy

ZERO = "0x" + "00" * 20
BATCHES = "0x9641d764fc13c8B624c04430C7356C1C7C8102e2"
VERSIONS = ["0.1.0", "1.0.0", "1.1.1", "1.2.0", "1.3.0", "1.3.0+L2", "1.4.1", "1.5.0"]
FIELDS = (
    "address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 {},uint256 gasPrice,"
    "address gasToken,address refundReceiver,uint256 nonce"
)


def word(value: int | str) -> bytes:
    """One word of the ABI."""
    return (int(value, 16) if isinstance(value, str) else value).to_bytes(32, "big")


class Transaction:
    """One transaction: the service's answer, its policy, what must come out, and what must be refused."""

    def __init__(self, rng: random.Random, key: bytes) -> None:
        self.rng = rng
        self.chain = rng.choice([1, 10, 137, 8453, 42161])
        self.version = rng.choice(VERSIONS)
        self.safe, self.token, self.payee = (to_checksum_address(rng.randbytes(20)) for _ in range(3))
        others = [Account.from_key(rng.randbytes(32)) for _ in range(3)]
        calls = [self.call() for _ in range(rng.choice([1, 1, 2, 5, 40]))]
        self.native = sum(call[1] for call in calls)
        self.tokens = sum(call[3] for call in calls)
        if len(calls) == 1:
            (to, value, data, _), operation = calls[0], 0
        else:
            packed = b"".join(
                b"\0" + bytes.fromhex(to[2:]) + word(value) + word(len(data)) + data for to, value, data, _ in calls)
            padding = b"\0" * (-len(packed) % 32)
            data = bytes.fromhex("8d80ff0a") + word(32) + word(len(packed)) + packed + padding
            to, value, operation = BATCHES, 0, 1
        self.fields: dict[str, Any] = {
            "to": to, "value": value, "data": "0x" + data.hex(), "operation": operation,
            "safeTxGas": rng.choice([0, 0, 50000]), "baseGas": 0, "gasPrice": 0, "gasToken": ZERO,
            "refundReceiver": ZERO, "nonce": rng.randint(0, 2**20)}
        signable = self.typed_data()
        digest = keccak(b"\x19\x01" + signable.header + signable.body)
        self.expected = "0x" + bytes(Account.sign_message(signable, key).signature).hex()
        is_v1 = rng.random() < 0.5
        confirmations = []
        for other in others[: rng.randint(0, 3)]:
            signature = bytes(Account.sign_message(signable, other.key).signature)
            if rng.random() < 0.5:
                text = keccak(b"\x19Ethereum Signed Message:\n32" + digest)
                signature = bytes(Account.unsafe_sign_hash(text, other.key).signature)
                signature = signature[:64] + bytes([signature[64] + 4])
            confirmations.append({"owner": other.address, "signature": "0x" + signature.hex()})
        numbers = ("safeTxGas", "baseGas", "nonce")
        self.json = {
            "safe": self.safe, "safeTxHash": "0x" + digest.hex(), "isExecuted": False,
            "confirmationsRequired": 2, "dataDecoded": {"method": "lies"}, "confirmations": confirmations,
        } | {
            name: field if name == "operation" or is_v1 and name in numbers or not isinstance(field, int)
            else str(field) for name, field in self.fields.items()}
        owners = {owner.address: "owner" for owner in others} | {Account.from_key(key).address: "me"}
        self.rules: dict[str, Any] = {
            "recipients": {self.payee: "payee"},
            "currencies": {
                "0x0": {"symbol": "ETH", "decimals": "18", "perPayment": self.amount(self.native)},
                self.token: {"symbol": "TOK", "decimals": "0", "perPayment": str(max(self.tokens, 1))}},
            "maxNativeValue": str(self.native),
            "safes": {self.safe: {
                "name": "Treasury", "version": self.version, "owners": owners, "threshold": "2",
                "delegateCalls": [BATCHES]}},
        }

    @staticmethod
    def amount(wei: int) -> str:
        """An amount of native currency, as the policy has it."""
        return f"{wei // 10**18}.{wei % 10**18:018}"

    def call(self) -> tuple[str, int, bytes, int]:
        """A payment: to, value, data, and how many tokens it moves."""
        amount = self.rng.randint(1, 2 ** self.rng.randint(1, 80))
        if self.rng.random() < 0.5:
            return self.payee, amount, b"", 0
        return self.token, 0, bytes.fromhex("a9059cbb") + word(self.payee) + word(amount), amount

    def typed_data(self) -> Any:
        """What the owners sign."""
        parts = tuple(int(part) for part in self.version.split("+", maxsplit=1)[0].split("."))
        names_chain = parts >= (1, 3, 0)
        gas = "dataGas" if parts < (1, 0, 0) else "baseGas"
        domain: dict[str, Any] = {"chainId": self.chain} if names_chain else {}
        return encode_typed_data(full_message={
            "types": {
                "EIP712Domain": members(("uint256 chainId," if names_chain else "") + "address verifyingContract"),
                "SafeTx": members(FIELDS.format(gas))},
            "primaryType": "SafeTx", "domain": domain | {"verifyingContract": self.safe},
            "message": {gas if name == "baseGas" else name: value for name, value in self.fields.items()}})

    def approvals(self, key: bytes) -> list[tuple[list[str], dict[str, Any], str]]:
        """What is typed for an approval by account and by a Safe, under which policy, and what must come out."""
        rng = self.rng
        approval = bytes.fromhex("d4d9bdcd") + bytes.fromhex(self.json["safeTxHash"][2:])
        nonce, gas, fee, tip = (rng.randint(0, 2**20), rng.randint(50_000, 100_000), rng.randint(2, 10**9), rng.randint(0, 1))
        signed = Account.sign_transaction({
            "type": 2, "chainId": self.chain, "nonce": nonce, "gas": gas, "maxFeePerGas": fee,
            "maxPriorityFeePerGas": tip, "to": self.safe, "value": 0, "data": approval}, key)
        by_account = [
            "--approve-hash", "--nonce", str(nonce), "--gas", str(gas), "--max-fee", f"{fee}wei", "--priority-fee",
            f"{tip}wei"]
        own = self.rules["safes"][self.safe]
        capped = self.rules | {"maxNetworkFee": str(10**18)}
        # The same eyes for another Safe: the transaction that approves is one of the owner's.
        other = copy.copy(self)
        other.version, other.safe = rng.choice(VERSIONS), to_checksum_address(rng.randbytes(20))
        other.fields = {
            "to": self.safe, "value": 0, "data": "0x" + approval.hex(), "operation": 0, "safeTxGas": 0, "baseGas": 0,
            "gasPrice": 0, "gasToken": ZERO, "refundReceiver": ZERO, "nonce": rng.randint(0, 2**20)}
        owners = {Account.from_key(key).address: "me"}
        both = self.rules | {"safes": {
            self.safe: own | {"owners": own["owners"] | {other.safe: "a Safe"}},
            other.safe: {"name": "Owner", "version": other.version, "owners": owners, "threshold": "1"}}}
        by_safe = ["--approve-hash", "--owner-safe", other.safe, "--safe-nonce", str(other.fields["nonce"])]
        return [
            (by_account, capped, "0x" + bytes(signed.raw_transaction).hex()),
            (by_safe, both, "0x" + bytes(Account.sign_message(other.typed_data(), key).signature).hex())]

    def message(self, text: str, key: bytes) -> str:
        """The signature of a text as the Safe's message."""
        parts = tuple(int(part) for part in self.version.split("+", maxsplit=1)[0].split("."))
        names_chain = parts >= (1, 3, 0)
        domain: dict[str, Any] = {"chainId": self.chain} if names_chain else {}
        inner = keccak(f"\x19Ethereum Signed Message:\n{len(text.encode())}{text}".encode())
        signable = encode_typed_data(full_message={
            "types": {
                "EIP712Domain": members(("uint256 chainId," if names_chain else "") + "address verifyingContract"),
                "SafeMessage": members("bytes message")},
            "primaryType": "SafeMessage", "domain": domain | {"verifyingContract": self.safe},
            "message": {"message": inner}})
        return "0x" + bytes(Account.sign_message(signable, key).signature).hex()

    def altered(self) -> list[tuple[dict[str, Any], dict[str, Any], str]]:
        """The transaction and the policy, one of them changed, and the code that must be among the refusals."""
        some = "0x" + "11" * 20
        changes: list[tuple[dict[str, Any], str]] = [
            ({"to": some}, "safe.other-hash"), ({"nonce": str(self.fields["nonce"] + 1)}, "safe.other-hash"),
            ({"data": "0x1122334455"}, "safe.other-hash"), ({"value": str(self.fields["value"] + 1)}, "safe.other-hash"),
            ({"operation": 1 - self.fields["operation"]}, "safe.other-hash"), ({"safeTxGas": "7"}, "safe.other-hash"),
            ({"baseGas": "1"}, "safe.refund-base-gas"), ({"gasPrice": "1"}, "safe.refund-gas-price"),
            ({"gasToken": some}, "safe.refund-gas-token"), ({"refundReceiver": some}, "safe.refund-receiver"),
            ({"to": some, "operation": 1}, "safe.delegate-call"), ({"safe": some}, "policy.safe-not-listed"),
            ({"safeTxHash": "0x" + "22" * 32}, "safe.other-hash"),
        ]
        if self.json["confirmations"]:
            first = copy.deepcopy(self.json["confirmations"])
            first[0]["owner"] = self.payee
            changes.append(({"confirmations": first}, "safe.confirmation-of-another"))
            changes.append(({"confirmations": first}, "safe.confirmation-not-of-an-owner"))
        cases = [(self.json | change, self.rules, code) for change, code in changes]
        own = self.rules["safes"][self.safe]
        for change, code in [
            ({"recipients": {}}, "policy.recipient-not-listed"), ({"safes": {}}, "policy.safe-not-listed"),
            ({"currencies": {}}, "policy.currency-not-listed"),
            ({"safes": {self.safe: own | {"firstNonce": str(self.fields["nonce"] + 1)}}}, "safe.nonce-used"),
            ({"safes": {self.safe: own | {"owners": {some: "a", self.payee: "b"}}}}, "safe.key-not-an-owner"),
        ]:
            cases.append((self.json, self.rules | change, code))
        if self.native:
            cases.append((self.json, self.rules | {"maxNativeValue": str(self.native - 1)}, "policy.over-native-cap"))
        if self.fields["operation"] == 1:
            cases.append((self.json, self.rules | {"safes": {self.safe: own | {"delegateCalls": []}}}, "safe.delegate-call"))
        other = "1.1.1" if self.version[:3] not in ("1.0", "1.1", "1.2") else "1.4.1"
        cases.append((self.json, self.rules | {"safes": {self.safe: own | {"version": other}}}, "safe.other-hash"))
        return self.rng.sample(cases, 4)


def check(tool: str, folder: Path, index: int, seed: str) -> str | None:
    """Signs one, and tries some of what must be refused; says what is wrong."""
    rng = random.Random(f"{seed} {index}")
    key = rng.randbytes(32)
    transaction = Transaction(rng, key)
    home = folder / str(index)
    home.mkdir()
    (home / "key.hex").write_text(key.hex())
    (home / "key.hex").chmod(0o600)

    def run(content: dict[str, Any], rules: dict[str, Any], *words: str) -> subprocess.CompletedProcess[str]:
        (home / "policy.json").write_text(json.dumps(policy({transaction.chain: rules})))
        (home / "tx.json").write_text(json.dumps(content))
        return subprocess.run(
            [tool, "sign", "tx.json", "-k", "key.hex", "--policy", "policy.json", "--now", "2026-03-10T08:30:49Z",
             "--yes", *words], cwd=home, env={"HOME": str(home)}, capture_output=True, text=True, check=False)

    for content, rules, code in transaction.altered():
        outcome = run(content, rules, "--json")
        found = json.loads(outcome.stdout or "{}")
        errors = found.get("errors", [found.get("error", {})])
        if outcome.returncode != 10 or code not in [error.get("code") for error in errors]:
            return f"transaction {index} is not refused with {code}: {outcome.stdout}{outcome.stderr}"
    outcome = run(transaction.json, transaction.rules, "--raw")
    if outcome.stdout.strip() != transaction.expected:
        return f"transaction {index} is {outcome.stdout}{outcome.stderr}, not {transaction.expected}"
    again = run(transaction.json, transaction.rules, "--raw")
    if again.stdout != outcome.stdout:
        return f"transaction {index} is another the second time: {again.stdout}{again.stderr}"
    lines = (home / ".local/state/airlock/ledger.jsonl").read_text().splitlines()
    if len(lines) != 1:
        return f"transaction {index} has {len(lines)} entries in the ledger"
    for words, rules, expected in transaction.approvals(key):
        outcome = run(transaction.json, rules, "--raw", *words)
        if outcome.stdout.strip() != expected:
            return f"approval {index} by {words} is {outcome.stdout}{outcome.stderr}, not {expected}"
    text = "some words " + "".join(rng.choices("abcdefgh ijk\n", k=rng.randint(1, 80)))
    if len(text) == 32:  # refused: it could be a hash
        text += "."
    (home / "text.txt").write_text(text)
    (home / "policy.json").write_text(json.dumps(policy({transaction.chain: transaction.rules}) | {"text": True}))
    outcome = subprocess.run(
        [tool, "sign", "text.txt", "--safe", transaction.safe, "-k", "key.hex", "--policy", "policy.json", "--yes", "--raw"],
        cwd=home, env={"HOME": str(home)}, capture_output=True, text=True, check=False)
    expected = transaction.message(text, key)
    return None if outcome.stdout.strip() == expected else f"message {index} is {outcome.stdout}{outcome.stderr}"


def main() -> int:
    """Checks them all, some at a time."""
    tool, count, seed = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(4) as pool:
        wrong = [
            each for each in pool.map(lambda index: check(tool, Path(folder), index, seed), range(count)) if each]
    for sentence in wrong:
        print(f"seed {seed}: {sentence}", file=sys.stderr)
    print(f"differential: {count - len(wrong)} of {count} Safe transactions (seed {seed})")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
