"""The command line: start and end of the process, HTTP, and a charge that the chain accepts."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any

from devnet.accounts import STRANGER

DEVNET = str(Path(__file__).parent.parent)
PATIENCE = 60


class ProcessTest(unittest.TestCase):
    """Started as other tests start it."""

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        """A process whose standard input we hold; ended with the test."""
        command = [sys.executable, DEVNET, "start", *options]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.addCleanup(process.communicate, timeout=PATIENCE)
        self.addCleanup(process.kill)
        return process

    def ready(self, process: subprocess.Popen[bytes]) -> dict[str, Any]:
        """The line it prints when it listens."""
        assert process.stdout is not None
        document: dict[str, Any] = json.loads(process.stdout.readline())
        return document

    def connect(self, url: str) -> http.client.HTTPConnection:
        """A connection that is kept."""
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=PATIENCE)
        self.addCleanup(connection.close)
        return connection

    @staticmethod
    def rpc(connection: http.client.HTTPConnection, method: str, *parameters: object) -> Any:
        """A method's result over HTTP."""
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        connection.request("POST", "/", json.dumps(request), {"Content-Type": "application/json"})
        response = connection.getresponse()
        assert response.status == 200
        return json.loads(response.read())["result"]

    def test_it_says_where_everything_is_and_answers_there(self) -> None:
        options = "--chain-id 8453 --no-automine --payer-balance 5000 --payer-tokens 70 --token-symbol EURC"
        process = self.start(*options.split(), "--fund", STRANGER.address)
        document = self.ready(process)
        contracts = {"transfers", "token", "secondToken", "wrappedNative", "permit2", "quoter"}
        people = {"operator", "feeDestination", "payer", "merchant", "deployer"}
        self.assertEqual(set(document), {"url", "chainId", "pools"} | contracts | people)
        connection = self.connect(document["url"])
        self.assertEqual(self.rpc(connection, "eth_chainId"), "0x2105")
        for address in (document["payer"]["address"], STRANGER.address):
            self.assertEqual(self.rpc(connection, "eth_getBalance", address, "latest"), hex(5000))
            call = {"to": document["token"], "data": "0x70a08231" + "00" * 12 + address[2:]}
            self.assertEqual(int(self.rpc(connection, "eth_call", call, "latest"), 16), 70)
        for contract in contracts:
            self.assertGreater(len(self.rpc(connection, "eth_getCode", document[contract], "latest")), 1000)

    def test_it_ends_when_its_input_does(self) -> None:
        process = self.start()
        self.ready(process)
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
        self.assertEqual(process.wait(PATIENCE), 0)

    def test_it_ends_on_sigterm(self) -> None:
        process = self.start("--ignore-stdin")
        self.ready(process)
        process.terminate()
        self.assertEqual(process.wait(PATIENCE), 0)

    def test_two_run_side_by_side(self) -> None:
        processes = [self.start(), self.start()]
        urls = [self.ready(process)["url"] for process in processes]
        self.assertNotEqual(*urls)

    def test_a_request_without_a_length_and_a_method_that_is_not_post(self) -> None:
        connection = self.connect(self.ready(self.start())["url"])
        connection.putrequest("POST", "/")
        connection.endheaders()
        self.assertEqual(connection.getresponse().status, 411)
        connection.close()
        connection.request("GET", "/")
        self.assertEqual(connection.getresponse().status, 501)

    def test_the_charge_command_makes_what_the_method_makes(self) -> None:
        document = self.ready(self.start())
        identifier = "0x" + "01" * 16
        members = {"recipientAmount": "9", "id": identifier, "deadline": "4000000000", "prefix": "0x"}
        options = f"--recipient-amount 9 --id {identifier} --deadline 4000000000 --prefix 0x --chain-id 31337"
        places = ["--contract", document["transfers"], "--sender", document["payer"]["address"]]
        command = [sys.executable, DEVNET, "charge", *options.split(), *places]
        printed = subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE).stdout
        connection = self.connect(document["url"])
        made = self.rpc(connection, "devnet_createCharge", members)
        self.assertEqual(json.loads(printed), made)
