"""Signs random messages with the tool and compares each signature, byte for byte, with eth-account's: typed data of
random types, permits that are understood (EIP-2612, EIP-3009, Permit2), and texts. Each is refused under every policy that
lacks one of what it needs: the domain, the type, the currency, the spender, the cap, or that texts may be signed.

usage: messages.py TOOL COUNT SEED
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
from eth_account.messages import encode_defunct, encode_typed_data
from eth_utils import to_checksum_address
from payments import number
from signed import Structs

CHAINS = [1, 10, 137, 8453, 42161, 31337]
PERMIT2 = "0x000000000022D473030F116dDEE9F6B43aC78BA3"
NOW = 1_773_131_449


def members(text: str) -> list[dict[str, str]]:
    """The members of a type, out of its declaration."""
    return [dict(zip(("type", "name"), part.split(" "), strict=True)) for part in text.split(",")]


DOMAIN = members("string name,uint256 chainId,address verifyingContract")
TYPES = {
    "Permit": "address owner,address spender,uint256 value,uint256 nonce,uint256 deadline",
    "TransferWithAuthorization":
        "address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce",
    "PermitSingle": "PermitDetails details,address spender,uint256 sigDeadline",
    "PermitDetails": "address token,uint160 amount,uint48 expiration,uint48 nonce",
    "PermitTransferFrom": "TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline",
    "TokenPermissions": "address token,uint256 amount",
}


class Message:
    """One message: what is signed, the policies that allow and refuse it, and the signature that must come out."""

    def __init__(self, rng: random.Random, key: bytes) -> None:
        self.owner = Account.from_key(key).address
        kind = rng.random()
        if kind < 0.15:
            self.text(rng)
        elif kind < 0.5:
            self.permit(rng)
        else:
            self.random(rng)
        signed = Account.sign_message(self.signable, key)
        self.expected = "0x" + bytes(signed.signature).hex()

    def text(self, rng: random.Random) -> None:
        """A text of several words."""
        words = ["I agree:", "\u00e9\u4e2d\U0001f4b0", "line\nend", "tab\there", "z" * rng.randint(1, 30)]
        self.content = "Please sign: " + " ".join(rng.choices(words, k=rng.randint(0, 8)))
        if len(self.content.encode()) == 32:  # refused: it could be a hash
            self.content += "."
        self.signable = encode_defunct(text=self.content)
        self.allowed = policy({}, text=True)
        self.refused = [(policy({}), "message.text-not-allowed")]

    def typed(self, message: dict[str, Any], chain: int | None, rules: dict[str, Any]) -> None:
        """Typed data, and the policy that lists them."""
        self.content = json.dumps(message)
        self.signable = encode_typed_data(full_message=message)
        pin = {
            "domainSeparator": "0x" + self.signable.header.hex().removeprefix("0x"),
            "types": [message["primaryType"]], "name": "test",
        }
        rules = {"messages": [pin]} | rules
        self.allowed = policy({chain or 1: rules})
        others = [{"messages": []}, {"messages": [pin | {"types": ["Other"]}]},
                  {"messages": [pin | {"domainSeparator": "0x" + "11" * 32}]}]
        self.refused = [(policy({chain or 1: rules | other}), "message.not-pinned") for other in others]
        if chain:
            self.refused.append((policy({99: rules}), "policy.chain-not-listed"))

    def random(self, rng: random.Random) -> None:
        """A message of types that nobody knows."""
        structs = Structs(rng)
        domain = structs.value("EIP712Domain", 0)
        if "chainId" in domain:
            domain["chainId"] = rng.choice(CHAINS)
        message = {"types": structs.types, "primaryType": "T0", "domain": domain, "message": structs.value("T0", 0)}
        self.typed(message, domain.get("chainId"), {})

    def permit(self, rng: random.Random) -> None:
        """A message that lets another take a token."""
        token, spender = (to_checksum_address(rng.randbytes(20)) for _ in range(2))
        amount, nonce = number(rng, 100, 1) + 1, number(rng, 40)
        until, chain = NOW + rng.randint(0, 10**6), rng.choice(CHAINS)
        name = rng.choice(["Permit", "TransferWithAuthorization", "PermitSingle", "PermitTransferFrom"])
        inner = {"PermitSingle": ["PermitDetails"], "PermitTransferFrom": ["TokenPermissions"]}.get(name, [])
        types = {"EIP712Domain": DOMAIN} | {each: members(TYPES[each]) for each in [name, *inner]}
        values: dict[str, Any] = {
            "Permit": {
                "owner": self.owner, "spender": spender, "value": str(amount), "nonce": str(nonce),
                "deadline": str(until)},
            "TransferWithAuthorization": {
                "from": self.owner, "to": spender, "value": str(amount), "validAfter": "0",
                "validBefore": str(until + 1), "nonce": "0x" + rng.randbytes(32).hex()},
            "PermitSingle": {
                "details": {
                    "token": token, "amount": str(amount), "expiration": str(until), "nonce": str(nonce)},
                "spender": spender, "sigDeadline": str(until)},
            "PermitTransferFrom": {
                "permitted": {"token": token, "amount": str(amount)}, "spender": spender, "nonce": str(nonce),
                "deadline": str(until)},
        }[name]
        is_permit2 = bool(inner)
        domain = {
            "name": "Permit2" if is_permit2 else "Token", "chainId": chain,
            "verifyingContract": PERMIT2 if is_permit2 else token}
        rules = {
            "recipients": {spender: "Shop"},
            "currencies": {token: {"symbol": "TOK", "decimals": "0", "perPayment": str(amount)}},
        }
        message = {"types": types, "primaryType": name, "domain": domain, "message": values}
        self.typed(message, chain, rules)
        if is_permit2:
            # The domain of Permit2 is known: these need no entry.
            self.refused = [entry for entry in self.refused if entry[1] != "message.not-pinned"]
        for changed, code in [
            ({"recipients": {}}, "policy.recipient-not-listed"), ({"currencies": {}}, "policy.currency-not-listed"),
            ({"currencies": {token: {"symbol": "TOK", "decimals": "0", "perPayment": str(amount - 1)}}},
             "policy.over-payment-cap"),
        ]:
            altered = copy.deepcopy(self.allowed)
            altered["chains"][str(chain)] |= changed
            self.refused.append((altered, code))


def policy(chains: dict[int, Any], text: bool = False) -> dict[str, Any]:
    """A policy with rules for some chains."""
    return {"airlock": 1, "kind": "policy", "chains": {str(chain): rules for chain, rules in chains.items()},
            "text": text}


def check(tool: str, folder: Path, index: int, seed: str) -> str | None:
    """Signs one, and tries every policy that must refuse it; says what is wrong."""
    rng = random.Random(f"{seed} {index}")
    key = rng.randbytes(32)
    message = Message(rng, key)
    home = folder / str(index)
    home.mkdir()
    (home / "key.hex").write_text(key.hex())
    (home / "key.hex").chmod(0o600)
    (home / "message").write_bytes(message.content.encode())

    def run(rules: dict[str, Any], *words: str) -> subprocess.CompletedProcess[str]:
        (home / "policy.json").write_text(json.dumps(rules))
        return subprocess.run(
            [tool, "sign", "message", "-k", "key.hex", "--policy", "policy.json", "--now", "2026-03-10T08:30:49Z",
             "--yes", *words], cwd=home, env={"HOME": str(home)}, capture_output=True, text=True, check=False)

    for rules, code in message.refused:
        outcome = run(rules, "--json")
        found = json.loads(outcome.stdout or "{}")
        errors = found.get("errors", [found.get("error", {})])
        if outcome.returncode != 10 or code not in [error.get("code") for error in errors]:
            return f"message {index} is not refused with {code}: {outcome.stdout}{outcome.stderr}"
    outcome = run(message.allowed, "--raw")
    if outcome.stdout.strip() != message.expected:
        return f"message {index} is {outcome.stdout}{outcome.stderr}, not {message.expected}"
    again = run(message.allowed, "--raw")
    if again.stdout != outcome.stdout:
        return f"message {index} is another the second time: {again.stdout}{again.stderr}"
    lines = (home / ".local/state/airlock/ledger.jsonl").read_text().splitlines()
    return None if len(lines) == 1 else f"message {index} has {len(lines)} entries in the ledger"


def main() -> int:
    """Checks them all, some at a time."""
    tool, count, seed = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(4) as pool:
        wrong = [
            each for each in pool.map(lambda index: check(tool, Path(folder), index, seed), range(count)) if each]
    for sentence in wrong:
        print(f"seed {seed}: {sentence}", file=sys.stderr)
    print(f"differential: {count - len(wrong)} of {count} messages (seed {seed})")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
