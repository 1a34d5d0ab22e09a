"""A chain, somebody who signs, and the relay that serves the page: the programs as they were built."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
ZERO = "0x" + "0" * 40


class Chain:
    """Tests/Devnet in a process of its own."""

    def __init__(self, *more: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "Tests/Devnet"), "start", *more], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout
        self.said: dict[str, Any] = json.loads(self.process.stdout.readline())
        self.url: str = self.said["url"]

    def close(self) -> None:
        """Ends it."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()

    def call(self, method: str, *parameters: Any) -> Any:
        """What the node answers."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()
        request = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as response:
            answer = json.load(response)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        return answer["result"]

    def token_balance(self, account: str) -> int:
        """How much an account has of the chain's USDC."""
        data = "0x70a08231" + "0" * 24 + account[2:]
        return int(self.call("eth_call", {"to": self.said["token"], "data": data}, "latest"), 16)


class Workspace:
    """A folder with a key, a policy and the tools."""

    def __init__(self, binaries: Path, chain: Chain) -> None:
        self.chain = chain
        self.binaries = binaries
        self.scratch = tempfile.TemporaryDirectory(prefix="airlock-workspace-")
        self.folder = Path(self.scratch.name)
        self.nonce = 0
        self.begin()
        self.file("key", chain.said["payer"]["key"][2:], 0o600)
        currencies = {
            address: {"symbol": symbol, "decimals": str(decimals), "perPayment": "1000000"}
            for address, symbol, decimals in ((ZERO, "ETH", 18), (chain.said["token"], "USDC", 6))
        }
        self.file("policy.json", json.dumps({"airlock": 1, "kind": "policy", "chains": {str(chain.said["chainId"]): {
            "recipients": {chain.said["merchant"]: "Shop"}, "currencies": currencies,
            "maxNativeValue": "1000000000000000000", "maxNetworkFee": "10000000000000000",
        }}}), 0o600)

    def begin(self) -> None:
        """Takes the chain's own word for the next nonce."""
        payer = self.chain.said["payer"]["address"]
        self.nonce = int(self.chain.call("eth_getTransactionCount", payer, "latest"), 16)

    def close(self) -> None:
        """Removes the folder."""
        self.scratch.cleanup()

    def file(self, name: str, text: str, mode: int = 0o644) -> Path:
        """A file in the folder."""
        path = self.folder / name
        path.write_text(text)
        path.chmod(mode)
        return path

    def tool(self, name: str, *arguments: str, **settings: str) -> str:
        """What a tool puts out when all goes well."""
        environment = self.environment() | settings
        run = subprocess.run([str(self.binaries / name), *arguments], cwd=self.folder, env=environment,
                             stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        assert run.returncode == 0, f"{name} {arguments}: {run.stderr}"
        return run.stdout

    def environment(self) -> dict[str, str]:
        """Nothing of the user's own."""
        own = str(self.folder)
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": own, "XDG_STATE_HOME": own,
                "XDG_CONFIG_HOME": own}

    def payment(
        self, name: str, amount: int = 1_050_000, reference: str | None = None, *more: str, is_sent: bool = True
    ) -> Path:
        """A signed transfer of the chain's USDC, with the next nonce, or a late one where it is never sent."""
        nonce = self.nonce if is_sent else self.nonce + 1000
        said = self.chain.said
        request = {
            "airlock": 1, "kind": "transfer", "chainId": str(said["chainId"]), "to": said["merchant"],
            "token": said["token"], "amount": str(amount), "reference": reference or name,
        }
        conditions = {
            "airlock": 1, "kind": "conditions", "chainId": str(said["chainId"]), "sender": said["payer"]["address"],
            "nonce": str(nonce), "gas": "100000", "maxFeePerGas": "2000000000",
            "maxPriorityFeePerGas": "1000000",
            "token": {"address": said["token"], "symbol": "USDC", "decimals": "6", "balance": "1000000000"},
        }
        self.file("request.json", json.dumps(request))
        self.file("conditions.json", json.dumps(conditions))
        # Without a memory of what it signed before: its ledger would refuse what was never sent.
        with tempfile.TemporaryDirectory() as state:
            self.tool("airlock", "sign", "request.json", "-c", "conditions.json", "-k", "key", "--policy",
                      "policy.json", "--yes", "-o", name, *more, XDG_STATE_HOME=state)
        self.nonce += is_sent
        return self.folder / name

    @staticmethod
    def code(path: Path) -> str:
        """The comparison code of a payment file."""
        return str(json.loads(path.read_text())["code"])


class Relay:
    """`airlock-relay run --listen`, which can be stopped and started again at the same place."""

    def __init__(self, workspace: Workspace, journal: str = "journal.sqlite") -> None:
        self.workspace = workspace
        self.journal = journal
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}/"
        self.process: subprocess.Popen[bytes] | None = None
        self.log = workspace.folder / f"{journal}.log"

    def start(self) -> Relay:
        """Starts it unless it runs, and waits until it answers."""
        if self.process:
            return self
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.workspace.binaries / "airlock-relay"), "run", "--listen", self.host, "--journal", self.journal,
                 "--rpc", self.workspace.chain.url], cwd=self.workspace.folder, env=self.workspace.environment(),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(self.url, timeout=10):
                    return self
            except (OSError, urllib.error.URLError) as error:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise AssertionError(f"the relay does not answer: {error}\n{self.log.read_text()}") from error
                time.sleep(0.05)

    def stop(self) -> None:
        """Ends it as systemd does."""
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=60)
            self.process = None

    def ask(self, path: str) -> Any:
        """What its interface answers."""
        with urllib.request.urlopen(self.url + path, timeout=60) as response:
            return json.load(response)

    def send(self, path: Path) -> None:
        """Sends a payment by the command, beside the service, and waits until it has settled."""
        self.workspace.tool("airlock-relay", "send", path.name, "--yes", "--rpc", self.workspace.chain.url, "--journal",
                       self.journal)

    def multiply(self, count: int) -> None:
        """Writes many settled payments into the journal, all with the transactions of the first one."""
        database = sqlite3.connect(self.workspace.folder / self.journal, timeout=60)
        columns = [row[1] for row in database.execute("PRAGMA table_info(payments)")]
        values = ", ".join(
            {"id": "(SELECT max(id) FROM payments) + n", "state": "'settled'",
             "code": "substr('0000' || n, -4) || '-0000-00000000'",
             "recorded_at": "strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-' || (4 * n) || ' minutes')",
             "changed_at": "strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-' || (4 * n - 1) || ' minutes')",
             "ended_at": "strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-' || (4 * n - 1) || ' minutes')"}.get(name, name)
            for name in columns)
        with database:
            first = database.execute("SELECT min(id), max(id) FROM payments").fetchone()
            counted = f"WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {count})"
            database.execute(f"{counted} INSERT INTO payments ({', '.join(columns)}) "
                             f"SELECT {values} FROM counted, payments WHERE payments.id = ?", (first[0],))
            database.execute("INSERT INTO steps SELECT payments.id, position, role, rung, hash FROM payments, steps "
                             "WHERE payments.id > ? AND steps.payment = ?", (first[1], first[0]))
        database.close()
