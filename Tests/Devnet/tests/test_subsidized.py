"""The payment that somebody else sends: the payer signs a permit of the token and needs no native money."""

from __future__ import annotations

from typing import Any

from devnet.accounts import MERCHANT, OPERATOR, PAYER, STRANGER
from devnet.charge import NATIVE
from tests.payment import FEE, NEEDED, PaymentTest
from tests.permits import FAR, token_signature
from tests.support import call_data, payment_data


class SubsidizedTest(PaymentTest):
    """A payer who only signs."""

    def signature(self, **members: Any) -> bytes:
        """The permit that pays an intent, unless members say otherwise."""
        usual = {"spender": self.transfers, "value": NEEDED, "nonce": 0, "deadline": FAR}
        chosen = {
            "account": PAYER,
            "chain_id": self.options.chain_id,
            "token": self.token,
            **usual,
            **members,
        }
        message = {"owner": PAYER.address, **{key: chosen[key] for key in usual}}
        return token_signature(chosen["account"], chosen["chain_id"], chosen["token"], message)

    def payment(self, signature: bytes, **members: Any) -> str:
        """The call, for an intent that ends when the permit does."""
        usual = {"recipient_currency": self.token, "deadline": FAR}
        return payment_data(
            "subsidizedTransferToken", self.intent(**{**usual, **members}), (PAYER.address, signature)
        )

    def token_number(self, signature: str, *arguments: object) -> int:
        """A number that the token tells."""
        return self.number("eth_call", {"to": self.token, "data": call_data(signature, *arguments)}, "latest")


class SuccessTest(SubsidizedTest):
    """Who pays what."""

    def test_another_sends_and_the_payer_pays(self) -> None:
        tokens, native = self.tokens(self.token, PAYER.address), self.balance(PAYER.address)
        intent_id = bytes(range(16))
        receipt = self.send_payment(self.payment(self.signature(), id=intent_id), account=OPERATOR)
        self.assert_transferred(receipt, intent_id, NEEDED, self.token)
        self.assert_paid(self.token)
        self.assertEqual(self.tokens(self.token, PAYER.address), tokens - NEEDED)
        self.assertEqual(self.balance(PAYER.address), native)
        self.assertEqual(self.token_number("nonces(address)", PAYER.address), 1)
        left = self.token_number("allowance(address,address)", PAYER.address, self.transfers)
        self.assertEqual(left, 0)

    def test_the_next_permit_has_the_next_nonce(self) -> None:
        for nonce in range(2):
            receipt = self.send_payment(self.payment(self.signature(nonce=nonce)), account=OPERATOR)
            self.assertEqual(receipt["status"], "0x1")


class RefusalTest(SubsidizedTest):
    """Every error of the contract."""

    def test_each_error(self) -> None:
        held = self.tokens(self.token, PAYER.address)
        whole = self.signature()
        table: list[tuple[str, tuple[object, ...], bytes, dict[str, Any]]] = [
            ("InvalidSignature()", (), whole, {"sender": STRANGER.address}),
            ("IncorrectCurrency(address)", (NATIVE,), whole, {"recipient_currency": NATIVE}),
            ("InsufficientBalance(uint256)", (FEE + 3,), whole, {"recipient_amount": held + 3}),
            ("PermitCallFailed()", (), self.signature(account=STRANGER), {}),
            ("PermitCallFailed()", (), self.signature(value=NEEDED + 1), {}),
            ("PermitCallFailed()", (), self.signature(spender=MERCHANT.address), {}),
            ("PermitCallFailed()", (), self.signature(nonce=1), {}),
            ("PermitCallFailed()", (), self.signature(deadline=FAR + 1), {}),
            ("PermitCallFailed()", (), self.signature(token=self.second), {}),
            ("PermitCallFailed()", (), self.signature(chain_id=1), {}),
            ("PermitCallFailed()", (), whole[:64], {}),
            ("PermitCallFailed()", (), whole[:64] + b"\x00", {}),
        ]
        for row, (error, arguments, signature, members) in enumerate(table):
            with self.subTest(row=row, error=error):
                self.assert_reverts(error, arguments, self.payment(signature, **members))

    def test_a_permit_is_used_once(self) -> None:
        self.send_payment(self.payment(self.signature()), account=OPERATOR)
        self.assert_reverts("PermitCallFailed()", (), self.payment(self.signature()))

    def test_a_token_that_keeps_some_of_what_is_sent(self) -> None:
        self.take_transfer_fee(self.token)
        self.assert_reverts("InexactTransfer()", (), self.payment(self.signature()))


class TokenPermitTest(SubsidizedTest):
    """EIP-2612 as the token itself has it."""

    def permit(self, signature: bytes, deadline: int = FAR, owner: str = PAYER.address) -> str:
        """The call with v, r and s."""
        return call_data(
            "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
            *(owner, self.transfers, NEEDED, deadline),
            *(signature[64], signature[:32], signature[32:64]),
        )

    def test_anyone_can_bring_a_permit(self) -> None:
        self.send(OPERATOR, to=self.token, data=self.permit(self.signature()), gas=150_000)
        allowed = self.token_number("allowance(address,address)", PAYER.address, self.transfers)
        self.assertEqual(allowed, NEEDED)
        self.assertEqual(self.pay("transferTokenPreApproved", recipient_currency=self.token)["status"], "0x1")

    def test_its_refusals(self) -> None:
        past = 1_700_000_000
        invalid = "EIP2612: invalid signature"
        table = [
            ("FiatTokenV2: permit is expired", self.permit(self.signature(deadline=past), past)),
            (invalid, self.permit(self.signature(account=STRANGER))),
            (invalid, self.permit(self.signature(nonce=1))),
            (invalid, self.permit(bytes(64) + b"\x1b", owner=NATIVE)),
        ]
        for message, data in table:
            with self.subTest(message=message):
                self.assert_reverts("Error(string)", (message,), data, to=self.token)
