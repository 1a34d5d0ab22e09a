"""What the node tells: blocks, accounts, transactions, events, fees."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from eth_utils import keccak

from devnet.accounts import MERCHANT, OPERATOR, PAYER
from devnet.deployment import ETHER, Options
from devnet.ethereum_methods import CLIENT_VERSION
from tests.support import GWEI, DevnetTest, call_data


class ChainTest(DevnetTest):
    """The chain and its blocks."""

    options = Options(chain_id=2**40 + 1)

    def test_identity(self) -> None:
        self.assertEqual(self.rpc("eth_chainId"), "0x10000000001")
        self.assertEqual(self.rpc("net_version"), "1099511627777")
        self.assertEqual(self.rpc("web3_clientVersion"), CLIENT_VERSION)
        self.assertIs(self.rpc("eth_syncing"), False)
        self.assertEqual(self.receipt(self.send())["status"], "0x1")

    def test_a_block_by_tag_number_and_hash(self) -> None:
        sent = self.send()
        head = self.rpc("eth_getBlockByNumber", "latest", False)
        self.assertEqual(head["transactions"], [sent])
        for tag in ("safe", "finalized", self.rpc("eth_blockNumber")):
            self.assertEqual(self.rpc("eth_getBlockByNumber", tag, False), head)
        self.assertEqual(self.rpc("eth_getBlockByHash", head["hash"], False), head)
        first = self.rpc("eth_getBlockByNumber", "earliest", False)
        self.assertEqual((first["number"], first["parentHash"]), ("0x0", "0x" + "00" * 32))
        self.assertIsNone(self.rpc("eth_getBlockByNumber", "0xffff", False))
        self.assertIsNone(self.rpc("eth_getBlockByHash", "0x" + "77" * 32, False))

    def test_blocks_form_a_chain(self) -> None:
        self.rpc("evm_mine", 3)
        blocks = [
            self.rpc("eth_getBlockByNumber", hex(number))
            for number in range(self.number("eth_blockNumber") + 1)
        ]
        for earlier, later in pairwise(blocks):
            self.assertEqual(later["parentHash"], earlier["hash"])
            self.assertGreater(int(later["timestamp"], 16), int(earlier["timestamp"], 16))

    def test_the_pending_block_holds_what_waits(self) -> None:
        self.rpc("evm_setAutomine", False)
        sent = self.send(value=5)
        pending = self.rpc("eth_getBlockByNumber", "pending", False)
        self.assertEqual((pending["transactions"], pending["hash"]), ([sent], None))
        self.assertEqual(int(pending["number"], 16), self.number("eth_blockNumber") + 1)
        self.assertEqual([self.balance("0x" + "99" * 20, tag) for tag in ("latest", "pending")], [0, 5])

    def test_a_transaction_in_its_block(self) -> None:
        access_list = [{"address": "0x" + "ab" * 20, "storageKeys": ["0x" + "00" * 31 + "07"]}]
        table: list[tuple[dict[str, Any], str, set[str]]] = [
            ({"gasPrice": GWEI}, "0x0", {"v", "r", "s"}),
            ({"gasPrice": GWEI, "accessList": access_list}, "0x1", {"v", "yParity", "accessList"}),
            ({"accessList": access_list}, "0x2", {"yParity", "maxFeePerGas", "maxPriorityFeePerGas"}),
        ]
        for members, kind, present in table:
            with self.subTest(kind=kind):
                sent = self.send(gas=30_000, value=9, **members)
                block = self.rpc("eth_getBlockByNumber", "latest", True)
                shown = block["transactions"][0]
                self.assertEqual(shown, self.rpc("eth_getTransactionByHash", sent))
                self.assertEqual(
                    (shown["type"], shown["blockHash"], shown["value"]), (kind, block["hash"], "0x9")
                )
                self.assertEqual(shown["chainId"], "0x10000000001")
                self.assertLessEqual(present, set(shown))
                self.assertEqual(shown.get("accessList", access_list), access_list)
                receipt = self.receipt(sent)
                self.assertEqual((receipt["type"], receipt["gasUsed"]), (kind, block["gasUsed"]))
                self.assertEqual(receipt["effectiveGasPrice"], shown["gasPrice"])

    def test_a_contract_is_created(self) -> None:
        # PUSH1 1, PUSH0, SSTORE; then return one byte of code: STOP.
        receipt = self.receipt(self.send(to=None, data="0x60015f5560015ff3", gas=200_000))
        created = receipt["contractAddress"]
        self.assertEqual((receipt["status"], receipt["to"]), ("0x1", None))
        self.assertEqual(self.rpc("eth_getCode", created, "latest"), "0x00")
        word = "0x" + "00" * 31 + "01"
        for slot in ("0x0", "0x" + "00" * 32):
            self.assertEqual(self.rpc("eth_getStorageAt", created, slot, "latest"), word)

    def test_an_account_as_it_was(self) -> None:
        before = self.rpc("eth_getBlockByNumber", "latest", False)
        self.send(to=MERCHANT.address, value=ETHER)
        for reference in (before["number"], {"blockHash": before["hash"]}, {"blockNumber": before["number"]}):
            self.assertEqual(self.number("eth_getBalance", MERCHANT.address, reference), 0)
            self.assertEqual(self.number("eth_getTransactionCount", PAYER.address, reference), 0)
        self.assertEqual(self.balance(MERCHANT.address), ETHER)
        self.assert_refused("header not found", "eth_getBalance", MERCHANT.address, "0xffff")

    def test_what_nobody_knows_is_null(self) -> None:
        unknown = "0x" + "12" * 32
        self.assertIsNone(self.rpc("eth_getTransactionByHash", unknown))
        self.assertIsNone(self.receipt(unknown))


class LogsTest(DevnetTest):
    """eth_getLogs."""

    def setUp(self) -> None:
        super().setUp()
        self.token = self.deployment.token
        self.receipts = []
        for amount in (1, 2):
            data = call_data("transfer(address,uint256)", MERCHANT.address, amount)
            self.receipts.append(self.receipt(self.send(to=self.token, data=data, gas=100_000)))
        self.topic = "0x" + keccak(text="Transfer(address,address,uint256)").hex()
        self.merchant_topic = "0x" + "00" * 12 + MERCHANT.address[2:].lower()

    def test_filters(self) -> None:
        first, second = self.receipts
        span = {"fromBlock": first["blockNumber"], "toBlock": "latest"}
        table = [
            ({}, [2]),
            ({**span}, [1, 2]),
            ({**span, "toBlock": first["blockNumber"]}, [1]),
            ({"blockHash": first["blockHash"]}, [1]),
            ({**span, "address": self.token}, [1, 2]),
            ({**span, "address": [self.deployment.transfers, self.token]}, [1, 2]),
            ({**span, "address": self.deployment.transfers}, []),
            ({**span, "topics": [self.topic]}, [1, 2]),
            ({**span, "topics": [None, None, self.merchant_topic]}, [1, 2]),
            ({**span, "topics": [[self.merchant_topic, self.topic], None]}, [1, 2]),
            ({**span, "topics": [self.merchant_topic]}, []),
            ({**span, "topics": [self.topic, None, None, None]}, []),
            ({**span, "fromBlock": second["blockNumber"], "toBlock": "0xfff"}, [2]),
        ]
        for members, amounts in table:
            with self.subTest(members=members):
                found = self.rpc("eth_getLogs", members)
                self.assertEqual([int(log["data"], 16) for log in found], amounts)

    def test_a_log_is_the_receipts(self) -> None:
        found = self.rpc("eth_getLogs", {"blockHash": self.receipts[0]["blockHash"]})
        self.assertEqual(found, self.receipts[0]["logs"])

    def test_logs_are_counted_through_the_block(self) -> None:
        self.rpc("evm_setAutomine", False)
        data = call_data("transfer(address,uint256)", MERCHANT.address, 1)
        sent = [self.send(to=self.token, data=data, gas=100_000) for _ in range(2)]
        self.rpc("evm_mine")
        indices = [self.receipt(each)["logs"][0]["logIndex"] for each in sent]
        self.assertEqual(indices, ["0x0", "0x1"])
        self.assertEqual([log["logIndex"] for log in self.rpc("eth_getLogs", {})], indices)

    def test_refusals(self) -> None:
        both = "cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other"
        block_hash = self.receipts[0]["blockHash"]
        table = [
            ({"blockHash": "0x" + "12" * 32}, -32000, "unknown block"),
            ({"blockHash": block_hash, "fromBlock": "0x0"}, -32602, f"invalid argument 0: {both}"),
            ({"fromBlock": "0x2", "toBlock": "0x1"}, -32602, "invalid block range params"),
            ({"topics": [None] * 5}, -32602, "invalid argument 0: exceed max topics"),
            (
                {"topics": self.topic},
                -32602,
                "invalid argument 0: json: cannot unmarshal value into Go value of type []interface {}",
            ),
            ({"adress": self.token}, -32602, "invalid argument 0: unknown field adress"),
        ]
        for members, code, message in table:
            with self.subTest(message=message):
                self.assert_refused(message, "eth_getLogs", members, code=code)


class FeesTest(DevnetTest):
    """Base fees and tips."""

    def test_suggestions(self) -> None:
        base_fee = int(self.rpc("eth_getBlockByNumber", "latest")["baseFeePerGas"], 16)
        self.assertEqual(self.number("eth_maxPriorityFeePerGas"), 1_000_000)
        self.assertEqual(self.number("eth_gasPrice"), base_fee + 1_000_000)

    def test_history(self) -> None:
        self.rpc("evm_setAutomine", False)
        # 21,000 gas at a tip of 3000, 63,000 gas (42,000 of it spent on data) at a tip of 9000.
        self.send(maxPriorityFeePerGas=9000, data="0x" + "01" * 1050, gas=100_000)
        self.send(OPERATOR, maxPriorityFeePerGas=3000)
        self.rpc("evm_mine")
        self.rpc("evm_mine")
        history = self.rpc("eth_feeHistory", "0x2", "latest", [0, 25, 50, 100])
        head = self.number("eth_blockNumber")
        self.assertEqual(history["oldestBlock"], hex(head - 1))
        self.assertEqual(history["reward"], [["0xbb8", "0xbb8", "0x2328", "0x2328"], ["0x0"] * 4])
        self.assertEqual(history["gasUsedRatio"], [84_000 / 30_000_000, 0])
        shown = [
            self.rpc("eth_getBlockByNumber", hex(number))["baseFeePerGas"] for number in (head - 1, head)
        ]
        self.assertEqual(history["baseFeePerGas"][:2], shown)
        next_base_fee = self.rpc("eth_getBlockByNumber", "pending")["baseFeePerGas"]
        self.assertEqual(history["baseFeePerGas"][2], next_base_fee)

    def test_history_of_older_blocks_and_of_more_than_there_are(self) -> None:
        self.rpc("evm_mine", 2)
        history = self.rpc("eth_feeHistory", 1, "0x1")
        following = self.rpc("eth_getBlockByNumber", "0x2")["baseFeePerGas"]
        self.assertEqual((history["oldestBlock"], history["baseFeePerGas"][1]), ("0x1", following))
        self.assertNotIn("reward", history)
        everything = self.rpc("eth_feeHistory", "0x400", "latest", [])
        self.assertEqual(len(everything["gasUsedRatio"]), self.number("eth_blockNumber") + 1)
        self.assertEqual(
            self.rpc("eth_feeHistory", "0x0", "latest"), {"oldestBlock": "0x0", "gasUsedRatio": None}
        )

    def test_history_refusals(self) -> None:
        head = self.number("eth_blockNumber")
        table: list[tuple[list[Any], str]] = [
            (["0x1", "0xffff"], f"request beyond head block: requested 65535, head {head}"),
            (["0x1", "latest", [101]], "invalid reward percentile: 101.000000"),
            (["0x1", "latest", [50, 10]], "invalid reward percentile: 10.000000"),
        ]
        for parameters, message in table:
            with self.subTest(message=message):
                self.assert_refused(message, "eth_feeHistory", *parameters)

    def test_a_full_block_raises_the_base_fee_by_an_eighth(self) -> None:
        self.rpc("evm_setAutomine", False)
        self.rpc("evm_setNextBlockBaseFeePerGas", 8000)
        # The invalid opcode burns all the gas it is given.
        for account in (PAYER, OPERATOR):
            self.send(account, to=None, data="0xfe", gas=15_000_000)
        self.rpc("evm_mine")
        self.assertEqual(self.rpc("eth_getBlockByNumber", "pending")["baseFeePerGas"], hex(9000))
