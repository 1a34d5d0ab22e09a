"""A node that answers at once, for payments that it knows beforehand: what takes long is then the relay.

It reads what the payments are from FILE, prints one line of JSON with its address, and ends with its standard input. A
transaction is mined as soon as it comes and those before it have come; with --no-mining
it waits for ever. GET says how many requests and questions it has answered, and how many seconds of a processor that
took.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import sys
import threading
import time

CHAIN = 8453
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
BLOCK_SECONDS = 0.25


class Chain:
    """What there is to send, and what was sent."""

    def __init__(self, path: str, mining: bool) -> None:
        self.mining = mining
        self.begin = time.time()
        self.by_raw: dict[str, dict[str, object]] = {}
        self.by_hash: dict[str, dict[str, object]] = {}
        self.sent: dict[tuple[str, int], str] = {}
        self.next: dict[str, int] = {}
        self.receipts: dict[str, dict[str, object]] = {}
        with open(path) as lines:
            for line in lines:
                self.know(json.loads(line))

    def know(self, payment: dict[str, object]) -> None:
        """Takes in one payment of one transaction, a transfer of a token."""
        self.by_raw[payment["raw"]] = self.by_hash[payment["hash"]] = payment
        self.next.setdefault(payment["sender"], 0)

    def number(self) -> int:
        """The number of the last block."""
        return 1 + int((time.time() - self.begin) / BLOCK_SECONDS)

    def hash(self, number: int) -> str:
        """The hash of a block."""
        return "0x" + hashlib.sha256(b"block %d" % number).hexdigest()

    def mine(self, sender: str) -> None:
        """Mines what the sender has sent without a gap."""
        while self.mining and (sender, self.next[sender]) in self.sent:
            known = self.by_hash[self.sent[sender, self.next[sender]]]
            self.next[sender] += 1
            number = self.number()
            block = {"transactionHash": known["hash"], "blockHash": self.hash(number), "blockNumber": hex(number)}

            def word(address: str) -> str:
                return "0x" + address[2:].rjust(64, "0")

            log = {
                **block, "address": known["token"], "topics": [TRANSFER, word(sender), word(known["to"])],
                "data": f"0x{known['amount']:064x}", "logIndex": "0x0", "removed": False}
            self.receipts[known["hash"]] = {
                **block, "from": sender, "to": known["token"], "status": "0x1", "gasUsed": "0xc350",
                "effectiveGasPrice": "0x5f5e100", "logs": [log]}

    def answer(self, call: dict[str, object]) -> dict[str, object]:
        """One answer of JSON-RPC."""
        method, parameters = call["method"], call.get("params", [])
        head = {"jsonrpc": "2.0", "id": call["id"]}
        if method == "eth_sendRawTransaction":
            known = self.by_raw.get(parameters[0])
            if known is None:
                return {**head, "error": {"code": -32000, "message": "unknown transaction"}}
            self.sent[known["sender"], known["nonce"]] = known["hash"]
            self.mine(known["sender"])
            return {**head, "result": known["hash"]}
        if method == "eth_getTransactionReceipt":
            return {**head, "result": self.receipts.get(parameters[0])}
        if method == "eth_getTransactionCount":
            sender = parameters[0].lower()
            count = self.next.get(sender, 0)
            while parameters[1] == "pending" and (sender, count) in self.sent:
                count += 1
            return {**head, "result": hex(count)}
        if method == "eth_getBlockByNumber":
            number = self.number() if parameters[0] == "latest" else int(parameters[0], 16)
            return {**head, "result": {
                "number": hex(number), "hash": self.hash(number), "parentHash": self.hash(number - 1),
                "timestamp": hex(int(self.begin + number * BLOCK_SECONDS)), "baseFeePerGas": "0x5f5e100",
                "gasLimit": "0x1c9c380"}}
        if method == "eth_getTransactionByHash":
            known = self.by_hash[parameters[0]]
            if self.sent.get((known["sender"], known["nonce"])) is None:
                return {**head, "result": None}
            receipt = self.receipts.get(known["hash"], {})
            return {**head, "result": {
                "hash": known["hash"], "from": known["sender"], "nonce": hex(known["nonce"]),
                "blockNumber": receipt.get("blockNumber")}}
        if method == "eth_chainId":
            return {**head, "result": hex(CHAIN)}
        return {**head, "error": {"code": -32601, "message": f"the method {method} does not exist"}}


class Connection(asyncio.Protocol):
    """HTTP as far as the relay speaks it: requests with a length, one after the other."""

    requests = 0
    questions = 0

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remembers where answers go."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answers each request that is whole."""
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].lower()
            length = 0
            if (place := head.find(b"content-length:")) >= 0:
                length = int(head[place + 15:].split(b"\r\n", 1)[0])
            if len(self.buffer) < end + 4 + length:
                return
            body, self.buffer = self.buffer[end + 4:end + 4 + length], self.buffer[end + 4 + length:]
            self.write(self.answer(body) if head.startswith(b"post") else self.figures())

    def answer(self, body: bytes) -> object:
        """What a question, or a batch of them, is answered with."""
        asked = json.loads(body)
        calls = asked if isinstance(asked, list) else [asked]
        Connection.requests += 1
        Connection.questions += len(calls)
        answers = [self.chain.answer(call) for call in calls]
        return answers if isinstance(asked, list) else answers[0]

    def figures(self) -> object:
        """What it has done so far."""
        return {
            "requests": self.requests, "questions": self.questions, "seconds": time.process_time(),
            "sent": len(self.chain.sent), "mined": len(self.chain.receipts)}

    def write(self, answer: object) -> None:
        """Sends one document."""
        text = json.dumps(answer, separators=(",", ":")).encode()
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(text) + text)


async def serve(chain: Chain) -> None:
    """Listens until the parent is gone."""
    server = await asyncio.get_running_loop().create_server(lambda: Connection(chain), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"url": f"http://127.0.0.1:{port}"}), flush=True)
    await server.serve_forever()


def main() -> None:
    """Serves what the files hold."""
    parser = argparse.ArgumentParser(prog="node.py", description=__doc__)
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--no-mining", action="store_true")
    options = parser.parse_args()
    chain = Chain(options.file, not options.no_mining)

    def end() -> None:
        while os.read(0, 4096):
            pass
        os._exit(0)

    threading.Thread(target=end, daemon=True).start()
    asyncio.run(serve(chain))


if __name__ == "__main__":
    sys.exit(main())
