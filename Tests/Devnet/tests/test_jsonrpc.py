"""Requests and batches, and parameters read as strictly as geth reads them."""

from __future__ import annotations

import json
from typing import Any

from devnet.accounts import PAYER
from tests.support import DevnetTest


class EnvelopeTest(DevnetTest):
    """JSON-RPC 2.0."""

    def answer(self, body: object) -> Any:
        """The response to a body; text is sent as it is."""
        encoded = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        answered = self.dispatcher.answer(encoded)
        return json.loads(answered) if answered else None

    def test_a_batch_is_answered_in_order(self) -> None:
        chain = {"jsonrpc": "2.0", "id": "a", "method": "eth_chainId"}
        unknown = {"jsonrpc": "2.0", "id": 2, "method": "eth_coinbase", "params": []}
        notification = {"jsonrpc": "2.0", "method": "eth_chainId"}
        refused = {"code": -32601, "message": "the method eth_coinbase does not exist/is not available"}
        expected = [
            {"jsonrpc": "2.0", "id": "a", "result": "0x7a69"},
            {"jsonrpc": "2.0", "id": 2, "error": refused},
        ]
        self.assertEqual(self.answer([chain, notification, unknown]), expected)
        self.assertIsNone(self.answer([notification]))
        self.assertIsNone(self.answer(notification))

    def test_what_is_no_request(self) -> None:
        version = {"id": 1, "method": "eth_chainId"}
        named = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": {"a": 1}}
        table: list[tuple[object, object, int, str]] = [
            ("{", None, -32700, "parse error"),
            ([], None, -32600, "empty batch"),
            (7, None, -32600, "invalid request"),
            ({"jsonrpc": "2.0", "id": 1}, None, -32600, "invalid request"),
            (version, 1, -32600, "invalid request"),
            (named, 1, -32600, "non-array args"),
        ]
        for body, identifier, code, message in table:
            with self.subTest(body=body):
                error = {"code": code, "message": message}
                self.assertEqual(self.answer(body), {"jsonrpc": "2.0", "id": identifier, "error": error})

    def test_a_fault_of_the_node_is_told(self) -> None:
        self.dispatcher.add(_Faulty())
        message = "devnet fault: ValueError: out of order"
        self.assert_refused(message, "eth_fault", code=-32603)

    def test_only_methods_with_a_namespace_can_be_called(self) -> None:
        for method in ("chain", "_find", "__init__", "automine", "eth_nothing"):
            with self.subTest(method=method):
                message = f"the method {method} does not exist/is not available"
                self.assert_refused(message, method, code=-32601)


class ParametersTest(DevnetTest):
    """What parameters must look like."""

    def test_refusals(self) -> None:
        address = PAYER.address
        non_string = "json: cannot unmarshal non-string into Go value of type"
        table: list[tuple[str, list[object], str]] = [
            ("eth_getBalance", [], "missing value for required argument 0"),
            ("eth_getBalance", [None], "missing value for required argument 0"),
            ("eth_getBalance", [address, "latest", 1], "too many arguments, want at most 2"),
            ("eth_getBalance", [7], f"invalid argument 0: {non_string} hexutil.Bytes"),
            ("eth_getBalance", ["1234"], "invalid argument 0: hex string without 0x prefix"),
            ("eth_getBalance", ["0x123"], "invalid argument 0: hex string of odd length"),
            ("eth_getBalance", ["0x12zz"], "invalid argument 0: invalid hex string"),
            (
                "eth_getBalance",
                ["0x1234"],
                "invalid argument 0: hex string has length 4, want 40 for common.Address",
            ),
            (
                "eth_getTransactionByHash",
                ["0x12"],
                "invalid argument 0: hex string has length 2, want 64 for common.Hash",
            ),
            ("eth_getBalance", [address, "newest"], "invalid argument 1: hex string without 0x prefix"),
            ("eth_getBalance", [address, "0x01"], "invalid argument 1: hex number with leading zero digits"),
            ("eth_getBalance", [address, "0x"], 'invalid argument 1: hex string "0x"'),
            ("eth_getBalance", [address, "0xz"], "invalid argument 1: invalid hex string"),
            ("eth_getBalance", [address, ""], "invalid argument 1: empty hex string"),
            ("eth_getBalance", [address, 1], f"invalid argument 1: {non_string} *hexutil.Big"),
            (
                "eth_getBalance",
                [address, {"number": "0x1"}],
                "invalid argument 1: invalid block number or hash",
            ),
            ("evm_setBalance", [address, "0x1" + "0" * 64], "invalid argument 1: hex number > 256 bits"),
            (
                "evm_setAutomine",
                [1],
                "invalid argument 0: json: cannot unmarshal value into Go value of type bool",
            ),
            (
                "eth_call",
                ["0x"],
                "invalid argument 0: json: cannot unmarshal value into Go value of type object",
            ),
            ("eth_getStorageAt", [address, "7"], "invalid argument 1: unable to decode storage key"),
            (
                "eth_getBlockByNumber",
                [{"blockNumber": "0x1"}],
                f"invalid argument 0: {non_string} *hexutil.Big",
            ),
            (
                "eth_feeHistory",
                ["0x1", "latest", ["50"]],
                "invalid argument 2: json: cannot unmarshal value into Go value of type []float64",
            ),
        ]
        for method, parameters, message in table:
            with self.subTest(method=method, parameters=parameters):
                self.assert_refused(message, method, *parameters, code=-32602)

    def test_null_stands_for_what_was_left_out(self) -> None:
        balance = self.balance(PAYER.address)
        self.assertEqual(self.number("eth_getBalance", PAYER.address, None), balance)


class _Faulty:
    def eth_fault(self) -> int:
        raise ValueError("out of order")
