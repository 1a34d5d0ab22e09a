"""Payments by Permit2: what settles, and every refusal of the two contracts."""

from __future__ import annotations

from typing import Any

from eth_abi import encode
from eth_utils import keccak

from devnet.accounts import MERCHANT, OPERATOR, PAYER, STRANGER
from devnet.charge import NATIVE
from devnet.deployment import PERMIT2, Options
from tests.payment import AMOUNT, FEE, NEEDED, PaymentTest
from tests.permits import FAR, permit2_signature
from tests.support import call_data, payment_data, shared_deployment

UNLIMITED = 2**256 - 1
# Published: the separators of the real contract on three chains.
SEPARATORS = {
    1: "0x866a5aba21966af95d6c7ab78eb2b2fc913915c28be3b9aa07cc04ff903e3f28",
    137: "0xf033048cb2764f596bc4d98e089fa38bb84b4be3d5da2e77f9bfac0e4d6c68ca",
    8453: "0x3b6f35e4fce979ef8eac3bcdc8c3fc38fe7911bb0c69c8fe72bf1fd1a17e6f07",
}


class Permit2Test(PaymentTest):
    """A payer who has let Permit2 take tokens."""

    def setUp(self) -> None:
        super().setUp()
        self.approve(self.token, UNLIMITED, PERMIT2)
        self.approve(self.wrapped, UNLIMITED, PERMIT2)

    def permit(self, token: str, amount: int = NEEDED, **members: Any) -> tuple[object, ...]:
        """The second argument of a payment: `signed_…` members differ from what the signature is over."""
        usual = {"nonce": 7, "deadline": FAR, "requested": amount, "to": self.transfers, "signature": None}
        signed = {"account": PAYER, "chain_id": self.options.chain_id, "spender": self.transfers}
        chosen = {**usual, "permitted": amount, **{f"signed_{key}": signed[key] for key in signed}, **members}
        signature = chosen["signature"] or permit2_signature(
            chosen["signed_account"],
            chosen["signed_chain_id"],
            token,
            chosen["permitted"],
            chosen["signed_spender"],
            chosen["nonce"],
            chosen["deadline"],
        )
        permit = ((token, chosen["permitted"]), chosen["nonce"], chosen["deadline"])
        return permit, (chosen["to"], chosen["requested"]), signature

    def word(self, word: int) -> int:
        """A word of the payer's nonces."""
        data = call_data("nonceBitmap(address,uint256)", PAYER.address, word)
        return self.number("eth_call", {"to": PERMIT2, "data": data}, "latest")


class SuccessTest(Permit2Test):
    """Balances before and after."""

    identifier = bytes(range(16))

    def test_transferToken(self) -> None:
        before = self.tokens(self.token, PAYER.address)
        intent = self.intent(recipient_currency=self.token, id=self.identifier)
        nonce = int.from_bytes(intent.id, "big")
        data = payment_data("transferToken", intent, self.permit(self.token, nonce=nonce))
        receipt = self.send_payment(data)
        self.assert_transferred(receipt, intent.id, NEEDED, self.token)
        self.assert_paid(self.token)
        self.assertEqual(self.tokens(self.token, PAYER.address), before - NEEDED)
        self.assertEqual(self.word(nonce >> 8), 1 << (nonce & 255))

    def test_unwrapAndTransfer(self) -> None:
        self.wrap(NEEDED + 5)
        intent = self.intent(id=self.identifier)
        receipt = self.send_payment(payment_data("unwrapAndTransfer", intent, self.permit(self.wrapped)))
        self.assert_transferred(receipt, intent.id, NEEDED, self.wrapped)
        self.assert_paid_natively()
        self.assertEqual(self.tokens(self.wrapped, PAYER.address), 5)

    def test_a_permit_of_more_than_is_needed(self) -> None:
        permit = self.permit(self.token, permitted=NEEDED + 1)
        intent = self.intent(recipient_currency=self.token)
        self.assertEqual(self.send_payment(payment_data("transferToken", intent, permit))["status"], "0x1")
        self.assert_paid(self.token)

    def test_a_signature_of_64_bytes(self) -> None:
        for nonce in range(4):
            signature = self.permit(self.token, nonce=nonce)[2]
            assert isinstance(signature, bytes)
            s = int.from_bytes(signature[32:64], "big") | (signature[64] - 27) << 255
            short = signature[:32] + s.to_bytes(32, "big")
            permit = self.permit(self.token, nonce=nonce, signature=short)
            data = payment_data("transferToken", self.intent(recipient_currency=self.token), permit)
            with self.subTest(parity=signature[64]):
                self.assertEqual(self.send_payment(data)["status"], "0x1")

    def test_the_deadline_itself_is_in_time(self) -> None:
        self.rpc("evm_setNextBlockTimestamp", FAR)
        intent = self.intent(recipient_currency=self.token, deadline=FAR)
        data = payment_data("transferToken", intent, self.permit(self.token))
        self.assertEqual(self.send_payment(data)["status"], "0x1")


class RefusalTest(Permit2Test):
    """Every error, as simulated and as mined."""

    def refuse(
        self, error: str, arguments: tuple[object, ...], intent: dict[str, Any], permit: tuple[object, ...]
    ) -> None:
        """The payment by transferToken reverts so."""
        members = {"recipient_currency": self.token, **intent}
        data = payment_data("transferToken", self.intent(**members), permit)
        self.assert_reverts(error, arguments, data)

    def test_the_contracts_own_errors(self) -> None:
        held = self.tokens(self.token, PAYER.address)
        table: list[tuple[str, tuple[object, ...], dict[str, Any], tuple[object, ...]]] = [
            ("IncorrectCurrency(address)", (self.second,), {}, self.permit(self.second)),
            (
                "IncorrectCurrency(address)",
                (self.token,),
                {"recipient_currency": NATIVE},
                self.permit(self.token),
            ),
            ("IncorrectCurrency(address)", (NATIVE,), {"recipient_currency": NATIVE}, self.permit(NATIVE)),
            (
                "InsufficientBalance(uint256)",
                (FEE + 3,),
                {"recipient_amount": held + 3},
                self.permit(self.token),
            ),
            ("InvalidTransferDetails()", (), {}, self.permit(self.token, to=MERCHANT.address)),
            ("InvalidTransferDetails()", (), {}, self.permit(self.token, requested=NEEDED - 1)),
            ("InvalidTransferDetails()", (), {}, self.permit(self.token, requested=NEEDED + 1)),
        ]
        for error, arguments, intent, permit in table:
            with self.subTest(error=error, arguments=arguments):
                self.refuse(error, arguments, intent, permit)

    def test_the_errors_of_unwrapping(self) -> None:
        table: list[tuple[str, tuple[object, ...], dict[str, Any], tuple[object, ...]]] = [
            ("IncorrectCurrency(address)", (self.token,), {}, self.permit(self.token)),
            (
                *("IncorrectCurrency(address)", (self.wrapped,)),
                *({"recipient_currency": self.token}, self.permit(self.wrapped)),
            ),
            (
                "InsufficientBalance(uint256)",
                (1,),
                {"recipient_amount": AMOUNT + 1},
                self.permit(self.wrapped),
            ),
            ("InvalidTransferDetails()", (), {}, self.permit(self.wrapped, requested=NEEDED + 1)),
            ("InvalidSigner()", (), {}, self.permit(self.wrapped, signed_account=STRANGER)),
        ]
        self.wrap(NEEDED)
        for error, arguments, intent, permit in table:
            with self.subTest(error=error, arguments=arguments):
                data = payment_data("unwrapAndTransfer", self.intent(**intent), permit)
                self.assert_reverts(error, arguments, data)

    def test_the_errors_of_permit2(self) -> None:
        whole = self.permit(self.token)[2]
        assert isinstance(whole, bytes)
        table: list[tuple[str, tuple[object, ...], dict[str, Any]]] = [
            ("SignatureExpired(uint256)", (1_700_000_000,), {"deadline": 1_700_000_000}),
            ("InvalidAmount(uint256)", (NEEDED - 1,), {"permitted": NEEDED - 1}),
            ("InvalidSigner()", (), {"signed_account": STRANGER}),
            ("InvalidSigner()", (), {"signed_chain_id": 1}),
            ("InvalidSigner()", (), {"signed_spender": MERCHANT.address}),
            ("InvalidSigner()", (), {"signature": whole, "nonce": 8}),
            ("InvalidSignature()", (), {"signature": whole[:64] + b"\x00"}),
            ("InvalidSignatureLength()", (), {"signature": whole[:63]}),
            ("InvalidSignatureLength()", (), {"signature": whole + b"\x00"}),
        ]
        for error, arguments, members in table:
            with self.subTest(error=error, members=members):
                self.refuse(error, arguments, {}, self.permit(self.token, **members))

    def test_a_nonce_is_used_once(self) -> None:
        intent = self.intent(recipient_currency=self.token)
        self.send_payment(payment_data("transferToken", intent, self.permit(self.token)))
        self.refuse("InvalidNonce()", (), {}, self.permit(self.token))

    def test_a_nonce_can_be_taken_back(self) -> None:
        data = call_data("invalidateUnorderedNonces(uint256,uint256)", 1, 1 << 3)
        self.send(to=PERMIT2, data=data, gas=100_000)
        self.assertEqual(self.word(1), 1 << 3)
        self.refuse("InvalidNonce()", (), {}, self.permit(self.token, nonce=256 + 3))

    def test_without_an_approval_of_permit2(self) -> None:
        self.approve(self.token, NEEDED - 1, PERMIT2)
        self.refuse("Error(string)", ("TRANSFER_FROM_FAILED",), {}, self.permit(self.token))

    def test_a_token_that_keeps_some_of_what_is_sent(self) -> None:
        self.take_transfer_fee(self.token)
        self.refuse("InexactTransfer()", (), {}, self.permit(self.token))

    def test_only_the_spender_uses_a_permit(self) -> None:
        details = self.permit(self.token)
        data = call_data(
            "permitTransferFrom(((address,uint256),uint256,uint256),(address,uint256),address,bytes)",
            *details[:2],
            PAYER.address,
            details[2],
        )
        self.assert_reverts("InvalidSigner()", (), data, to=PERMIT2)

    def test_the_checks_come_in_the_contracts_order(self) -> None:
        self.send_payment(
            payment_data("transferToken", self.intent(recipient_currency=self.token), self.permit(self.token))
        )
        wrong: dict[str, Any] = {
            "to": MERCHANT.address,
            "deadline": 1,
            "permitted": 1,
            "signature": b"\x01" * 63,
        }
        intent: dict[str, Any] = {"operator_key": STRANGER.key, "recipient_amount": 2 * 10**12 - FEE}
        # Everything is wrong; each step mends what was complained of.
        steps: list[tuple[str, tuple[object, ...], str, dict[str, Any], dict[str, Any]]] = [
            ("OperatorNotRegistered()", (), self.second, {"operator_key": OPERATOR.key}, {}),
            ("IncorrectCurrency(address)", (self.second,), self.second, {}, {}),
            (
                *("InsufficientBalance(uint256)", (2 * 10**12 - (10**9 - NEEDED),), self.token),
                *({"recipient_amount": AMOUNT}, {}),
            ),
            ("InvalidTransferDetails()", (), self.token, {}, {"to": self.transfers}),
            ("SignatureExpired(uint256)", (1,), self.token, {}, {"deadline": FAR}),
            ("InvalidAmount(uint256)", (1,), self.token, {}, {"permitted": NEEDED}),
            ("InvalidNonce()", (), self.token, {}, {"nonce": 8}),
            ("InvalidSignatureLength()", (), self.token, {}, {}),
        ]
        for error, arguments, token, mended_intent, mended_permit in steps:
            with self.subTest(error=error):
                self.refuse(error, arguments, intent, self.permit(token, **wrong))
            intent |= mended_intent
            wrong |= mended_permit


class DomainTest(PaymentTest):
    """The domain is that of the chain it is on, at the real address."""

    def test_the_separators_of_real_chains(self) -> None:
        for chain_id, separator in SEPARATORS.items():
            with self.subTest(chain_id=chain_id):
                self.deployment = shared_deployment(Options(chain_id=chain_id))
                super().setUp()
                call = {"to": PERMIT2, "data": call_data("DOMAIN_SEPARATOR()")}
                self.assertEqual(self.rpc("eth_call", call, "latest"), separator)

    def test_the_separator_of_this_chain(self) -> None:
        kinds = ["bytes32", "bytes32", "uint256", "address"]
        domain = keccak(text="EIP712Domain(string name,uint256 chainId,address verifyingContract)")
        hashed = keccak(encode(kinds, [domain, keccak(text="Permit2"), 31337, PERMIT2]))
        call = {"to": PERMIT2, "data": call_data("DOMAIN_SEPARATOR()")}
        self.assertEqual(self.rpc("eth_call", call, "latest"), "0x" + hashed.hex())
