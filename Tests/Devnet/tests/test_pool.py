"""What the pool takes and what it refuses, in geth's words."""

from __future__ import annotations

from typing import Any

import rlp
from eth_utils import keccak

from devnet.accounts import OPERATOR, PAYER
from devnet.deployment import ETHER, Options
from tests.support import GWEI, DevnetTest

# The root of a trie that holds nothing: the Keccak hash of the empty string's RLP.
EMPTY_ROOT = "0x" + keccak(rlp.encode(b"")).hex()


class AdmissionTest(DevnetTest):
    """Rules that need no account."""

    def test_a_transaction_is_mined_at_once_and_found_by_its_hash(self) -> None:
        for form in ({}, {"gasPrice": GWEI}, {"gasPrice": GWEI, "accessList": []}):
            with self.subTest(form=form):
                raw = self.sign(**form)
                sent = self.rpc("eth_sendRawTransaction", raw)
                self.assertEqual(sent, "0x" + keccak(hexstr=raw).hex())
                self.assertEqual(self.receipt(sent)["status"], "0x1")
                self.assertEqual(self.rpc("eth_getTransactionByHash", sent)["from"], PAYER.address.lower())

    def test_another_chain_is_refused_for_every_type(self) -> None:
        wrong = "invalid sender: invalid chain id for signer: have 31338 want 31337"
        for form in ({}, {"gasPrice": GWEI}, {"gasPrice": GWEI, "accessList": []}):
            with self.subTest(form=form):
                self.assert_refused(wrong, "eth_sendRawTransaction", self.sign(chainId=31338, **form))

    def test_no_chain_is_refused(self) -> None:
        raw = self.sign(gasPrice=GWEI, chainId=None)
        message = "only replay-protected (EIP-155) transactions allowed over RPC"
        self.assert_refused(message, "eth_sendRawTransaction", raw)

    def test_gas(self) -> None:
        init_code = "0x" + "00" * 49_153
        table: list[tuple[dict[str, Any], str]] = [
            ({"gas": 20_999}, "intrinsic gas too low: gas 20999, minimum needed 21000"),
            ({"gas": 52_999, "to": None}, "intrinsic gas too low: gas 52999, minimum needed 53000"),
            (
                {"gas": 24_999, "data": "0x" + "01" * 100},
                "insufficient gas for floor data gas cost: gas 24999, minimum needed 25000",
            ),
            ({"gas": 2**24 + 1}, "transaction gas limit too high (cap: 16777216, tx: 16777217)"),
            (
                {"gas": 2**23, "to": None, "data": init_code},
                "max initcode size exceeded: code size 49153 limit 49152",
            ),
        ]
        for members, message in table:
            with self.subTest(message=message):
                self.assert_refused(message, "eth_sendRawTransaction", self.sign(**members))

    def test_fees(self) -> None:
        table = [
            ((100, 101), "max priority fee per gas higher than max fee per gas"),
            ((100, 0), "transaction gas price below minimum: gas tip cap 0, minimum needed 1"),
        ]
        for (fee_cap, tip_cap), message in table:
            with self.subTest(message=message):
                raw = self.sign(maxFeePerGas=fee_cap, maxPriorityFeePerGas=tip_cap)
                self.assert_refused(message, "eth_sendRawTransaction", raw)

    def test_the_last_nonce_is_refused(self) -> None:
        raw = self.sign(nonce=2**64 - 1)
        self.assert_refused("nonce has max value", "eth_sendRawTransaction", raw)

    def test_a_signature_that_is_none_is_refused(self) -> None:
        order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
        fields = rlp.decode(bytes.fromhex(self.sign()[4:]))
        high_s = (order - int.from_bytes(fields[11], "big")).to_bytes(32, "big")
        for position, value in ((9, b"\x02"), (10, b""), (11, b""), (11, high_s)):
            with self.subTest(position=position, value=value.hex()):
                changed = [*fields[:position], value, *fields[position + 1 :]]
                raw = "0x02" + rlp.encode(changed).hex()
                message = "invalid sender: invalid transaction v, r, s values"
                self.assert_refused(message, "eth_sendRawTransaction", raw)

    def test_malformed_bytes_are_refused_by_the_rule_they_break(self) -> None:
        raw = self.sign(nonce=1)
        fields = rlp.decode(bytes.fromhex(raw[4:]))
        wrapped = "0x" + rlp.encode(bytes.fromhex(raw[2:])).hex()
        table = [
            ("0x", "typed transaction too short"),
            ("0x02", "typed transaction too short"),
            ("0x03c0", "transaction type not supported"),
            ("0x7fc0", "transaction type not supported"),
            (raw[:-2], "rlp: value size exceeds available input length"),
            (raw + "00", "rlp: input contains more than one value"),
            (wrapped, "rlp: expected input list for types.LegacyTx"),
            ("0x0280", "rlp: expected input list for types.DynamicFeeTx"),
            ("0x02c28101", "rlp: non-canonical size information"),
            ("0x02" + rlp.encode(fields[:-1]).hex(), "rlp: too few elements for types.DynamicFeeTx"),
            (
                "0x02" + rlp.encode([*fields, b""]).hex(),
                "rlp: input list has too many elements for types.DynamicFeeTx",
            ),
            (
                "0x02" + rlp.encode([fields[0], b"\x00\x01", *fields[2:]]).hex(),
                "rlp: non-canonical integer, decoding into types.DynamicFeeTx",
            ),
        ]
        for malformed, message in table:
            with self.subTest(message=message, malformed=malformed):
                self.assert_refused(message, "eth_sendRawTransaction", malformed)


class BlockGasLimitTest(DevnetTest):
    """A block smaller than the largest transaction."""

    options = Options(block_gas_limit=8_000_000)

    def test_gas_above_the_block_is_refused(self) -> None:
        self.assert_refused("exceeds block gas limit", "eth_sendRawTransaction", self.sign(gas=8_000_001))
        self.assertTrue(self.send(gas=8_000_000))


class WaitingTest(DevnetTest):
    """Rules of the pool: what waits, what replaces it, what follows it."""

    def setUp(self) -> None:
        super().setUp()
        self.rpc("evm_setAutomine", False)

    def test_what_was_mined_is_refused_by_its_nonce(self) -> None:
        raw = self.sign()
        self.rpc("eth_sendRawTransaction", raw)
        self.rpc("evm_mine")
        self.assert_refused("nonce too low: next nonce 1, tx nonce 0", "eth_sendRawTransaction", raw)

    def test_what_waits_is_already_known(self) -> None:
        raw = self.sign()
        self.rpc("eth_sendRawTransaction", raw)
        self.assert_refused("already known", "eth_sendRawTransaction", raw)

    def test_a_waiting_transaction_is_shown_without_a_block(self) -> None:
        sent = self.send()
        waiting = self.rpc("eth_getTransactionByHash", sent)
        place = [waiting[key] for key in ("blockHash", "blockNumber", "transactionIndex")]
        self.assertEqual((place, waiting["gasPrice"]), ([None] * 3, hex(GWEI)))
        self.assertIsNone(self.receipt(sent))

    def test_a_replacement_raises_both_fees_by_a_tenth(self) -> None:
        first = self.send(maxFeePerGas=1000 * GWEI, maxPriorityFeePerGas=1000)
        table = [
            (1000 * GWEI, 1000, False),
            (1099 * GWEI, 1100, False),
            (1100 * GWEI, 1099, False),
            (1100 * GWEI, 1000, False),
            (1100 * GWEI, 1100, True),
        ]
        for fee_cap, tip_cap, replaces in table:
            with self.subTest(fee_cap=fee_cap, tip_cap=tip_cap):
                raw = self.sign(nonce=0, value=1, maxFeePerGas=fee_cap, maxPriorityFeePerGas=tip_cap)
                if not replaces:
                    message = "replacement transaction underpriced"
                    self.assert_refused(message, "eth_sendRawTransaction", raw)
                    continue
                second = self.rpc("eth_sendRawTransaction", raw)
        self.assertIsNone(self.rpc("eth_getTransactionByHash", first))
        self.rpc("evm_mine")
        self.assertEqual(self.receipt(second)["status"], "0x1")
        self.assertIsNone(self.receipt(first))

    def test_one_wei_is_raised_too(self) -> None:
        self.send(maxPriorityFeePerGas=1)
        raw = self.sign(nonce=0, value=1, maxFeePerGas=2 * GWEI, maxPriorityFeePerGas=1)
        self.assert_refused("replacement transaction underpriced", "eth_sendRawTransaction", raw)

    def test_behind_a_gap_a_transaction_waits_until_it_is_filled(self) -> None:
        later = self.send(nonce=2)
        self.send(nonce=0)
        self.assertEqual(self.nonce(), 1)
        self.rpc("evm_mine")
        self.assertIsNone(self.receipt(later))
        self.assertEqual(self.nonce(), 1)
        self.send(nonce=1)
        self.assertEqual(self.nonce(), 3)
        self.rpc("evm_mine")
        self.assertEqual(self.receipt(later)["blockNumber"], self.rpc("eth_blockNumber"))

    def test_a_gap_is_not_mined_automatically_either(self) -> None:
        self.rpc("evm_setAutomine", True)
        head = self.rpc("eth_blockNumber")
        self.send(nonce=1)
        self.assertEqual(self.rpc("eth_blockNumber"), head)
        self.send(nonce=0)
        self.assertEqual(self.number("eth_getTransactionCount", PAYER.address, "latest"), 2)

    def test_funds(self) -> None:
        balance = self.balance(PAYER.address)
        gas_cost = 21_000 * GWEI
        too_much = self.sign(value=balance - gas_cost + 1)
        prefix = f"insufficient funds for gas * price + value: balance {balance}, "
        self.assert_refused(f"{prefix}tx cost {balance + 1}, overshot 1", "eth_sendRawTransaction", too_much)
        self.assertTrue(self.send(value=balance - gas_cost))

    def test_funds_count_what_waits(self) -> None:
        balance = self.balance(PAYER.address)
        gas_cost = 21_000 * GWEI
        waiting = 6 * ETHER + gas_cost
        self.send(value=6 * ETHER)
        prefix = f"insufficient funds for gas * price + value: balance {balance}, queued cost {waiting}, "
        second = self.sign(value=5 * ETHER)
        cost = 5 * ETHER + gas_cost
        overshot = waiting + cost - balance
        self.assert_refused(f"{prefix}tx cost {cost}, overshot {overshot}", "eth_sendRawTransaction", second)

    def test_a_replacement_pays_its_difference(self) -> None:
        self.send(value=4 * ETHER)
        self.send(value=4 * ETHER)
        balance, gas_cost = self.balance(PAYER.address), 21_000 * GWEI
        fees: dict[str, Any] = {"maxFeePerGas": 2 * GWEI, "maxPriorityFeePerGas": 2000}
        raw = self.sign(nonce=0, value=6 * ETHER, **fees)
        spent, bump = 8 * ETHER + 2 * gas_cost, 2 * ETHER + gas_cost
        message = (
            f"insufficient funds for gas * price + value: balance {balance}, queued cost {spent}, "
            f"tx bumped {bump}, overshot {spent + bump - balance}"
        )
        self.assert_refused(message, "eth_sendRawTransaction", raw)
        self.assertTrue(self.send(nonce=0, value=5 * ETHER, **fees))

    def test_behind_a_gap_a_replacement_pays_in_full(self) -> None:
        self.send(nonce=0, value=4 * ETHER)
        self.send(nonce=2, value=4 * ETHER)
        balance, gas_cost = self.balance(PAYER.address), 21_000 * GWEI
        fees: dict[str, Any] = {"maxFeePerGas": 2 * GWEI, "maxPriorityFeePerGas": 2000}
        raw = self.sign(nonce=2, value=6 * ETHER, **fees)
        spent, cost = 4 * ETHER + gas_cost, 6 * ETHER + 2 * gas_cost
        message = (
            f"insufficient funds for gas * price + value: balance {balance}, queued cost {spent}, "
            f"tx cost {cost}, overshot {spent + cost - balance}"
        )
        self.assert_refused(message, "eth_sendRawTransaction", raw)

    def test_the_better_tip_is_mined_first(self) -> None:
        modest = self.send(maxPriorityFeePerGas=1000)
        generous = self.send(OPERATOR, nonce=1, maxPriorityFeePerGas=2000)
        self.rpc("evm_mine")
        order = [self.receipt(sent)["transactionIndex"] for sent in (generous, modest)]
        self.assertEqual(order, ["0x0", "0x1"])

    def test_what_offers_less_than_the_base_fee_waits_with_all_that_follow(self) -> None:
        low = self.send(maxFeePerGas=1000, maxPriorityFeePerGas=1000)
        after = self.send()
        self.rpc("evm_mine")
        self.assertEqual((self.receipt(low), self.receipt(after)), (None, None))
        self.assertEqual(self.rpc("eth_getBlockByNumber", "latest")["transactionsRoot"], EMPTY_ROOT)
        self.assertEqual(self.nonce(), 2)
        self.rpc("evm_setNextBlockBaseFeePerGas", 7)
        self.rpc("evm_mine")
        self.assertEqual(
            (self.receipt(low)["effectiveGasPrice"], self.receipt(after)["status"]), ("0x3e8", "0x1")
        )

    def test_what_can_no_longer_be_paid_is_dropped(self) -> None:
        queued = self.send(nonce=1, value=8 * ETHER)
        self.send(nonce=0, value=1 * ETHER)
        self.rpc("evm_setBalance", PAYER.address, hex(2 * ETHER))
        self.rpc("evm_mine")
        self.assertIsNone(self.rpc("eth_getTransactionByHash", queued))


class LeastTipTest(DevnetTest):
    """Miners that leave out what pays too little."""

    options = Options(least_tip=1_000_000)

    def test_what_pays_less_waits_until_it_is_replaced(self) -> None:
        nonce = self.nonce()
        low = self.send(maxPriorityFeePerGas=999_999)
        self.rpc("evm_mine")
        self.assertIsNone(self.receipt(low))
        high = self.send(maxPriorityFeePerGas=1_200_000, maxFeePerGas=2 * GWEI, nonce=nonce)
        self.assertEqual(self.receipt(high)["status"], "0x1")
