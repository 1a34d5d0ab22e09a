"""Measures relays against a node that answers at once: payments a second with one relay and with three, the memory of one
that follows many, and how long one takes to begin beside a journal with many payments that have ended.

It prints a table, and writes the payments a second as JSON to the file that --figures names.

usage: fleet.py AIRLOCK RELAY [--payments N] [--senders N] [--ended N] [--seconds N] [--only NAME,…] [--stores NAME,…] [--figures FILE.json]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from eth_keys import keys

from machine import machine

ROOT = Path(__file__).resolve().parents[2]
CHAIN = 8453
USDC = "0x833589fcd6edb6e08f4c7c32d4f71b54bda02913"
SHOP = "0x5ea054aeea285ebc3a92ecb1f722f44304f72581"
# How many payments a file of the inbox holds.
FILE_SIZE = 200
TICKS = os.sysconf("SC_CLK_TCK")


class Payments:
    """Signed transfers of a token by many senders, as files for an inbox."""

    def __init__(self, airlock: str, folder: Path, count: int, senders: int) -> None:
        self.files: list[str] = []
        self.known = folder / "known.jsonl"
        (folder / "policy.json").write_text(json.dumps({"airlock": 1, "kind": "policy", "chains": {str(CHAIN): {
            "contracts": [], "operators": [], "recipients": {SHOP: "Shop"},
            "currencies": {USDC: {"symbol": "USDC", "decimals": "6", "perPayment": "100"},
                           "0x0": {"symbol": "ETH", "decimals": "18", "perPayment": "0.01"}},
            "maxNetworkFee": "10000000000000000"}}}))
        with open(self.known, "w") as known:
            for number in range(senders):
                own = range(count // senders + (1 if number < count % senders else 0))
                if own:
                    self.sign(airlock, folder, number, len(own), known)

    def sign(self, airlock: str, folder: Path, number: int, count: int, known: object) -> None:
        """Signs the payments of one sender, by a key that everybody knows."""
        key = keys.PrivateKey((number + 1).to_bytes(32, "big"))
        sender = key.public_key.to_address()
        (folder / "key").write_text(key.to_bytes().hex())
        (folder / "key").chmod(0o600)
        lines = "".join(json.dumps({
            "request": {"airlock": 1, "kind": "transfer", "chainId": str(CHAIN), "to": SHOP, "token": USDC,
                        "amount": str(1000 + nonce), "reference": f"sender {number}, payment {nonce}"},
            "conditions": {
                "chainId": str(CHAIN), "sender": key.public_key.to_checksum_address(), "nonce": str(nonce),
                "gas": "100000", "maxFeePerGas": "2000000000", "maxPriorityFeePerGas": "1000000",
                "token": {"address": USDC, "symbol": "USDC", "decimals": "6", "balance": "1000000000"}}}) + "\n"
            for nonce in range(count))
        shutil.rmtree(folder / "state", ignore_errors=True)
        signed = subprocess.run(
            [airlock, "sign", "--lines", "--policy", "policy.json", "-k", "key", "--yes"], cwd=folder, input=lines,
            capture_output=True, text=True, check=False, env={"HOME": str(folder), "XDG_STATE_HOME": f"{folder}/state"})
        if signed.returncode != 0:
            sys.exit(f"airlock sign: {signed.stdout[-500:]} {signed.stderr[-500:]}")
        answers = signed.stdout.splitlines(keepends=True)
        for nonce, answer in enumerate(answers):
            said = json.loads(answer)
            known.write(json.dumps({
                "raw": said["raw"], "hash": said["hash"], "sender": sender, "nonce": nonce, "token": USDC, "to": SHOP,
                "amount": 1000 + nonce}) + "\n")
        self.files += ["".join(answers[at:at + FILE_SIZE]) for at in range(0, len(answers), FILE_SIZE)]


class Service:
    """A program of Python that says where it is, and ends with its standard input."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.said = json.loads(self.process.stdout.readline())

    def end(self) -> None:
        """Lets it end."""
        self.process.stdin.close()
        self.process.wait()


class Server(Service):
    """A server of PostgreSQL, whose transactions last as those of a real one do."""

    def __init__(self) -> None:
        super().__init__(str(ROOT / "Tests/PostgreSQL"), "fsync=on")
        folder = self.said["folder"]
        self.address = f"postgresql://relay@{folder.replace('/', '%2F')}:{self.said['port']}/postgres"
        self.parent = int(Path(folder, "data/postmaster.pid").read_text().split()[0])

    def run(self, sql: str) -> None:
        """Runs statements."""
        psql = sorted(Path("/usr/lib/postgresql").glob("*/bin/psql"))[-1]
        subprocess.run([psql, "-qX", "-o", "/dev/null", "-v", "ON_ERROR_STOP=1", self.address, "-f", "-"], input=sql, text=True, check=True)

    def seconds(self) -> float:
        """Of the processors, by all its processes that are there."""
        children = Path(f"/proc/{self.parent}/task/{self.parent}/children").read_text().split()
        return sum(seconds(int(child)) for child in [str(self.parent), *children])


def seconds(process: int) -> float:
    """Of the processors that a process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Relay:
    """A relay that runs as a service."""

    def __init__(self, program: str, folder: Path, number: int, journal: str, node: str) -> None:
        self.inbox = folder / f"inbox-{number}"
        self.inbox.mkdir(exist_ok=True)
        self.log = open(folder / f"log-{number}", "w+")
        self.begin = time.monotonic()
        self.ended = 0
        self.process = subprocess.Popen(
            [program, "run", "--inbox", str(self.inbox), "--journal", journal, "--rpc", node, "--log", "json"],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log.fileno(),
            env={"HOME": str(folder), "XDG_STATE_HOME": f"{folder}/state"})
        self.reader = open(folder / f"log-{number}")
        self.took = 0.0
        while not self.took:
            time.sleep(0.005)
            if '"event":"began"' in self.reader.readline():
                self.took = time.monotonic() - self.begin
            elif self.process.poll() is not None:
                sys.exit(Path(self.log.name).read_text()[-1000:])

    def drop(self, name: str, text: str) -> None:
        """A file by rename."""
        (self.inbox / f".{name}").write_text(text)
        (self.inbox / f".{name}").rename(self.inbox / name)

    def look(self) -> int:
        """How many payments have ended since it began."""
        self.ended += self.reader.read().count('"event":"ended"')
        return self.ended

    def status(self, name: str) -> float:
        """A figure of its memory, in megabytes."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1000

    def end(self) -> None:
        """Asks it to end, and waits."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def figures(node: Service) -> dict[str, float]:
    """What the node has done."""
    import urllib.request
    with urllib.request.urlopen(node.said["url"]) as answer:
        return json.load(answer)


def rate(relay: str, folder: Path, payments: Payments, count: int, relays: int, server: Server | None) -> dict[str, float]:
    """From the first file in an inbox to the last payment's end."""
    node = Service(str(ROOT / "Tests/Scale/node.py"), str(payments.known))
    journal = server.address if server else str(folder / "journal.sqlite")
    all_relays = [Relay(relay, folder, number, journal, node.said["url"]) for number in range(relays)]
    before = (server.seconds() if server else 0, [seconds(one.process.pid) for one in all_relays])
    begin = time.monotonic()
    for number, text in enumerate(payments.files):
        all_relays[number % relays].drop(f"{number}.jsonl", text)
    settled, last = 0, begin
    while settled < count:
        time.sleep(0.05)
        now = sum(one.look() for one in all_relays)
        if now > settled:
            settled, last = now, time.monotonic()
        if time.monotonic() - last > 120:
            sys.exit(f"only {settled} of {count} payments have ended")
    took = last - begin
    done = figures(node)
    result = {
        "rate": count / took, "seconds": took, "node": done["seconds"], "requests": done["requests"],
        "questions": done["questions"],
        "relays": sum(seconds(one.process.pid) for one in all_relays) - sum(before[1]),
        "server": server.seconds() - before[0] if server else 0, "peak": max(one.status("VmHWM") for one in all_relays)}
    for one in all_relays:
        one.end()
    node.end()
    return result


# A journal's tables with payments that have ended, each of one transaction that was sent once and mined.
ENDED = """
INSERT INTO transactions (hash, nonce, raw) SELECT {hash}, n, '{raw}' FROM {numbers};
INSERT INTO payments (id, code, chain_id, sender, charge_id, intent_id, method, state, recorded_at, changed_at, ended_at)
    SELECT n, 'code ' || n, '8453', '0x' || substr({hash}, 3, 38) || n % 50 + 10, 'payment ' || n, {hash}, 'transfer',
        'settled', {time}, {time}, {time} FROM {numbers};
INSERT INTO steps (payment, position, role, rung, hash) SELECT n, 0, 'pay', NULL, {hash} FROM {numbers};
INSERT INTO attempts (id, hash, node, asked_at, answered_at, answer, meaning)
    SELECT n, {hash}, 'https://node.example', {time}, {time}, 'taken', 'taken' FROM {numbers};
INSERT INTO receipts (id, hash, block_number, block_hash, succeeded, gas_used, effective_gas_price, seen_at)
    SELECT n, {hash}, n, {hash}, 1, '50000', '100000000', {time} FROM {numbers};
INSERT INTO transitions (id, payment, state, at) SELECT n, n, 'settled', {time} FROM {numbers};
"""
RAW = "02f8b1" + "ab" * 180


def fill(journal: Path | Server, count: int) -> None:
    """Writes payments that ended long ago into a journal that has none."""
    if isinstance(journal, Server):
        words = {"hash": "'0xe' || lpad(to_hex(n), 63, '0')", "time": "'2026-01-01T00:00:00Z'", "raw": RAW,
                 "numbers": f"generate_series(1, {count}) AS n"}
        numbered = ["payments", "attempts", "receipts", "transitions"]
        journal.run(ENDED.format(**words) + "".join(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {count} + 1);\n" for table in numbered))
        return
    words = {"hash": "'0xe' || printf('%063x', n)", "time": "'2026-01-01T00:00:00Z'", "raw": RAW,
             "numbers": f"(WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < {count}) SELECT n FROM r)"}
    with sqlite3.connect(journal) as database:
        database.executescript("PRAGMA synchronous = OFF; BEGIN;" + ENDED.format(**words) + "COMMIT;")


def follow(
    relay: str, folder: Path, payments: Payments, count: int, ended: int, rest: int, server: Server | None
) -> dict[str, float]:
    """One relay that follows payments which are never mined, beside many that have ended."""
    node = Service(str(ROOT / "Tests/Scale/node.py"), str(payments.known), "--no-mining")
    journal = server.address if server else str(folder / "journal.sqlite")
    subprocess.run([relay, "journal", "migrate", "--journal", journal], check=True, stdout=subprocess.DEVNULL)
    if ended:
        fill(server or folder / "journal.sqlite", ended)
    one = Relay(relay, folder, 0, journal, node.said["url"])
    for number, text in enumerate(payments.files):
        one.drop(f"{number}.jsonl", text)
    while any(not name.name.startswith(".") and name.is_file() for name in one.inbox.iterdir()):
        time.sleep(0.1)
    taking = one.status("VmHWM")
    one.end()
    one = Relay(relay, folder, 0, journal, node.said["url"])
    begun = json.loads(next(line for line in open(one.log.name) if '"began"' in line))
    if int(begun["open"]) != count:
        sys.exit(f"the relay follows {begun['open']} of {count} payments")
    before, begin = seconds(one.process.pid), time.monotonic()
    time.sleep(rest)
    result = {
        "began": one.took, "taking": taking, "peak": one.status("VmHWM"), "now": one.status("VmRSS"),
        "anonymous": one.status("RssAnon"), "sent": figures(node)["sent"],
        "load": (seconds(one.process.pid) - before) / (time.monotonic() - begin) * 100}
    one.end()
    node.end()
    return result


def main() -> None:
    """Prints a row for each measurement."""
    parser = argparse.ArgumentParser(prog="fleet.py", description=__doc__)
    parser.add_argument("airlock")
    parser.add_argument("relay")
    parser.add_argument("--payments", type=int, default=10_000)
    parser.add_argument("--senders", type=int, default=50)
    parser.add_argument("--ended", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=30, help="how long open payments are followed")
    parser.add_argument("--only", default="rate,follow")
    parser.add_argument("--stores", default="sqlite,postgresql")
    parser.add_argument("--figures", help="a JSON file for the payments a second; Benchmarks/charts.py draws it")
    options = parser.parse_args()
    airlock, relay = (str(Path(tool).resolve()) for tool in (options.airlock, options.relay))
    rates: list[tuple[str, float]] = []
    with tempfile.TemporaryDirectory(prefix="airlock-scale-") as name:
        payments = Payments(airlock, Path(name), options.payments, options.senders)

        def measure(store: str, work: object) -> dict[str, float]:
            server = Server() if store == "postgresql" else None
            try:
                with tempfile.TemporaryDirectory(prefix="airlock-scale-") as own:
                    return work(Path(own), server)
            finally:
                if server:
                    server.end()

        if "rate" in options.only:
            print(f"{options.payments} payments of {options.senders} senders, a node that answers at once")
            print(f"{'store':11} {'relays':>6} {'a second':>9} {'seconds':>8}  processors' seconds: "
                  f"{'relays':>7} {'server':>7} {'node':>7} {'requests':>9} {'peak':>7}")
            for store, relays in [("sqlite", 1), ("postgresql", 1), ("postgresql", 3)]:
                if store in options.stores:
                    found = measure(store, lambda own, server, relays=relays: rate(
                        relay, own, payments, options.payments, relays, server))
                    shown = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[store]
                    rates.append((f"{shown}, {relays} relay{'s' if relays > 1 else ''}", found["rate"]))
                    print(f"{store:11} {relays:6} {found['rate']:9.0f} {found['seconds']:8.1f} {'':21} "
                          f"{found['relays']:7.1f} {found['server']:7.1f} {found['node']:7.1f} "
                          f"{found['requests']:9.0f} {found['peak']:4.0f} MB", flush=True)
        if "follow" in options.only:
            print(f"{options.payments} open payments beside {options.ended} that have ended")
            print(f"{'store':11} {'begins in':>10} {'peak':>8} {'later':>8} {'own':>8} {'sent':>6} {'processor':>9}")
            for store in options.stores.split(","):
                found = measure(store, lambda own, server: follow(
                    relay, own, payments, options.payments, options.ended, options.seconds, server))
                print(f"{store:11} {found['began']:8.2f} s {found['peak']:5.0f} MB {found['now']:5.0f} MB "
                      f"{found['anonymous']:5.0f} MB {found['sent']:6.0f} {found['load']:7.0f} %", flush=True)
    if options.figures and rates:
        Path(options.figures).write_text(json.dumps(
            machine() | {"title": f"Payments a second, {options.payments} payments of {options.senders} senders",
                         "rates": [{"name": name, "rate": rate} for name, rate in rates]}))


if __name__ == "__main__":
    main()
