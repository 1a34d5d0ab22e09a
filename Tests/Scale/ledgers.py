"""Measures `sign` of a folder and `sign --lines` beside ledgers of several sizes: seconds of the processors and the peak
of memory.

The requests are transfers and charges in turn. Each ledger is measured without an index, as the first run finds it,
and with the index that the first run has left. What grows faster than requests and entries do shows in the columns.

usage: ledgers.py TOOL [--requests N,N,…] [--entries N,N,…] [--kind mixed|transfers|charges] [--ways folder,lines,review]
       [--figures FILE.json]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from eth_keys import keys
from eth_utils import keccak, to_checksum_address

from machine import machine

CHAIN = 8453
NOW = "2026-03-10T08:30:49Z"
EXPIRES = "2026-03-11T08:30:49Z"
DEADLINE = 1_773_217_849
CONTRACT = bytes.fromhex("03059433bcdb6144624cc2443159d9445c32b7a8")
SHOP = bytes.fromhex("5ea054aeea285ebc3a92ecb1f722f44304f72581")
USDC = bytes.fromhex("833589fcd6edb6e08f4c7c32d4f71b54bda02913")
PREFIX = b"K2 Informational Message: 32 "
PAYER = keys.PrivateKey(bytes([0x33] * 32))
OPERATOR = keys.PrivateKey(bytes([0x22] * 32))


def shown(address: bytes) -> str:
    """An address as Airlock writes it."""
    return to_checksum_address(address)


def of(key: keys.PrivateKey) -> bytes:
    """The address of a key."""
    return key.public_key.to_canonical_address()


def entries(count: int) -> bytes:
    """A ledger of so many payments, each by another nonce and with another reference, long ago."""
    previous = bytes(32)
    lines = []
    payer, token, shop = shown(of(PAYER)), shown(USDC), shown(SHOP)
    for number in range(count):
        def some(text: str) -> str:
            return "0x" + keccak(text=f"{text} {number}").hex()

        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_740_000_000 + number * 10))
        line = json.dumps({
            "airlock": 1, "kind": "ledger", "subject": "payment", "previous": "0x" + previous.hex(), "time": moment,
            "claimedTime": moment, "chainId": str(CHAIN), "from": payer,
            "request": {"kind": "transfer", "key": some("key"), "reference": f"invoice {number}"}, "recipient": shop,
            "spends": [{"currency": token, "amount": "1050000"}], "policyHash": "0x" + bytes(32).hex(),
            "transactions": [{
                "role": "pay", "nonce": str(number), "signingHash": some("signed"), "hash": some("hash")}],
        }, separators=(",", ":")).encode()
        previous = keccak(line)
        lines.append(line + b"\n")
    return b"".join(lines)


def transfer(number: int) -> dict[str, object]:
    """A transfer of the token to the shop."""
    return {
        "airlock": 1, "kind": "transfer", "chainId": str(CHAIN), "from": shown(of(PAYER)), "to": shown(SHOP),
        "token": shown(USDC), "amount": "1050000", "reference": f"order {number}", "expires": EXPIRES}


def charge(number: int) -> dict[str, object]:
    """A charge in the token."""
    identifier = number.to_bytes(16, "big")
    words = [1_039_500, DEADLINE, SHOP, USDC, of(PAYER), 10_500, identifier, of(OPERATOR), CHAIN, of(PAYER), CONTRACT]
    packed = b"".join(word.to_bytes(32, "big") if isinstance(word, int) else word for word in words)
    vrs = OPERATOR.sign_msg_hash(keccak(PREFIX + keccak(packed)))
    signature = vrs.r.to_bytes(32, "big") + vrs.s.to_bytes(32, "big") + bytes([27 + vrs.v])
    intent = {
        "metadata": {"chain_id": CHAIN, "contract_address": shown(CONTRACT), "sender": shown(of(PAYER))},
        "call_data": {
            "recipient_amount": "1039500", "deadline": EXPIRES, "recipient": shown(SHOP),
            "recipient_currency": shown(USDC), "refund_destination": shown(of(PAYER)), "fee_amount": "10500",
            "id": "0x" + identifier.hex(), "operator": shown(of(OPERATOR)), "signature": "0x" + signature.hex(),
            "prefix": "0x" + PREFIX.hex()}}
    return {"data": {
        "id": f"charge-{number}", "created_at": "2026-01-01T00:00:00Z", "expires_at": "2026-04-01T00:00:00Z",
        "web3_data": {"transfer_intent": intent}}}


def request(kind: str, number: int) -> dict[str, object]:
    """A request of a kind, or of both in turn."""
    return charge(number) if kind == "charges" or kind == "mixed" and number % 2 else transfer(number)


def policy() -> dict[str, object]:
    """What allows all of it."""
    currencies = {
        shown(USDC): {"symbol": "USDC", "decimals": "6", "perPayment": "100", "perDay": "1000000000"},
        "0x0": {"symbol": "ETH", "decimals": "18", "perPayment": "0.01"}}
    return {"airlock": 1, "kind": "policy", "chains": {str(CHAIN): {
        "contracts": [shown(CONTRACT)], "operators": [shown(of(OPERATOR))], "recipients": {shown(SHOP): "Example shop"},
        "currencies": currencies, "maxNetworkFee": "10000000000000000"}}}


def conditions(nonce: int) -> dict[str, object]:
    """What was measured for one payment, or the first of many."""
    return {
        "airlock": 1, "kind": "conditions", "chainId": str(CHAIN), "sender": shown(of(PAYER)), "nonce": str(nonce),
        "gas": "180000", "maxFeePerGas": "30000000", "maxPriorityFeePerGas": "1000000",
        "nativeBalance": "5000000000000000000000",
        "token": {"address": shown(USDC), "symbol": "USDC", "decimals": "6", "balance": "5000000000000"},
        "approval": {"spender": shown(CONTRACT), "allowance": "2000000000000", "resetFirst": False}}


def measure(words: list[str], folder: Path, standard_input: Path | None) -> tuple[float, float]:
    """Seconds of the processors, which other processes change little, and the peak in megabytes."""
    with open(standard_input or os.devnull, "rb") as source, open(folder / "out", "wb") as out:
        child = subprocess.Popen(words, cwd=folder, stdin=source, stdout=out, stderr=out)
        # Not what wait4 says: that is at least what this process held when it started the other.
        peak = 0
        while os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
            status = Path(f"/proc/{child.pid}/status").read_text()
            peak = max([peak] + [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")])
            time.sleep(0.01)
        _, ending, used = os.wait4(child.pid, 0)
    if ending != 0:
        sys.exit(f"{' '.join(words)}\n{(folder / 'out').read_bytes()[-2000:].decode(errors='replace')}")
    return used.ru_utime + used.ru_stime, peak / 1000


def main() -> None:
    """Prints a row for each number of requests, each size of the ledger and each way to sign."""
    parser = argparse.ArgumentParser(prog="ledgers.py", description=__doc__)
    parser.add_argument("tool")
    parser.add_argument("--requests", default="1000,2500,5000")
    parser.add_argument("--entries", default="1000,10000,100000")
    parser.add_argument("--kind", default="mixed", choices=["mixed", "transfers", "charges"])
    parser.add_argument("--ways", default="folder,lines,review")
    parser.add_argument("--figures", help="a JSON file for the growth; Benchmarks/charts.py draws it")
    options = parser.parse_args()
    times: list[tuple[str, int, int, list[float]]] = []
    tool = str(Path(options.tool).resolve())
    print(f"{'way':8} {'requests':>8} {'entries':>8} {'first run':>18} {'with its index':>18}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "key").write_text(PAYER.to_bytes().hex())
        (folder / "key").chmod(0o600)
        (folder / "policy.json").write_text(json.dumps(policy()))
        for size in map(int, options.entries.split(",")):
            old = entries(size)
            for count in map(int, options.requests.split(",")):
                for way in options.ways.split(","):
                    times.append((way, count, size, row(tool, folder, old, size, count, way, options.kind)))
    if options.figures:
        Path(options.figures).write_text(json.dumps({**machine(), "growth": growth(times)}))


def growth(times: list[tuple[str, int, int, list[float]]]) -> list[dict[str, object]]:
    """The curves of a chart: the time by requests with the shortest ledger, and by entries with the fewest requests.

    The second run finds a ledger that the first has made longer by its requests.
    """
    least, shortest = min(count for _, count, _, _ in times), min(size for _, _, size, _ in times)
    by_requests: dict[str, list[list[float]]] = {}
    by_entries: dict[str, list[list[float]]] = {}
    for way, count, size, (first, second) in times:
        if way != "review" and size == shortest:
            by_requests.setdefault(way, []).append([count, first * 1e9])
        if way == "lines" and count == least:
            by_entries.setdefault("lines, first run", []).append([size, first * 1e9])
            by_entries.setdefault("lines, with its index", []).append([size + count, second * 1e9])
    curves = [
        (f"Processor time by requests, ledger of {shortest} entries", "requests", by_requests),
        (f"Processor time by entries of the ledger, {least} requests", "entries", by_entries)]
    return [
        {"name": name, "unit": unit, "series": [{"name": way, "points": points} for way, points in series.items()]}
        for name, unit, series in curves if series]


def row(tool: str, folder: Path, old: bytes, size: int, count: int, way: str, kind: str) -> list[float]:
    """Returns the seconds of two runs. Measures twice: with the ledger alone, and with the index that the first run left, and other requests."""
    ledger = folder / "ledger.jsonl"
    ledger.write_bytes(old)
    ledger.chmod(0o600)
    shutil.rmtree(f"{ledger}.index", ignore_errors=True)
    common = [tool, "sign", "-k", "key", "--policy", "policy.json", "--ledger", ledger.name, "--now", NOW, "--yes"]
    cells, times = [], []
    for run in range(2):
        begin = 10_000_000 + run * count
        nonce = size + run * count
        lines = None
        if way == "lines":
            lines = folder / "lines.jsonl"
            with open(lines, "w") as file:
                for number in range(count):
                    some = request(kind, begin + number)
                    member = "charge" if "data" in some else "request"
                    json.dump({member: some, "conditions": conditions(nonce + number)}, file, separators=(",", ":"))
                    file.write("\n")
            words = common[:-1] + ["--lines"]
        else:
            requests = folder / "requests"
            for old_folder in (requests, folder / "payments"):
                shutil.rmtree(old_folder, ignore_errors=True)
            requests.mkdir()
            for number in range(1 if way == "review" else count):
                (requests / f"{number:08}.json").write_text(json.dumps(request(kind, begin + number)))
            (folder / "conditions.json").write_text(json.dumps(conditions(nonce)))
            words = common[:2] + ["requests", "-c", "conditions.json", "-o", "payments"] + common[2:]
            if way == "review":
                words = [tool, "review", "requests/00000000.json", "-c", "conditions.json"] + common[4:-1]
        seconds, peak = measure(words, folder, lines)
        times.append(seconds)
        cells.append(f"{seconds:8.2f} s {peak:5.0f} MB")
    print(f"{way:8} {count:8} {size:8} {cells[0]:>18} {cells[1]:>18}", flush=True)
    return times


if __name__ == "__main__":
    main()
