"""The proxy on a loopback port: it passes requests on, and picks some of them for a fault."""

from __future__ import annotations

import json
import random
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from faulty.exchange import Answer, Exchange, Gone, Memory
from faulty.faults import FAULTS


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Proxy

    def do_GET(self) -> None:
        """How often each thing was done."""
        self._write(Answer(json.dumps(self.server.done).encode()))

    def do_POST(self) -> None:
        """A request to the node, and whatever becomes of it."""
        try:
            self._write(self.server.answer(self.rfile.read(int(self.headers["Content-Length"]))))
        except (Gone, OSError):
            self._hang_up()

    def _write(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body[: answer.cut_at])
        if answer.cut_at is not None:
            raise Gone

    def _hang_up(self) -> None:
        self.close_connection = True
        try:
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: stderr belongs to the tests."""


class Proxy(ThreadingHTTPServer):
    """Stands before a node; any port that is free."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, upstream: str, seed: str, rate: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.done = {"pass": 0} | {fault.__name__: 0 for fault, _, _ in FAULTS}
        self._upstream = upstream.removeprefix("http://").rstrip("/")
        self._seed = seed
        self._rate = rate
        self._count = 0
        self._memory = Memory()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where to send requests."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that is killed is no news."""

    def answer(self, body: bytes) -> Answer:
        """What comes back for a request; its place in the order of all requests decides what happens to it."""
        with self._lock:
            self._count += 1
            chance = random.Random(f"{self._seed}/{self._count}")
        exchange = Exchange(body, self._upstream, chance, self._memory)
        if chance.random() >= self._rate:
            self._note("pass")
            return Answer(exchange.forward())
        fitting = [(fault, weight) for fault, weight, fits in FAULTS if fits(exchange)]
        fault = chance.choices([each for each, _ in fitting], [weight for _, weight in fitting])[0]
        self._note(fault.__name__)
        return fault(exchange)

    def _note(self, name: str) -> None:
        with self._lock:
            self.done[name] += 1
