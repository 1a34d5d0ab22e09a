"""JSON-RPC 2.0: from the bytes of a request to the bytes of its response, batches too."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

from devnet.parameters import read_arguments
from devnet.refusal import INTERNAL_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, PARSE_ERROR, Refusal


class Dispatcher:
    """Finds the method that a request names among those of its providers, one request at a time."""

    def __init__(self, *providers: object) -> None:
        self._lock = threading.Lock()
        self._methods: dict[str, Callable[..., object]] = {}
        for provider in providers:
            self.add(provider)

    def add(self, provider: object) -> None:
        """Offer every public method of this object whose name has a namespace (`eth_…`)."""
        for name in dir(provider):
            namespace, underscore, _ = name.partition("_")
            if namespace and underscore and callable(method := getattr(provider, name)):
                self._methods[name] = method

    def answer(self, body: bytes) -> bytes:
        """The response to a request or a batch; empty when nothing but notifications came."""
        try:
            request = json.loads(body)
        except ValueError:
            return _encode(_failed(None, Refusal("parse error", PARSE_ERROR)))
        if not isinstance(request, list):
            response = self._answer_one(request)
            return b"" if response is None else _encode(response)
        if not request:
            return _encode(_failed(None, Refusal("empty batch", INVALID_REQUEST)))
        responses = [response for each in request if (response := self._answer_one(each)) is not None]
        return _encode(responses) if responses else b""

    def call(self, method: str, parameters: list[object]) -> object:
        """The result of one method, or a Refusal."""
        if method not in self._methods:
            raise Refusal(f"the method {method} does not exist/is not available", METHOD_NOT_FOUND)
        with self._lock:
            return self._methods[method](*read_arguments(self._methods[method], parameters))

    def _answer_one(self, request: object) -> dict[str, Any] | None:
        if not isinstance(request, dict) or not isinstance(request.get("method"), str):
            return _failed(None, Refusal("invalid request", INVALID_REQUEST))
        parameters = request.get("params") or []
        identifier = request.get("id")
        try:
            if request.get("jsonrpc") != "2.0":
                raise Refusal("invalid request", INVALID_REQUEST)
            if not isinstance(parameters, list):
                raise Refusal("non-array args", INVALID_REQUEST)
            response = {
                "jsonrpc": "2.0",
                "id": identifier,
                "result": self.call(request["method"], parameters),
            }
        except Refusal as refusal:
            response = _failed(identifier, refusal)
        except Exception as problem:  # A fault of this node must reach the test, not leave it waiting.
            fault = Refusal(f"devnet fault: {type(problem).__name__}: {problem}", INTERNAL_ERROR)
            response = _failed(identifier, fault)
        return response if "id" in request else None


def _failed(identifier: object, refusal: Refusal) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": identifier, "error": refusal.as_json()}


def _encode(response: object) -> bytes:
    return json.dumps(response, separators=(",", ":")).encode()
