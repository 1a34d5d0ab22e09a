"""Payments with a swap: what is spent, what comes back, and every way a swap fails."""

from __future__ import annotations

from typing import Any

from eth_abi import decode

from devnet.accounts import MERCHANT, PAYER, STRANGER
from devnet.charge import NATIVE
from devnet.deployment import PERMIT2, Options
from tests.payment import NEEDED, NO_DATA, PaymentTest
from tests.permits import FAR, permit2_signature
from tests.support import call_data, payment_data, shared_deployment

QUOTE = "quoteExactOutputSingle((address,address,uint256,uint24,uint160))"
IDENTIFIER = bytes(range(16))
# More than any of these payments costs.
PLENTY = 10**18
# NEEDED at 2500 for one, and half a thousandth on top, in wei and rounded up.
COST_IN_WEI = 420_210_105_052_527
# NEEDED at one for one with a ten-thousandth on top.
COST_IN_SECOND = 1_050_105_010_501_050_106


class SwapTest(PaymentTest):
    """Ways to pay with what the merchant does not want."""

    def by_native(self, fee: int = 500, **members: Any) -> str:
        """The call that spends native currency."""
        intent = self.intent(**{"recipient_currency": self.token, "id": IDENTIFIER, **members})
        return payment_data("swapAndTransferUniswapV3Native", intent, fee)

    def by_approval(self, maximum: int, token: str = "", fee: int = 100, **members: Any) -> str:
        """The call that spends tokens, by an allowance."""
        intent = self.intent(**{"recipient_currency": self.token, "id": IDENTIFIER, **members})
        arguments = (token or self.second, maximum, fee)
        return payment_data("swapAndTransferUniswapV3TokenPreApproved", intent, *arguments)

    def by_permit(self, maximum: int, fee: int = 100, to: str = "", token: str = "", **members: Any) -> str:
        """The call that spends tokens, by a permit."""
        intent = self.intent(**{"recipient_currency": self.token, "id": IDENTIFIER, **members})
        spent = token or self.second
        signed = (PAYER, self.options.chain_id, spent, maximum, self.transfers, 7, FAR)
        permit = ((spent, maximum), 7, FAR), (to or self.transfers, maximum), permit2_signature(*signed)
        return payment_data("swapAndTransferUniswapV3Token", intent, permit, fee)

    def quote(self, token_in: str, token_out: str, amount: int, fee: int) -> int:
        """What the quoter answers."""
        data = call_data(QUOTE, (token_in, token_out, amount, fee, 0))
        answer = self.rpc("eth_call", {"to": self.deployment.exchange, "data": data}, "latest")
        return int(decode(["uint256", "uint160", "uint32", "uint256"], bytes.fromhex(answer[2:]))[0])


class SuccessTest(SwapTest):
    """Balances before and after."""

    def test_native_for_a_token(self) -> None:
        before = self.balance(PAYER.address)
        receipt = self.send_payment(self.by_native(), PLENTY)
        self.assert_transferred(receipt, IDENTIFIER, COST_IN_WEI, NATIVE)
        self.assert_paid(self.token)
        self.assertEqual(self.balance(PAYER.address), before - COST_IN_WEI - self.gas_cost(receipt))
        self.assertEqual((self.balance(self.transfers), self.balance(self.deployment.exchange)), (0, 0))

    def test_native_to_the_last_unit(self) -> None:
        receipt = self.send_payment(self.by_native(), COST_IN_WEI)
        self.assert_transferred(receipt, IDENTIFIER, COST_IN_WEI, NATIVE)

    def test_another_tier_has_another_price(self) -> None:
        cost = self.quote(self.wrapped, self.token, NEEDED, 3_000)
        self.assertEqual(cost, 438_816_449_348_045)
        self.assert_transferred(self.send_payment(self.by_native(3_000), PLENTY), IDENTIFIER, cost, NATIVE)

    def test_a_token_for_a_token_by_an_allowance(self) -> None:
        before = self.tokens(self.second, PAYER.address)
        self.approve(self.second, 2 * PLENTY)
        receipt = self.send_payment(self.by_approval(2 * PLENTY))
        self.assert_transferred(receipt, IDENTIFIER, COST_IN_SECOND, self.second)
        self.assert_paid(self.token)
        self.assertEqual(self.tokens(self.second, PAYER.address), before - COST_IN_SECOND)
        self.assertEqual(self.tokens(self.second, self.transfers), 0)

    def test_a_token_for_a_token_by_a_permit(self) -> None:
        before = self.tokens(self.second, PAYER.address)
        self.approve(self.second, 2 * PLENTY, PERMIT2)
        receipt = self.send_payment(self.by_permit(2 * PLENTY))
        self.assert_transferred(receipt, IDENTIFIER, COST_IN_SECOND, self.second)
        self.assert_paid(self.token)
        self.assertEqual(self.tokens(self.second, PAYER.address), before - COST_IN_SECOND)

    def test_a_token_for_native(self) -> None:
        before = self.tokens(self.second, PAYER.address)
        self.approve(self.second, PLENTY)
        receipt = self.send_payment(self.by_approval(PLENTY, fee=3_000, recipient_currency=NATIVE))
        cost = self.quote(self.second, self.wrapped, NEEDED, 3_000)
        self.assertEqual(cost, 2_632_898_697)
        self.assert_transferred(receipt, IDENTIFIER, cost, self.second)
        self.assert_paid_natively()
        self.assertEqual(self.tokens(self.second, PAYER.address), before - cost)

    def test_a_token_for_the_wrapped_native_currency(self) -> None:
        self.approve(self.token, 10**6)
        data = self.by_approval(10**6, token=self.token, fee=500, recipient_currency=self.wrapped)
        self.assert_transferred(self.send_payment(data), IDENTIFIER, 1, self.token)
        self.assert_paid(self.wrapped)

    def test_what_is_taken_is_what_was_quoted_and_what_the_pool_says(self) -> None:
        for pool in self.deployment.pools:
            for spent, given in (pool.sides, pool.sides[::-1]):
                amount = min(given.reserve, 987_654)
                if amount:
                    with self.subTest(fee=pool.fee, spent=spent.token, given=given.token):
                        quoted = self.quote(spent.token, given.token, amount, pool.fee)
                        self.assertEqual(quoted, pool.amount_in(spent.token, amount))

    def test_a_swap_of_nothing_leaves_the_value_in_the_contract(self) -> None:
        receipt = self.send_payment(self.by_native(recipient_amount=0, fee_amount=0), 5)
        self.assert_transferred(receipt, IDENTIFIER, 0, NATIVE)
        self.assertEqual(self.balance(self.transfers), 5)


class RefusalTest(SwapTest):
    """Every error, as simulated and as mined."""

    def test_each_way_a_swap_fails(self) -> None:
        wrapped, token, native = self.wrapped, self.token, {"recipient_currency": NATIVE}
        self.approve(self.second, 10 * PLENTY)
        self.approve(self.wrapped, PLENTY)
        self.wrap(PLENTY)
        too_much = ("SwapFailedString(string)", ("V3TooMuchRequested",))
        no_pool = ("SwapFailedBytes(bytes)", (NO_DATA,))
        empty = ("SwapFailedString(string)", ("V3InvalidSwap",))
        thin = ("SwapFailedString(string)", ("V3InvalidAmountOut",))
        unpayable = {**native, "recipient": token}
        table: list[tuple[tuple[str, tuple[object, ...]], str, int]] = [
            (too_much, self.by_native(), COST_IN_WEI - 1),
            (too_much, self.by_native(), 0),
            (too_much, self.by_approval(COST_IN_SECOND - 1), 0),
            (too_much, self.by_approval(0), 0),
            (no_pool, self.by_native(10_000), PLENTY),
            (no_pool, self.by_native(0), PLENTY),
            (no_pool, self.by_approval(PLENTY, fee=10_000), 0),
            (no_pool, self.by_approval(PLENTY, token=wrapped, fee=500, **native), 0),
            (empty, self.by_native(100), PLENTY),
            (thin, self.by_approval(2 * PLENTY, fee=500), 0),
            (
                ("SwapFailedString(string)", ("ETH_TRANSFER_FAILED",)),
                *(self.by_approval(PLENTY, fee=3_000, **unpayable), 0),
            ),
        ]
        for row, ((error, arguments), data, value) in enumerate(table):
            with self.subTest(row=row, arguments=arguments):
                self.assert_reverts(error, arguments, data, value)

    def test_a_currency_that_is_no_contract(self) -> None:
        data = self.by_native(recipient_currency=MERCHANT.address)
        call = {"from": PAYER.address, "to": self.transfers, "data": data, "value": hex(PLENTY)}
        self.assertEqual(self.refusal("eth_call", call), {"code": -32000, "message": "execution reverted"})

    def test_each_currency_that_needs_no_swap(self) -> None:
        for currency in (NATIVE, self.wrapped):
            data = self.by_native(recipient_currency=currency)
            self.assert_reverts("IncorrectCurrency(address)", (NATIVE,), data, PLENTY)
        for data in (self.by_approval(5, token=self.token), self.by_permit(5, token=self.token)):
            self.assert_reverts("IncorrectCurrency(address)", (self.token,), data)

    def test_an_allowance_and_a_balance_of_the_maximum_and_not_of_the_price(self) -> None:
        held = self.tokens(self.second, PAYER.address)
        self.approve(self.second, COST_IN_SECOND)
        self.assert_reverts("InsufficientAllowance(uint256)", (1,), self.by_approval(COST_IN_SECOND + 1))
        self.assert_reverts("InsufficientBalance(uint256)", (1,), self.by_approval(held + 1))
        self.assertEqual(self.send_payment(self.by_approval(COST_IN_SECOND))["status"], "0x1")

    def test_a_permit_that_pays_somebody_else(self) -> None:
        data = self.by_permit(PLENTY, to=STRANGER.address)
        self.assert_reverts("InvalidTransferDetails()", (), data)

    def test_permit2_refuses_before_the_pool_does(self) -> None:
        self.assert_reverts("Error(string)", ("TRANSFER_FROM_FAILED",), self.by_permit(1))
        self.approve(self.second, 1, PERMIT2)
        self.assert_reverts("SwapFailedString(string)", ("V3TooMuchRequested",), self.by_permit(1))

    def test_a_token_that_keeps_some_of_what_is_sent(self) -> None:
        self.approve(self.second, 2 * PLENTY)
        self.approve(self.second, 2 * PLENTY, PERMIT2)
        self.take_transfer_fee(self.second)
        for data in (self.by_approval(2 * PLENTY), self.by_permit(2 * PLENTY)):
            self.assert_reverts("InexactTransfer()", (), data)
        self.take_transfer_fee(self.token)
        self.assert_reverts("InexactTransfer()", (), self.by_native(), PLENTY)

    def test_the_checks_come_in_the_contracts_order(self) -> None:
        self.assert_reverts(
            "IncorrectCurrency(address)", (NATIVE,), self.by_native(9, recipient_currency=NATIVE)
        )
        data = self.by_permit(5, to=STRANGER.address, token=self.token)
        self.assert_reverts("IncorrectCurrency(address)", (self.token,), data)


class QuoterTest(SwapTest):
    """QuoterV2, which fails as the pools do but tells it in its own way."""

    def test_its_refusals(self) -> None:
        table = [
            ((self.wrapped, self.token, 1, 10_000, 0), "execution reverted"),
            ((self.wrapped, self.token, 1, 100, 0), "execution reverted: Unexpected error"),
            ((self.second, self.token, 1_000_001, 500, 0), "execution reverted: Unexpected error"),
            ((self.wrapped, self.token, 0, 500, 0), "execution reverted: AS"),
        ]
        for params, message in table:
            with self.subTest(params=params):
                call = {"to": self.deployment.exchange, "data": call_data(QUOTE, params)}
                self.assertEqual(self.refusal("eth_call", call, "latest")["message"], message)

    def test_a_pool_that_is_used_up(self) -> None:
        self.approve(self.second, 2 * PLENTY)
        data = self.by_approval(2 * PLENTY, fee=500, recipient_amount=900_000, fee_amount=0)
        self.assertEqual(self.send_payment(data)["status"], "0x1")
        self.assertEqual(self.quote(self.second, self.token, 100_000, 500), 100_050_025_012_506_254)
        call = {
            "to": self.deployment.exchange,
            "data": call_data(QUOTE, (self.second, self.token, 100_001, 500, 0)),
        }
        self.assertEqual(self.refusal("eth_call", call)["data"][:10], "0x08c379a0")

    def test_it_is_where_it_really_is(self) -> None:
        elsewhere = "0x61fFE014bA17989E743c5F6cB21bF9697530B21e"
        on_base = "0x3d4e44Eb1374240CE5F1B871ab261CD16335B76a"
        table = [(1, elsewhere), (137, elsewhere), (8453, on_base), (31337, on_base)]
        for chain_id, address in table:
            with self.subTest(chain_id=chain_id):
                deployment = shared_deployment(Options(chain_id=chain_id))
                self.assertEqual(deployment.as_json("")["quoter"], address)
