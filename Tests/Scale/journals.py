"""Measures `status`, `resume`, `journal export` and `journal prune` over a journal of many payments, in SQLite and in
PostgreSQL: seconds and the peak of memory of each command.

One payment in a thousand was reverted, ten are open, and all others are settled; each has two rungs that two nodes were
given. The rows are written by SQL, which takes a minute for a million.

usage: journals.py TOOL [--payments N] [--stores sqlite,postgresql] [--short]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RAW = re.search(r'"raw": ?"(0x02[0-9a-f]+)', (ROOT / "Fixtures/outputs/transferNative.json").read_text()).group(1)
SENDER = "0x5CbDd86a2FA8Dc4bDdd8a8f69dBa48572EeC07FB"
#: The time of a payment, a minute after the one before it, in each dialect.
TIMES = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%SZ', 1700000000 + n * 60, 'unixepoch')",
    "postgresql": """to_char(to_timestamp(1700000000 + n * 60) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')""",
}
HASHES = {"sqlite": "printf('0x%064x', {0})", "postgresql": "'0x' || lpad(to_hex({0}), 64, '0')"}


def statements(store: str, count: int) -> list[str]:
    """What fills an empty journal."""
    series = {
        "sqlite": f"(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) SELECT n FROM s)",
        "postgresql": f"generate_series(1::bigint, {count}) AS s(n)",
    }[store]
    at = TIMES[store]

    def numbered(expression: str) -> str:
        return HASHES[store].format(expression)

    state = f"CASE WHEN n > {count - 10} THEN 'sent' WHEN n % 1000 = 0 THEN 'reverted' ELSE 'settled' END"
    code = {"sqlite": "printf('CODE-%d', n)", "postgresql": "'CODE-' || n"}[store]
    filled = [
        f"""INSERT INTO payments (id, code, chain_id, sender, charge_id, intent_id, method, state, recorded_at, changed_at,
            ended_at) SELECT n, {code}, '8453', '{SENDER}', {code}, {numbered('n')}, 'transferNative', {state}, {at}, {at},
            CASE WHEN n > {count - 10} THEN NULL ELSE {at} END FROM {series}""",
    ]
    for rung in (0, 1):
        own = numbered(f"n * 2 + {rung}")
        filled += [
            f"INSERT INTO transactions SELECT {own}, n, '{RAW}' FROM {series}",
            f"INSERT INTO steps SELECT n, {rung}, 'pay', '{rung}', {own} FROM {series}",
        ]
        filled += [
            f"""INSERT INTO attempts (hash, node, asked_at, answered_at, answer, meaning)
                SELECT {own}, '{node}', {at}, {at}, 'taken', 'taken' FROM {series}""" for node in "ab"]
    filled += [
        f"""INSERT INTO receipts (hash, block_number, block_hash, succeeded, gas_used, effective_gas_price, seen_at)
            SELECT {numbered('n * 2')}, n, {numbered('n')}, 1, '50000', '7', {at} FROM {series} WHERE n <= {count - 10}""",
    ]
    filled += [
        f"INSERT INTO transitions (payment, state, at) SELECT n, '{one}', {at} FROM {series}"
        for one in ("recorded", "sent", "settled")]
    return filled


class SQLite:
    def __init__(self, folder: Path, count: int, tool: str) -> None:
        self.journal = str(folder / "journal.sqlite")
        subprocess.run([tool, "journal", "migrate", "--journal", self.journal], check=True, stdout=subprocess.DEVNULL)
        with sqlite3.connect(self.journal) as connection:
            for statement in statements("sqlite", count):
                connection.execute(statement)
        connection.close()

    def end(self) -> None:
        pass


class PostgreSQL:
    def __init__(self, folder: Path, count: int, tool: str) -> None:
        self.server = subprocess.Popen(
            [sys.executable, str(ROOT / "Tests/PostgreSQL")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        place = json.loads(self.server.stdout.readline())
        host = place["folder"].replace("/", "%2F")
        self.journal = f"postgresql://relay@{host}:{place['port']}/postgres"
        subprocess.run([tool, "journal", "migrate", "--journal", self.journal], check=True, stdout=subprocess.DEVNULL)
        # As text, so that numbers need no cast.
        words = [re.sub(r"SELECT (.*?), n, '0x02", r"SELECT \1, n::text, '0x02", text)
                 for text in statements("postgresql", count)]
        words = [re.sub(r"(receipts .*?SELECT .*?), n,", r"\1, n::text,", text, flags=re.S) for text in words]
        for table in ("payments", "attempts", "receipts", "transitions"):
            words.append(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 0) + 1, false) FROM {table}")
        # The server gathers its figures by itself after a while.
        words.append("ANALYZE")
        subprocess.run(
            ["psql", "-q", "-v", "ON_ERROR_STOP=1", self.journal], input=";\n".join(words) + ";", text=True, check=True,
            stdout=subprocess.DEVNULL)

    def end(self) -> None:
        self.server.stdin.close()
        self.server.wait()


def measure(tool: str, words: list[str], journal: str, folder: Path) -> tuple[float, float, int, int]:
    """Seconds, the peak of memory in MiB, the exit code and how many bytes were written."""
    begin = time.monotonic()
    with open(folder / "out", "wb") as out:
        child = subprocess.Popen(
            [tool, *words, "--journal", journal], stdout=out, stderr=subprocess.DEVNULL, cwd=folder,
            env={**os.environ, "HOME": str(folder), "AIRLOCK_RPC_URL": "http://127.0.0.1:9"})
        _, status, used = os.wait4(child.pid, 0)
    return (time.monotonic() - begin, used.ru_maxrss / 1024, os.waitstatus_to_exitcode(status),
            (folder / "out").stat().st_size)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("tool")
    parser.add_argument("--payments", type=int, default=1_000_000)
    parser.add_argument("--stores", default="sqlite,postgresql")
    parser.add_argument("--short", action="store_true", help="leave out what goes through all payments")
    given = parser.parse_args()
    tool, count = os.path.abspath(given.tool), given.payments
    commands = [
        ["status"], ["status", "--json"], ["status", "--limit", "10"], ["status", "--state", "reverted"],
        ["status", "--state", "sent"], ["status", "--state", "settled", "--state", "reverted"],
        ["status", "--since", "2025-09-01T00:00:00Z"], ["status", "--since", "2023-11-15T00:00:00Z", "--state", "sent"],
        ["status", f"CODE-{count // 2}"], ["status", f"0x{count // 2 * 2:064x}"], ["resume", "--timeout", "1s"],
        ["journal", "prune", "--older-than", "36500d", "--yes"], ["journal", "export"],
        ["journal", "prune", "--older-than", "1d", "--yes"],
    ]
    if given.short:
        commands = [words for words in commands if "export" not in words and "1d" not in words and "settled" not in words]
    for name, store in (("sqlite", SQLite), ("postgresql", PostgreSQL)):
        if name not in given.stores.split(","):
            continue
        with tempfile.TemporaryDirectory() as folder:
            begin = time.monotonic()
            filled = store(Path(folder), count, tool)
            print(f"{name}: {count} payments, filled in {time.monotonic() - begin:.0f} s", flush=True)
            try:
                for words in commands:
                    seconds, memory, code, size = measure(tool, words, filled.journal, Path(folder))
                    print(f"{seconds:8.2f} s {memory:6.0f} MiB {size:12} bytes, exit {code}: {' '.join(words)}", flush=True)
            finally:
                filled.end()


if __name__ == "__main__":
    main()
