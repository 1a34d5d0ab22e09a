"""eth_call, eth_estimateGas and debug_traceCall: outputs, failures, pretended accounts."""

from __future__ import annotations

from typing import Any

import rlp
from eth_utils import keccak, to_canonical_address

from devnet.accounts import MERCHANT, PAYER
from devnet.call import TWO_PAYLOADS
from devnet.deployment import GAS_PRICE_ORACLE, Options
from tests.support import GWEI, DevnetTest, call_data

# Code that: returns its caller's balance; adds storage words 0 and 1; reverts bare; loops; breaks off.
RETURN_BALANCE = "0x33315f5260205ff3"
ADD_WORDS = "0x5f54600154015f5260205ff3"
BARE_REVERT = "0x5f5ffd"
ENDLESS_LOOP = "0x5b5f56"
INVALID = "0xfe"
RETURN_TIME = "0x425f5260205ff3"
RETURN_BASE_FEE = "0x485f5260205ff3"

CONTRACT = "0x" + "cc" * 20
WORD = "0x" + "00" * 31


class CallTest(DevnetTest):
    """eth_call."""

    def call(
        self, code: str, call: dict[str, Any] | None = None, block: str = "latest", **override: Any
    ) -> int:
        """Run pretended code; its word."""
        overrides = {CONTRACT: {"code": code, **override}}
        return self.number("eth_call", {"to": CONTRACT, **(call or {})}, block, overrides)

    def test_pretended_accounts(self) -> None:
        caller = {"from": MERCHANT.address}
        overrides = {CONTRACT: {"code": RETURN_BALANCE}, MERCHANT.address: {"balance": "0x2a"}}
        self.assertEqual(self.number("eth_call", {"to": CONTRACT, **caller}, "latest", overrides), 42)
        self.assertEqual(self.rpc("eth_getCode", CONTRACT), "0x")
        self.assertEqual(self.balance(MERCHANT.address), 0)

    def test_a_pretended_nonce_decides_where_a_contract_would_be(self) -> None:
        call = {"from": MERCHANT.address, "data": "0x305f5260205ff3"}
        for nonce in ("0x0", "0x5"):
            created = self.rpc("eth_call", call, "latest", {MERCHANT.address: {"nonce": nonce}})
            with self.subTest(nonce=nonce):
                self.assertEqual(created[-40:], _created(MERCHANT.address, int(nonce, 16)))

    def test_pretended_storage_replaces_or_adds(self) -> None:
        one, two = WORD + "00", WORD + "01"
        # PUSH1 5, PUSH0, SSTORE, and return the code that adds.
        init_code = "0x60055f55" + "600c600e5f39600c5ff3" + ADD_WORDS[2:]
        created = self.receipt(self.send(to=None, data=init_code, gas=200_000))["contractAddress"]
        self.assertEqual(self.rpc("eth_getCode", created), ADD_WORDS)
        pretended = {two: WORD + "07"}
        table = [
            ({}, 5),
            ({"stateDiff": pretended}, 12),
            ({"state": pretended}, 7),
            ({"state": {one: WORD + "01"}}, 1),
        ]
        for override, total in table:
            with self.subTest(override=override):
                found = self.number("eth_call", {"to": created}, "latest", {created: override})
                self.assertEqual(found, total)

    def test_overrides_are_refused_when_they_cannot_be_meant(self) -> None:
        message = f"account {CONTRACT} has both 'state' and 'stateDiff'"
        both: dict[str, Any] = {CONTRACT: {"state": {}, "stateDiff": {}}}
        self.assert_refused(message, "eth_call", {"to": CONTRACT}, "latest", both)
        misspelt = {CONTRACT: {"ballance": "0x1"}}
        message = "invalid argument 2: unknown override ballance"
        self.assert_refused(message, "eth_call", {"to": CONTRACT}, "latest", misspelt, code=-32602)

    def test_how_calls_fail(self) -> None:
        table = [
            (BARE_REVERT, "execution reverted"),
            (INVALID, "invalid opcode"),
            (ENDLESS_LOOP, "out of gas"),
        ]
        for code, message in table:
            with self.subTest(message=message):
                overrides = {CONTRACT: {"code": code}}
                call = {"to": CONTRACT, "gas": "0xffff"}
                self.assert_refused(message, "eth_call", call, "latest", overrides)

    def test_data_that_is_no_reason_is_told_as_it_is(self) -> None:
        # Reverts with the selector of Error(string) and no string.
        overrides = {CONTRACT: {"code": "0x6308c379a05f526004601cfd"}}
        expected = {"code": 3, "message": "execution reverted", "data": "0x08c379a0"}
        self.assertEqual(self.refusal("eth_call", {"to": CONTRACT}, "latest", overrides), expected)

    def test_a_reason_is_told_with_its_data(self) -> None:
        data = call_data("transferFrom(address,address,uint256)", PAYER.address, MERCHANT.address, 1)
        refusal = self.refusal("eth_call", {"to": self.deployment.token, "data": data})
        reason = "ERC20: transfer amount exceeds allowance"
        expected = {
            "code": 3,
            "message": f"execution reverted: {reason}",
            "data": call_data("Error(string)", reason),
        }
        self.assertEqual(refusal, expected)

    def test_what_cannot_begin(self) -> None:
        nobody = "0x" + "00" * 19 + "99"
        funds = f"insufficient funds for gas * price + value: address {nobody} have 0 want"
        table: list[tuple[dict[str, object], str]] = [
            ({"value": "0x1"}, f"err: {funds} 1 (supplied gas 50000000)"),
            ({"gas": "0x5208", "gasPrice": "0x1"}, f"err: {funds} 21000 (supplied gas 21000)"),
            ({"gas": "0x5207"}, "err: intrinsic gas too low: have 20999, want 21000 (supplied gas 20999)"),
            (
                {"gasPrice": "0x1", "maxFeePerGas": "0x1"},
                "both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified",
            ),
            (
                {"maxFeePerGas": "0x1", "maxPriorityFeePerGas": "0x2"},
                "maxFeePerGas (1) < maxPriorityFeePerGas (2)",
            ),
            ({"chainId": "0x1"}, "chainId does not match node's (have=1, want=31337)"),
            (
                {"data": "0x01", "input": "0x02"},
                TWO_PAYLOADS,
            ),
        ]
        for members, message in table:
            with self.subTest(message=message):
                self.assert_refused(message, "eth_call", {"from": nobody, "to": CONTRACT, **members})

    def test_a_price_below_the_base_fee(self) -> None:
        base_fee = int(self.rpc("eth_getBlockByNumber", "latest")["baseFeePerGas"], 16)
        call = {"from": PAYER.address, "to": CONTRACT, "gas": "0x5208", "maxFeePerGas": "0x1"}
        fees = f"maxFeePerGas: 1, baseFee: {base_fee}"
        problem = f"max fee per gas less than block base fee: address {PAYER.address.lower()}, {fees}"
        self.assert_refused(f"err: {problem} (supplied gas 21000)", "eth_call", call)

    def test_the_block_around_a_call(self) -> None:
        block = self.rpc("eth_getBlockByNumber", "latest")
        self.assertEqual(self.call(RETURN_TIME), int(block["timestamp"], 16))
        self.rpc("evm_setNextBlockTimestamp", 4_000_000_000)
        self.assertEqual(self.call(RETURN_TIME, block="pending"), 4_000_000_000)
        self.assertEqual(self.call(RETURN_BASE_FEE), 0)
        priced = {"from": PAYER.address, "gas": "0xffff", "gasPrice": hex(GWEI)}
        self.assertEqual(self.call(RETURN_BASE_FEE, priced), int(block["baseFeePerGas"], 16))

    def test_a_call_object_is_read_strictly(self) -> None:
        table = [
            ({"too": CONTRACT}, "invalid argument 0: unknown field too"),
            (
                {"accessList": 1},
                "invalid argument 0: json: cannot unmarshal value into Go value of type types.AccessList",
            ),
            ({"to": "0x12"}, "invalid argument 0: hex string has length 2, want 40 for common.Address"),
            ({"to": CONTRACT, "gas": "0x05"}, "invalid argument 0: hex number with leading zero digits"),
            (
                {"to": CONTRACT, "value": 1},
                "invalid argument 0: json: cannot unmarshal non-string into Go value of type *hexutil.Big",
            ),
        ]
        for call, message in table:
            with self.subTest(message=message):
                self.assert_refused(message, "eth_call", call, code=-32602)


class EstimateTest(DevnetTest):
    """eth_estimateGas."""

    def test_a_transfer_takes_21000(self) -> None:
        call = {"from": PAYER.address, "to": MERCHANT.address, "value": "0x1"}
        self.assertEqual(self.number("eth_estimateGas", call), 21_000)

    def test_an_estimate_suffices_and_is_near(self) -> None:
        token = self.deployment.token
        data = call_data("approve(address,uint256)", MERCHANT.address, 5)
        estimate = self.number("eth_estimateGas", {"from": PAYER.address, "to": token, "data": data})
        receipt = self.receipt(self.send(to=token, data=data, gas=estimate))
        self.assertEqual(receipt["status"], "0x1")
        self.assertLess(estimate, int(receipt["gasUsed"], 16) * 1.07)

    def test_a_creation_is_estimated(self) -> None:
        data = "0x60015f5560015ff3"
        estimate = self.number("eth_estimateGas", {"from": PAYER.address, "data": data})
        self.assertEqual(self.receipt(self.send(to=None, data=data, gas=estimate))["status"], "0x1")

    def test_pretended_accounts_count(self) -> None:
        call = {"from": CONTRACT, "to": MERCHANT.address, "value": "0x1"}
        message = f"insufficient funds for gas * price + value: address {CONTRACT} have 0 want 1"
        self.assert_refused(f"failed with 21000 gas: {message}", "eth_estimateGas", call)
        overrides = {CONTRACT: {"balance": "0x1"}}
        self.assertEqual(self.number("eth_estimateGas", call, "latest", overrides), 21_000)

    def test_what_never_succeeds(self) -> None:
        table = [
            (BARE_REVERT, {}, "execution reverted"),
            (ENDLESS_LOOP, {"gas": "0x7530"}, "gas required exceeds allowance (30000)"),
            (INVALID, {}, "invalid opcode"),
        ]
        for code, members, message in table:
            with self.subTest(message=message):
                overrides = {CONTRACT: {"code": code}}
                call = {"to": CONTRACT, **members}
                self.assert_refused(message, "eth_estimateGas", call, "latest", overrides)

    def test_what_the_balance_allows(self) -> None:
        call = {
            "from": CONTRACT,
            "to": self.deployment.token,
            "maxFeePerGas": hex(GWEI),
            "data": "0x095ea7b3",
        }
        overrides = {CONTRACT: {"balance": hex(20_000 * GWEI)}}
        message = "gas required exceeds allowance (20000)"
        self.assert_refused(message, "eth_estimateGas", call, "latest", overrides)
        self.assert_refused("insufficient funds for transfer", "eth_estimateGas", call)


class TraceTest(DevnetTest):
    """debug_traceCall."""

    CALL_TRACER = {"tracer": "callTracer", "tracerConfig": {"withLog": True}}

    def trace(self, **call: Any) -> Any:
        """What the tracer tells of a call."""
        return self.rpc("debug_traceCall", call, "latest", self.CALL_TRACER)

    def test_calls_values_and_events(self) -> None:
        """The wrapped native currency gives back what was paid in: a call inside with a value, after an event."""
        token = self.deployment.wrapped_native.lower()
        traced = self.trace(
            **{"from": PAYER.address, "to": token, "value": "0x5", "data": call_data("deposit()")}
        )
        self.assertEqual((traced["type"], traced["from"], traced["to"]), ("CALL", PAYER.address.lower(), token))
        self.assertEqual(traced["value"], "0x5")
        (event,) = traced["logs"]
        self.assertEqual((event["address"], event["position"], len(event["topics"])), (token, "0x0", 3))
        self.assertEqual(int(event["data"], 16), 5)
        self.send(to=self.deployment.wrapped_native, value=7, data=call_data("deposit()"), gas=200_000)
        traced = self.trace(
            **{"from": PAYER.address, "to": token, "data": call_data("withdraw(uint256)", 7)}
        )
        (inner,) = traced["calls"]
        self.assertEqual((inner["type"], inner["to"], inner["value"]), ("CALL", PAYER.address.lower(), "0x7"))
        self.assertNotIn("error", traced)

    def test_a_failure_is_told_and_its_events_are_not(self) -> None:
        """A transfer of what nobody has."""
        traced = self.trace(
            **{
                "from": MERCHANT.address,
                "to": self.deployment.token,
                "data": call_data("transfer(address,uint256)", PAYER.address, 1),
            }
        )
        self.assertEqual(traced["error"], "execution reverted")
        self.assertNotIn("logs", traced)

    def test_other_tracers_are_refused(self) -> None:
        """One is played."""
        config = {"tracer": "prestateTracer"}
        self.assert_refused(
            f"tracer not found: {config}",
            "debug_traceCall",
            {"to": MERCHANT.address},
            "latest",
            config,
            code=-32602,
        )


class OracleTest(DevnetTest):
    """The gas price oracle of an OP-stack chain."""

    options = Options(chain_id=8453, l1_fee=123_456)

    def test_the_fee_for_data_is_told(self) -> None:
        call = {"to": "0x" + GAS_PRICE_ORACLE.hex(), "data": call_data("getL1Fee(bytes)", b"\x02")}
        self.assertEqual(self.number("eth_call", call), 123_456)


def _created(address: str, nonce: int) -> str:
    return keccak(rlp.encode([to_canonical_address(address), nonce]))[12:].hex()
