"""The pictures of the manual: the page on a workspace and on a phone, beside a journal with the payments of a month.

The payments are signed by the real tool, for tokens of the real Base; only when they were sent and mined is made up.
"""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

from browser import Browser
from relay import ROOT, ZERO, Chain, Workspace, Relay

USDC = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
SENDER = "0x5CbDd86a2FA8Dc4bDdd8a8f69dBa48572EeC07FB"
NODES = ("https://base-mainnet.example", "https://rpc.example.org")


def make(binaries: Path, folder: Path) -> None:
    """Writes `page-desk.png` and `page-phone.png` into a folder."""
    chain = Chain("--chain-id", "8453", "--no-automine")
    try:
        workspace = Workspace(binaries.resolve(), chain)
        try:
            relay = Relay(workspace)
            relay.start()
            relay.stop()
            write(workspace.folder / relay.journal, sign(workspace, 64))
            relay.start()
            try:
                take(relay, folder)
            finally:
                relay.stop()
        finally:
            workspace.close()
    finally:
        chain.close()


def take(relay: Relay, folder: Path) -> None:
    """Looks at the page, and keeps what is seen."""
    browser = Browser("--hide-scrollbars")
    try:
        for name, scheme, width, height, scale, place, ready in (
            ("page-desk", "light", 1200, 820, 1, "#/", "#rows tr"),
            ("page-phone", "dark", 390, 780, 1.5, "#/payment/61", "#timeline li"),
        ):
            browser.scheme(scheme)
            browser.size(width, height, scale)
            browser.open(relay.url + place)
            browser.wait_text("#live", "Live")
            browser.wait_for(ready)
            browser.driver.save_screenshot(str(folder / f"{name}.png"))
    finally:
        browser.close()


def sign(workspace: Workspace, count: int) -> list[dict[str, str]]:
    """Transfers to a few recipients, in USDC and in native currency: hash, raw transaction, nonce and reference."""
    chance = random.Random(7)
    key = (ROOT / "docs/example/key.hex").read_text()
    workspace.file("example.hex", key, 0o600)
    people = ["0x" + chance.randbytes(20).hex() for _ in range(6)]
    currencies = {address: {"symbol": symbol, "decimals": decimals, "perPayment": "1000000"}
                  for address, symbol, decimals in ((ZERO, "ETH", "18"), (USDC, "USDC", "6"))}
    workspace.file("pictures.json", json.dumps({"airlock": 1, "kind": "policy", "chains": {"8453": {
        "recipients": {address: "Somebody" for address in people}, "currencies": currencies,
        "maxNativeValue": "10000000000000000000", "maxNetworkFee": "1000000000000000000",
    }}}), 0o600)
    facts = {"token": {"address": USDC, "symbol": "USDC", "decimals": "6", "balance": str(10**15)}}
    lines = []
    for number in range(count):
        is_token = chance.random() < 0.8
        cents = chance.choice([12_50, 99_00, 480_00, 1_250_00, 7_320_50, 18_400_00]) + chance.randrange(0, 100_00)
        request = {
            "airlock": 1, "kind": "transfer", "chainId": "8453", "to": chance.choice(people),
            "amount": str(cents * 10**4 if is_token else cents * 10**12),
            "reference": f"invoice 2026-{number + 81:03}", **({"token": USDC} if is_token else {}),
        }
        conditions = {
            "chainId": "8453", "sender": SENDER, "nonce": str(number + 7), "gas": "65000",
            "maxFeePerGas": "30000000", "maxPriorityFeePerGas": "1000000", **(facts if is_token else {}),
        }
        lines.append({"request": request, "conditions": conditions})
    run = subprocess.run(
        [str(workspace.binaries / "airlock"), "sign", "--lines", "--policy", "pictures.json", "-k", "example.hex", "--yes"],
        cwd=workspace.folder, env=workspace.environment(), input="".join(json.dumps(line) + "\n" for line in lines),
        capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    return [{"hash": answer["hash"], "raw": answer["raw"], "nonce": line["conditions"]["nonce"],
             "reference": line["request"]["reference"]} for answer, line in zip(answers, lines, strict=True)]


def write(path: Path, payments: list[dict[str, str]]) -> None:
    """Writes a history of the payments into a journal: the last ones are still open, and one failed."""
    chance = random.Random(11)
    now = datetime.now(timezone.utc)
    database = sqlite3.connect(path)

    def insert(table: str, **values: object) -> int | None:
        places = ", ".join("?" * len(values))
        statement = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})"
        return database.execute(statement, (*values.values(),)).lastrowid

    with database:
        for index, payment in enumerate(payments):
            place = len(payments) - 1 - index
            began = now - timedelta(hours=11 * place * (0.9 + 0.2 * chance.random()), minutes=2 + 3 * place)
            state = {0: "sent", 1: "sent", 9: "reverted", 23: "cancelled"}.get(place, "settled")
            mined = 2.5 + 5 * chance.random()
            received, asked, answered, seen, ended = (
                (began + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
                for seconds in (0, 0.4, 0.9, mined, mined + 2))
            is_open = state == "sent"
            number = insert(
                "payments", code=code(chance), chain_id="8453", sender=SENDER, charge_id=payment["reference"],
                method="transfer", state=state, recorded_at=received, changed_at=answered if is_open else ended,
                ended_at=None if is_open else ended)
            own = {"hash": payment["hash"]}
            insert("transactions", **own, nonce=payment["nonce"], raw=payment["raw"])
            insert("steps", payment=number, position=0, role="pay", rung="0", **own)
            for node, answer in zip(NODES, ("taken", "node.already-known"), strict=True):
                insert("attempts", **own, node=node, asked_at=asked, answered_at=answered, answer=answer,
                       meaning="taken")
            states = [("recorded", received), ("sent", answered)]
            if not is_open:
                states += [("mined", seen), (state, ended)]
                insert("receipts", **own, block_number=str(38_000_000 + index * 20_000),
                       block_hash="0x" + chance.randbytes(32).hex(), succeeded=int(state != "reverted"),
                       gas_used="46109", effective_gas_price=str(6_000_000 + chance.randrange(9_000_000)), seen_at=seen)
            for name, moment in states:
                insert("transitions", payment=number, state=name, at=moment)
    database.close()


def code(chance: random.Random) -> str:
    """Something that looks like a comparison code."""
    return "-".join("".join(chance.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=4)) for _ in range(3))
