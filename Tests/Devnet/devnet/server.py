"""The node on a loopback port, and how it ends: with its parent's pipe, or by SIGTERM."""

from __future__ import annotations

import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from devnet.jsonrpc import Dispatcher


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Header and body leave as two packets: without this the second waits 40 ms for an acknowledgement.
    disable_nagle_algorithm = True
    server: Server

    def do_POST(self) -> None:
        """A JSON-RPC request, whatever the path."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit():
            self.send_error(411)
            return
        answer = self.server.dispatcher.answer(self.rfile.read(int(length)))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: stderr belongs to the tests."""


class Server(ThreadingHTTPServer):
    """JSON-RPC over HTTP on 127.0.0.1; port 0 takes any that is free."""

    daemon_threads = True

    def __init__(self, port: int, dispatcher: Dispatcher) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.dispatcher = dispatcher

    @property
    def url(self) -> str:
        """Where to send requests."""
        return f"http://127.0.0.1:{self.server_port}"


def end_with_parent(ignore_stdin: bool) -> None:
    """Leave no orphan: end when standard input does (the test that held the pipe is dead), and on SIGTERM."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    if not ignore_stdin:
        threading.Thread(target=_wait_for_end_of_input, daemon=True).start()


def _wait_for_end_of_input() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)
