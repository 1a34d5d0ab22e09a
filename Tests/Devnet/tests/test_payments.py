"""Payments without a permit or a swap, to the last unit, and every refusal with its arguments."""

from __future__ import annotations

from typing import Any, cast

from eth_abi import decode

from devnet.accounts import DEPLOYER, FEE_DESTINATION, MERCHANT, OPERATOR, PAYER, STRANGER
from devnet.charge import NATIVE, SERVICE_PREFIX, Intent
from devnet.deployment import Options
from tests.payment import AMOUNT, FEE, NEEDED, NO_DATA, PaymentTest
from tests.support import call_data, payment_data


class SuccessTest(PaymentTest):
    """Balances before and after."""

    identifier = bytes(range(16))

    def test_transferNative(self) -> None:
        before = self.balance(PAYER.address)
        receipt = self.pay("transferNative", NEEDED, id=self.identifier)
        self.assert_transferred(receipt, self.identifier, NEEDED, NATIVE)
        self.assertEqual(self.balance(PAYER.address), before - NEEDED - self.gas_cost(receipt))
        self.assert_paid_natively()

    def test_wrapAndTransfer(self) -> None:
        before = self.balance(PAYER.address)
        wrapped = self.balance(self.wrapped)
        receipt = self.pay("wrapAndTransfer", NEEDED, id=self.identifier, recipient_currency=self.wrapped)
        self.assert_transferred(receipt, self.identifier, NEEDED, NATIVE)
        self.assertEqual(self.balance(PAYER.address), before - NEEDED - self.gas_cost(receipt))
        self.assert_paid(self.wrapped)
        self.assertEqual(self.balance(self.wrapped), wrapped + NEEDED)

    def test_transferTokenPreApproved(self) -> None:
        before = self.tokens(self.token, PAYER.address)
        self.assertEqual(self.approve(self.token, NEEDED)["status"], "0x1")
        receipt = self.pay("transferTokenPreApproved", id=self.identifier, recipient_currency=self.token)
        self.assert_transferred(receipt, self.identifier, NEEDED, self.token)
        self.assertEqual(self.tokens(self.token, PAYER.address), before - NEEDED)
        self.assert_paid(self.token)
        allowance = call_data("allowance(address,address)", PAYER.address, self.transfers)
        self.assertEqual(self.number("eth_call", {"to": self.token, "data": allowance}), 0)

    def test_unwrapAndTransferPreApproved(self) -> None:
        self.wrap(NEEDED)
        self.approve(self.wrapped, NEEDED)
        receipt = self.pay("unwrapAndTransferPreApproved", id=self.identifier)
        self.assert_transferred(receipt, self.identifier, NEEDED, self.wrapped)
        self.assertEqual(self.tokens(self.wrapped, PAYER.address), 0)
        self.assert_paid_natively()

    def test_the_deadline_itself_is_in_time(self) -> None:
        deadline = 4_000_000_000
        self.rpc("evm_setNextBlockTimestamp", deadline)
        self.assertEqual(self.pay("transferNative", NEEDED, deadline=deadline)["status"], "0x1")

    def test_every_prefix_is_good_that_the_operator_signed_with(self) -> None:
        for prefix in (NO_DATA, SERVICE_PREFIX, b"\x19Another:\n"):
            with self.subTest(prefix=prefix):
                self.assertEqual(self.pay("transferNative", NEEDED, prefix=prefix)["status"], "0x1")

    def test_without_a_fee_only_the_merchant_is_paid(self) -> None:
        self.pay("transferNative", AMOUNT, fee_amount=0)
        self.assertEqual((self.balance(MERCHANT.address), self.balance(FEE_DESTINATION.address)), (AMOUNT, 0))


class OtherChainTest(PaymentTest):
    """The contract reads the chain id of the chain it is on."""

    options = Options(chain_id=2**40 + 1)

    def test_an_intent_for_this_chain_is_paid(self) -> None:
        self.assertEqual(self.pay("transferNative", NEEDED)["status"], "0x1")


class RefusalTest(PaymentTest):
    """Every error of the contract, as simulated and as mined."""

    def test_each_error_and_its_arguments(self) -> None:
        token = {"recipient_currency": self.token}
        wrapped = {"recipient_currency": self.wrapped}
        held = self.tokens(self.token, PAYER.address)
        table: list[tuple[str, tuple[object, ...], str, int, dict[str, Any]]] = [
            ("InvalidSignature()", (), "transferNative", NEEDED, {"sender": MERCHANT.address}),
            ("InvalidSignature()", (), "transferNative", NEEDED, {"operator": STRANGER.address}),
            ("InvalidSignature()", (), "transferNative", NEEDED, {"chain_id": 1}),
            ("InvalidSignature()", (), "transferNative", NEEDED, {"contract": self.token}),
            ("ExpiredIntent()", (), "transferNative", NEEDED, {"deadline": 1_700_000_000}),
            ("NullRecipient()", (), "transferNative", NEEDED, {"recipient": NATIVE}),
            ("OperatorNotRegistered()", (), "transferNative", NEEDED, {"operator_key": STRANGER.key}),
            ("InvalidNativeAmount(int256)", (1,), "transferNative", NEEDED + 1, {}),
            ("InvalidNativeAmount(int256)", (-1,), "transferNative", NEEDED - 1, {}),
            ("InvalidNativeAmount(int256)", (-NEEDED,), "wrapAndTransfer", 0, wrapped),
            ("IncorrectCurrency(address)", (NATIVE,), "transferNative", NEEDED, token),
            ("IncorrectCurrency(address)", (NATIVE,), "wrapAndTransfer", NEEDED, token),
            ("IncorrectCurrency(address)", (NATIVE,), "transferTokenPreApproved", 0, {}),
            ("IncorrectCurrency(address)", (self.wrapped,), "unwrapAndTransferPreApproved", 0, token),
            (
                *("InsufficientBalance(uint256)", (FEE + 3,), "transferTokenPreApproved", 0),
                {**token, "recipient_amount": held + 3},
            ),
            ("InsufficientAllowance(uint256)", (NEEDED,), "transferTokenPreApproved", 0, token),
            (
                *("NativeTransferFailed(address,uint256,bool,bytes)", (self.token, AMOUNT, False, NO_DATA)),
                *("transferNative", NEEDED, {"recipient": self.token}),
            ),
        ]
        for error, arguments, function, value, members in table:
            with self.subTest(error=error, function=function, members=members):
                data = payment_data(function, self.intent(**members))
                self.assert_reverts(error, arguments, data, value)

    def test_an_allowance_that_is_short_says_by_how_much(self) -> None:
        self.approve(self.token, NEEDED - 7)
        data = payment_data("transferTokenPreApproved", self.intent(recipient_currency=self.token))
        self.assert_reverts("InsufficientAllowance(uint256)", (7,), data)

    def test_a_token_that_keeps_some_of_what_is_sent(self) -> None:
        self.approve(self.token, NEEDED)
        self.take_transfer_fee(self.token)
        data = payment_data("transferTokenPreApproved", self.intent(recipient_currency=self.token))
        self.assert_reverts("InexactTransfer()", (), data)

    def test_an_intent_is_paid_once(self) -> None:
        data = payment_data("transferNative", self.intent())
        self.receipt(self.send(to=self.transfers, data=data, value=NEEDED, gas=500_000))
        self.assert_reverts("AlreadyProcessed()", (), data, NEEDED)

    def test_the_checks_come_in_the_contracts_order(self) -> None:
        used = self.intent(recipient_amount=1)
        data = payment_data("transferNative", used)
        self.send(to=self.transfers, data=data, value=1 + FEE, gas=500_000)
        # Everything is wrong; each step mends what the contract complained of.
        wrong: dict[str, Any] = {
            "sender": MERCHANT.address,
            "deadline": 1,
            "recipient": NATIVE,
            "id": used.id,
            "recipient_currency": self.token,
        }
        steps: list[tuple[str, tuple[object, ...], dict[str, Any], int]] = [
            ("InvalidSignature()", (), {"sender": PAYER.address}, 0),
            ("ExpiredIntent()", (), {"deadline": 4_000_000_000}, 0),
            ("NullRecipient()", (), {"recipient": MERCHANT.address}, 0),
            ("AlreadyProcessed()", (), {"operator_key": STRANGER.key}, 0),
            ("OperatorNotRegistered()", (), {"operator_key": OPERATOR.key, "id": bytes(16)}, 0),
            ("InvalidNativeAmount(int256)", (-NEEDED,), {}, 0),
            ("IncorrectCurrency(address)", (NATIVE,), {}, NEEDED),
        ]
        for error, arguments, mend, value in steps:
            with self.subTest(error=error):
                self.assert_reverts(
                    error, arguments, payment_data("transferNative", self.intent(**wrong)), value
                )
                wrong |= mend

    def test_a_paused_contract_says_so_before_anything_else(self) -> None:
        self.send(DEPLOYER, to=self.transfers, data=call_data("pause()"), gas=100_000)
        data = payment_data("transferNative", self.intent(sender=MERCHANT.address))
        self.assert_reverts("Error(string)", ("Pausable: paused",), data, NEEDED)
        call = {"from": PAYER.address, "to": self.transfers, "data": data}
        self.assertEqual(self.refusal("eth_call", call)["message"], "execution reverted: Pausable: paused")
        self.send(DEPLOYER, to=self.transfers, data=call_data("unpause()"), gas=100_000)
        self.assertEqual(self.pay("transferNative", NEEDED)["status"], "0x1")

    def test_only_the_owner_pauses(self) -> None:
        receipt = self.receipt(self.send(to=self.transfers, data=call_data("pause()"), gas=100_000))
        self.assertEqual(receipt["status"], "0x0")

    def test_an_operator_can_leave(self) -> None:
        self.send(OPERATOR, to=self.transfers, data=call_data("unregisterOperator()"), gas=100_000)
        data = payment_data("transferNative", self.intent())
        self.assert_reverts("OperatorNotRegistered()", (), data, NEEDED)

    def test_a_signature_that_is_none(self) -> None:
        signature = self.intent(id=bytes(16)).signature
        order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
        high_s = (order - int.from_bytes(signature[32:64], "big")).to_bytes(32, "big")
        table = [
            (signature[:64], "ECDSA: invalid signature length"),
            (signature[:64] + bytes([signature[64] - 27]), "ECDSA: invalid signature"),
            (bytes(64) + b"\x1b", "ECDSA: invalid signature"),
            (signature[:32] + high_s + bytes([55 - signature[64]]), "ECDSA: invalid signature 's' value"),
        ]
        intent = self.intent(id=bytes(16), deadline=4_000_000_000)
        for altered, message in table:
            with self.subTest(message=message):
                data = payment_data("transferNative", cast(Intent, _Altered(intent, altered)))
                self.assert_reverts("Error(string)", (message,), data, NEEDED)


class ResetFirstTest(PaymentTest):
    """A token whose allowance changes only through zero."""

    options = Options(reset_first=True, token_symbol="USDT")

    def test_an_allowance_changes_through_zero(self) -> None:
        statuses = [self.approve(self.token, amount)["status"] for amount in (5, 6, 0, 6)]
        self.assertEqual(statuses, ["0x1", "0x0", "0x1", "0x1"])


class TokenTest(PaymentTest):
    """What the two tokens say of themselves, and the wrapped one's way back."""

    def test_names_symbols_and_decimals(self) -> None:
        told = []
        for token in (self.token, self.wrapped):
            answers = [
                self.rpc("eth_call", {"to": token, "data": call_data(f"{name}()")})
                for name in ("name", "symbol")
            ]
            texts = [decode(["string"], bytes.fromhex(answer[2:]))[0] for answer in answers]
            told.append((*texts, self.number("eth_call", {"to": token, "data": call_data("decimals()")})))
        self.assertEqual(told, [("USD Coin", "USDC", 6), ("Wrapped Ether", "WETH", 18)])

    def test_what_is_wrapped_can_be_unwrapped(self) -> None:
        before = self.balance(self.wrapped)
        self.wrap(100)
        self.send(to=self.wrapped, data=call_data("withdraw(uint256)", 40), gas=100_000)
        self.assertEqual(self.tokens(self.wrapped, PAYER.address), 60)
        self.assertEqual(self.balance(self.wrapped), before + 60)

    def test_an_ordinary_allowance_changes_at_will(self) -> None:
        statuses = [self.approve(self.token, amount)["status"] for amount in (5, 6)]
        self.assertEqual(statuses, ["0x1", "0x1"])


class _Altered:
    """An intent with another signature in the place of its own."""

    def __init__(self, intent: Intent, signature: bytes) -> None:
        self._intent = intent
        self.signature = signature

    def __getattr__(self, name: str) -> Any:
        return getattr(self._intent, name)
