"""Signs random calls of random functions with the tool, as call files with arguments or call data, as unsigned transactions
of each type and as their JSON, one by one and in lines, and compares each raw transaction, byte for byte, with eth-account's
over eth-abi's call data for the same fields and key. Under a policy that lacks one of contract, function, argument and cap
each of them is refused.

usage: calls.py TOOL COUNT SEED
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import rlp
from eth_abi import encode
from eth_account import Account
from eth_utils import keccak, to_checksum_address
from payments import NATIVE, address, coin, number, shown
from transfers import CHAINS, MOST
from values import typed, written

SIZE = 25
RULES = {
    "contract": "policy.called-contract-not-listed", "function": "policy.function-not-listed",
    "argument": "policy.argument-not-allowed", "cap": "policy.over-call-value", "kind": "policy.kind",
}


def quantity(value: int) -> str:
    """A number as JSON-RPC writes it."""
    return hex(value)


class Call:
    """One call: its fields, how it is asked for, and what must come out."""

    def __init__(self, rng: random.Random, index: int, payer: bytes, nonce: int) -> None:
        self.rng = rng
        self.chain = rng.choice(CHAINS)
        self.to = address(rng)
        self.nonce = nonce
        self.gas = rng.choice([2**24, rng.randint(2**22, 2**24)])
        priority = number(rng, 60)
        self.fees = [priority + number(rng, 60), priority]
        self.value = rng.choice([0, 0, number(rng, 128, 1)])
        members = [typed(rng, 2) for _ in range(rng.randint(0, 4))]
        # A last argument that is an amount, which the policy says is taken.
        members.append(("uint256", lambda: number(rng, 200)))
        names = [name for name, _ in members]
        name = "".join(rng.choice("abcdefghijklmnopqrstuvwxyzABC_") for _ in range(rng.randint(1, 12)))
        self.signature = f"{name}({','.join(names)})"
        values = [make() for _, make in members]
        self.arguments = written(values)
        self.taken = values[-1]
        self.data = keccak(text=self.signature)[:4] + encode(names, values)
        self.token = address(rng)
        self.reference = rng.choice([None, f"call {index}"])
        self.sender = Account.from_key(payer).address
        self.form = rng.choice(["arguments", "arguments", "data", "type 2", "type 1", "type 0", "json"])
        if self.form in ("type 0", "type 1"):
            self.fees[1] = self.fees[0]
        self.request = self.made()
        self.conditions = {
            "chainId": str(self.chain), "sender": self.sender, "nonce": str(nonce), "gas": str(self.gas),
            "maxFeePerGas": str(self.fees[0]), "maxPriorityFeePerGas": str(self.fees[1]),
        }
        self.expected = "0x" + Account.sign_transaction({
            "type": 2, "chainId": self.chain, "nonce": nonce, "to": to_checksum_address(self.to), "value": self.value,
            "gas": self.gas, "maxFeePerGas": self.fees[0], "maxPriorityFeePerGas": self.fees[1], "data": self.data,
        }, payer).raw_transaction.hex().removeprefix("0x")

    def made(self) -> Any:
        """The call in its form: a file's members, or a text."""
        rng = self.rng
        if self.form == "json":
            members = {
                "chainId": quantity(self.chain), "to": shown(rng, self.to), "value": quantity(self.value),
                "nonce": quantity(self.nonce), "gas": quantity(self.gas), "maxFeePerGas": quantity(self.fees[0]),
                "maxPriorityFeePerGas": quantity(self.fees[1]), rng.choice(["data", "input"]): "0x" + self.data.hex(),
            }
            return dict(rng.sample(list(members.items()), len(members)))
        if self.form.startswith("type"):
            common = [self.gas, self.to, self.value, self.data]
            if self.form == "type 0":
                return "0x" + rlp.encode([self.nonce, self.fees[0], *common, self.chain, 0, 0]).hex()
            if self.form == "type 1":
                return "0x01" + rlp.encode([self.chain, self.nonce, self.fees[0], *common, []]).hex()
            return "0x02" + rlp.encode([self.chain, self.nonce, self.fees[1], self.fees[0], *common, []]).hex()
        members = {
            "airlock": 1, "kind": "call", "chainId": str(self.chain), "to": shown(rng, self.to), "value": str(self.value),
        }
        if self.form == "data":
            members["data"] = "0x" + self.data.hex()
        else:
            members |= {"function": self.signature, "arguments": self.arguments}
        if rng.random() < 0.5:
            members["from"] = self.sender
        if self.reference:
            members["reference"] = self.reference
        return dict(rng.sample(list(members.items()), len(members)))

    @property
    def has_reference(self) -> bool:
        """Does the file hold it itself?"""
        return self.form in ("arguments", "data")

    def line(self) -> str:
        """The call as a line of a batch."""
        members: dict[str, Any] = {"request": self.request, "conditions": self.conditions}
        if not self.has_reference and self.reference:
            members["reference"] = self.reference
        return json.dumps(members)

    def rules(self, without: str | None = None) -> dict[str, Any]:
        """What a policy must say of it, without one thing."""
        last = str(len(self.arguments) - 1)
        function: dict[str, Any] = {"arguments": {last: [str(self.taken)]}, "maxValue": str(self.value)}
        function["spends"] = {"token": to_checksum_address(self.token), "argument": last}
        if without == "argument":
            function["arguments"][last] = [str(self.taken + 1)]
        if without == "cap":
            del function["maxValue"]
        functions = {} if without == "function" else {self.signature: function}
        contract = address(self.rng) if without == "contract" else self.to
        calls = {to_checksum_address(contract): {"name": "a contract", "functions": functions}}
        rules = {
            "recipients": {},
            "currencies": {to_checksum_address(NATIVE): coin(True), to_checksum_address(self.token): coin(False)},
            "maxNativeValue": str(MOST), "maxNetworkFee": str(MOST), "calls": calls,
        }
        if without == "kind":
            del rules["calls"]
        return {"airlock": 1, "kind": "policy", "chains": {str(self.chain): rules}}


class Run:
    """Some calls of one key, each under its own policy or all under one."""

    def __init__(self, folder: Path, rng: random.Random, count: int, by_lines: bool) -> None:
        self.folder = folder
        self.by_lines = by_lines
        self.payer = rng.randbytes(32)
        nonces: set[int] = set()
        while len(nonces) < count:
            nonces.add(rng.choice([number(rng, 63), rng.randint(2**64 - 1000, 2**64 - 2)]))
        mixed = rng.sample(sorted(nonces), count)
        self.calls = [Call(rng, index, self.payer, nonce) for index, nonce in enumerate(mixed)]
        self.write("key", self.payer.hex(), 0o600)

    def write(self, name: str, text: str, mode: int = 0o644) -> None:
        path = self.folder / name
        path.write_text(text, newline="")
        path.chmod(mode)

    def policy(self, calls: list[Call]) -> None:
        """One policy for all of them."""
        chains: dict[str, Any] = {}
        for some in calls:
            for chain, rules in some.rules()["chains"].items():
                kept = chains.setdefault(chain, rules)
                if kept is not rules:
                    kept["calls"] |= rules["calls"]
                    kept["currencies"] |= rules["currencies"]
        self.write("policy.json", json.dumps({"airlock": 1, "kind": "policy", "chains": chains}))

    def tool(self, tool: str, words: list[str], given: str = "") -> subprocess.CompletedProcess[str]:
        """Runs the tool in a session of its own."""
        return subprocess.run(
            [tool, "sign", *words, "-k", "key", "--policy", "policy.json"], cwd=self.folder,
            env={"HOME": str(self.folder)}, input=given, capture_output=True, text=True, timeout=120,
            start_new_session=True, check=False)

    def wrong(self, tool: str) -> list[str]:
        """Signs all; says which of them is another than eth-account's, or is signed where it must not be."""
        lacking = [answer for some in self.calls if (answer := self.refused(tool, some))]
        if not self.by_lines:
            return lacking + [answer for some in self.calls if (answer := self.single(tool, some))]
        self.policy(self.calls)
        outcome = self.tool(tool, ["--lines"], "".join(some.line() + "\n" for some in self.calls))
        lines = outcome.stdout.splitlines()
        if len(lines) != len(self.calls):
            return [f"{outcome.stderr}exit {outcome.returncode}\n{outcome.stdout}"] * len(self.calls)
        return lacking + [
            f"{some.line()}\n{line}\n{some.expected}" for some, line in zip(self.calls, lines)
            if json.loads(line).get("raw") != some.expected
        ]

    def single(self, tool: str, some: Call) -> str | None:
        """Signs one, with conditions or, where the transaction says all itself, without."""
        self.policy([some])
        self.write("request", some.request + "\n" if isinstance(some.request, str) else json.dumps(some.request))
        words = ["request", "--yes", "--raw"]
        if not some.has_reference and some.reference:
            words += ["--reference", some.reference]
        if some.has_reference or some.rng.random() < 0.5:
            self.write("conditions", json.dumps({"airlock": 1, "kind": "conditions"} | some.conditions))
            words += ["-c", "conditions"]
        outcome = self.tool(tool, words)
        if outcome.returncode == 0 and outcome.stdout == some.expected + "\n":
            return None
        return f"{some.line()}\n{words}\n{outcome.stderr}exit {outcome.returncode}\n{outcome.stdout}\n{some.expected}"

    def refused(self, tool: str, some: Call) -> str | None:
        """Signs one under a policy that lacks something it needs."""
        for lack, rule in RULES.items():
            if lack == "cap" and some.value == 0:
                continue
            self.write("policy.json", json.dumps(some.rules(lack)))
            outcome = self.tool(tool, ["--lines"], some.line() + "\n")
            answer = json.loads(outcome.stdout or "{}")
            codes = [error["code"] for error in answer.get("errors", [answer.get("error", {})]) if error]
            if outcome.returncode != 10 or rule not in codes:
                return f"without {lack}: {some.line()}\n{outcome.stderr}exit {outcome.returncode}\n{outcome.stdout}"
        return None


def main() -> int:
    """Runs all; each run has randomness of its own, so that one can be looked at alone."""
    tool, count, seed = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    with tempfile.TemporaryDirectory(prefix="airlock-differential-") as folder:
        runs = []
        for index, first in enumerate(range(0, count, SIZE)):
            path = Path(folder) / str(index)
            path.mkdir()
            rng = random.Random(f"{seed}/calls/{index}")
            runs.append(Run(path, rng, min(SIZE, count - first), index % 4 != 0))
        with ThreadPoolExecutor(2) as pool:
            wrong = [answer for answers in pool.map(lambda run: run.wrong(tool), runs) for answer in answers]
    print(f"differential: {count - len(wrong)} of {count} calls are eth-account's, byte for byte (seed {seed})")
    for answer in wrong[:3]:
        print(answer)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
