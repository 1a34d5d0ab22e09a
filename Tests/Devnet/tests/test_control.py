"""What a test can do to the chain."""

from __future__ import annotations

import time

from devnet.accounts import MERCHANT, PAYER
from tests.support import DevnetTest


class MiningTest(DevnetTest):
    """Mining by command, and time."""

    def test_mining_can_wait_for_the_command(self) -> None:
        self.assertIs(self.rpc("evm_setAutomine", False), True)
        head = self.number("eth_blockNumber")
        sent = self.send()
        self.assertEqual(self.number("eth_blockNumber"), head)
        self.assertEqual(self.rpc("evm_mine"), hex(head + 1))
        self.assertEqual(self.receipt(sent)["blockNumber"], hex(head + 1))
        self.assertEqual(self.rpc("evm_mine", "0x3"), hex(head + 4))

    def test_time_is_the_time_of_day(self) -> None:
        self.rpc("evm_mine")
        timestamp = int(self.rpc("eth_getBlockByNumber", "latest")["timestamp"], 16)
        self.assertLess(abs(timestamp - time.time()), 30)

    def test_time_moves_on(self) -> None:
        before = int(time.time())
        self.assertEqual(self.rpc("evm_increaseTime", 7200), hex(7200))
        self.rpc("evm_mine")
        after = int(self.rpc("eth_getBlockByNumber", "latest")["timestamp"], 16)
        self.assertIn(after - before, range(7200, 7300))

    def test_the_next_timestamp_is_exact_and_time_runs_on_from_there(self) -> None:
        self.rpc("evm_setNextBlockTimestamp", 4_000_000_000)
        self.rpc("evm_mine", 2)
        numbers = [hex(self.number("eth_blockNumber") - back) for back in (1, 0)]
        first, second = (int(self.rpc("eth_getBlockByNumber", number)["timestamp"], 16) for number in numbers)
        self.assertEqual(first, 4_000_000_000)
        self.assertIn(second - first, range(1, 30))
        message = f"timestamp 5 is not later than the last block's, {second}"
        self.assert_refused(message, "evm_setNextBlockTimestamp", 5)

    def test_a_base_fee_holds_for_one_block(self) -> None:
        self.rpc("evm_setNextBlockBaseFeePerGas", 1000)
        self.rpc("evm_mine", 2)
        numbers = [hex(self.number("eth_blockNumber") - back) for back in (1, 0)]
        base_fees = [self.rpc("eth_getBlockByNumber", number)["baseFeePerGas"] for number in numbers]
        self.assertEqual(base_fees, [hex(1000), hex(875)])

    def test_a_balance_is_rewritten(self) -> None:
        self.assertIs(self.rpc("evm_setBalance", MERCHANT.address, "0x64"), True)
        self.assertEqual(self.balance(MERCHANT.address), 100)
        self.rpc("evm_mine")
        self.assertEqual(self.balance(MERCHANT.address), 100)


class ReorganisationTest(DevnetTest):
    """The last block is gone, as if it had never been."""

    def test_state_receipt_and_block_are_gone_and_the_transaction_waits(self) -> None:
        head = self.rpc("eth_getBlockByNumber", "latest")
        balance = self.balance(PAYER.address)
        sent = self.send(to=MERCHANT.address, value=77)
        dropped = self.rpc("eth_getBlockByNumber", "latest")
        self.assertEqual(self.rpc("evm_dropBlock"), head["number"])
        self.assertEqual(self.rpc("eth_getBlockByNumber", "latest"), head)
        self.assertIsNone(self.rpc("eth_getBlockByHash", dropped["hash"]))
        self.assertEqual((self.balance(PAYER.address), self.balance(MERCHANT.address)), (balance, 0))
        self.assertIsNone(self.receipt(sent))
        self.assertIsNone(self.rpc("eth_getTransactionByHash", sent)["blockHash"])
        counts = [self.number("eth_getTransactionCount", PAYER.address, tag) for tag in ("latest", "pending")]
        self.assertEqual(counts, [0, 1])

    def test_it_is_mined_again_in_another_block(self) -> None:
        sent = self.send(to=MERCHANT.address, value=77)
        first = self.receipt(sent)
        self.rpc("evm_dropBlock")
        self.rpc("evm_mine")
        second = self.receipt(sent)
        self.assertEqual(second["blockNumber"], first["blockNumber"])
        self.assertNotEqual(second["blockHash"], first["blockHash"])
        self.assertEqual(self.balance(MERCHANT.address), 77)

    def test_it_can_be_forgotten_and_another_take_its_nonce(self) -> None:
        raw = self.sign(to=MERCHANT.address, value=77)
        sent = self.rpc("eth_sendRawTransaction", raw)
        self.rpc("evm_dropBlock", False)
        self.assertIsNone(self.rpc("eth_getTransactionByHash", sent))
        self.send(to=MERCHANT.address, value=1)
        self.assert_refused("nonce too low: next nonce 1, tx nonce 0", "eth_sendRawTransaction", raw)
        self.assertEqual(self.balance(MERCHANT.address), 1)

    def test_several_blocks_come_back_in_order(self) -> None:
        sent = [self.send(to=MERCHANT.address, value=1) for _ in range(3)]
        for _ in sent:
            self.rpc("evm_dropBlock")
        self.rpc("evm_mine")
        indices = [self.receipt(each)["transactionIndex"] for each in sent]
        self.assertEqual(indices, ["0x0", "0x1", "0x2"])

    def test_the_first_block_stays(self) -> None:
        for _ in range(self.number("eth_blockNumber")):
            self.rpc("evm_dropBlock", False)
        self.assert_refused("the first block cannot be dropped", "evm_dropBlock")


class MemoryTest(DevnetTest):
    """Snapshots, and transactions that a node loses."""

    def test_a_snapshot_brings_everything_back(self) -> None:
        self.rpc("evm_setAutomine", False)
        waiting = self.send(to=MERCHANT.address, value=5)
        head = self.rpc("eth_getBlockByNumber", "latest")
        first = self.rpc("evm_snapshot")
        self.rpc("evm_increaseTime", 1000)
        self.rpc("evm_mine")
        second = self.rpc("evm_snapshot")
        self.assertEqual((first, second), ("0x1", "0x2"))
        self.assertIs(self.rpc("evm_revert", first), True)
        self.assertEqual(self.rpc("eth_getBlockByNumber", "latest"), head)
        self.assertIsNone(self.rpc("eth_getTransactionByHash", waiting)["blockHash"])
        self.assertEqual(self.rpc("evm_increaseTime", 0), "0x0")
        self.assertIs(self.rpc("evm_revert", second), False)

    def test_a_transaction_is_lost_and_can_be_sent_again(self) -> None:
        self.rpc("evm_setAutomine", False)
        raw = self.sign()
        sent = self.rpc("eth_sendRawTransaction", raw)
        self.assertIs(self.rpc("evm_dropTransaction", sent), True)
        self.assertIs(self.rpc("evm_dropTransaction", sent), False)
        self.assertIsNone(self.rpc("eth_getTransactionByHash", sent))
        self.assertEqual(self.rpc("eth_sendRawTransaction", raw), sent)
