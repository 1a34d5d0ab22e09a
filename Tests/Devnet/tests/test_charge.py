"""Charges: the hash against a real intent's, the signature against another library's."""

from __future__ import annotations

from typing import Any

from eth_account import Account as Signer
from eth_account.messages import encode_defunct
from eth_utils import to_checksum_address

from devnet.accounts import MERCHANT, OPERATOR, PAYER, STRANGER
from devnet.charge import NATIVE, SERVICE_PREFIX, Intent, charge_document, read_time
from tests.support import DevnetTest

# A published intent on Base: what was signed, and the hash of it.
REAL = Intent(
    chain_id=8453,
    contract="0x03059433BCdB6144624cC2443159D9445C32b7a8",
    sender="0xac8CeB5131449e5850030737D10d1E25C6b8D80B",
    recipient_amount=9900,
    fee_amount=100,
    deadline=1740809999,
    recipient="0x5eA054aEea285Ebc3A92eCB1f722f44304F72581",
    recipient_currency="0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
    id=bytes.fromhex("c8f9e661fe654bca8554192fe0d22ca4"),
    operator="0x8fccc78dae0a8f93b0fe6799de888d4c57e273db",
)
REAL_HASH = "06958cb53f6718ac036e53afdffae19b61c88ee8777c5982ad93d14984707725"


class IntentTest(DevnetTest):
    """What is signed, and by whom."""

    def test_the_hash_is_that_of_a_real_intent(self) -> None:
        self.assertEqual(REAL.hash.hex(), REAL_HASH)

    def test_the_empty_prefix_is_a_personal_message(self) -> None:
        intent = self.intent(prefix=b"", id=bytes(16))
        signed = Signer.sign_message(encode_defunct(intent.hash), OPERATOR.key)
        self.assertEqual(intent.signature, bytes(signed.signature))

    def test_the_service_prefix(self) -> None:
        self.assertEqual(SERVICE_PREFIX.hex(), "4b3220496e666f726d6174696f6e616c204d6573736167653a20333220")


class DocumentTest(DevnetTest):
    """The charge as JSON."""

    def create(self, **members: object) -> Any:
        """The transfer intent of a charge."""
        document = self.rpc("devnet_createCharge", {"recipientAmount": 1_039_500, **members})
        return document["data"]["web3_data"]["transfer_intent"]

    def test_everything_that_is_left_out_is_this_chains(self) -> None:
        intent = self.create()
        metadata = {
            "chain_id": 31337,
            "contract_address": self.deployment.transfers,
            "sender": PAYER.address,
        }
        self.assertEqual(intent["metadata"], metadata)
        call_data = intent["call_data"]
        self.assertEqual(call_data["recipient"], MERCHANT.address)
        self.assertEqual(call_data["recipient_currency"], NATIVE)
        self.assertEqual(call_data["refund_destination"], PAYER.address)
        self.assertEqual(call_data["operator"], OPERATOR.address)
        self.assertEqual(call_data["prefix"], "0x" + SERVICE_PREFIX.hex())
        self.assertEqual((call_data["recipient_amount"], call_data["fee_amount"]), ("1039500", "0"))

    def test_everything_can_be_said(self) -> None:
        members: dict[str, object] = {
            "contract": self.deployment.token,
            "sender": STRANGER.address,
            "chainId": 8453,
            "recipientAmount": "7",
            "feeAmount": "3",
            "deadline": "2026-03-11T08:30:49Z",
            "recipient": OPERATOR.address,
            "recipientCurrency": self.deployment.token,
            "refundDestination": MERCHANT.address,
            "id": "0x" + "0a" * 16,
            "operator": PAYER.address,
            "operatorKey": "0x" + STRANGER.key.hex(),
            "prefix": "0x",
        }
        intent = Intent(
            chain_id=8453,
            contract=self.deployment.token,
            sender=STRANGER.address,
            recipient_amount=7,
            fee_amount=3,
            deadline=1773217849,
            recipient=OPERATOR.address,
            recipient_currency=self.deployment.token,
            refund_destination=MERCHANT.address,
            id=b"\n" * 16,
            operator=PAYER.address,
            operator_key=STRANGER.key,
            prefix=b"",
        )
        self.assertEqual(self.rpc("devnet_createCharge", members), charge_document(intent))
        data = charge_document(intent)["data"]
        self.assertEqual(self.rpc("devnet_createCharge", members)["data"], data)
        self.assertEqual(self.create(**members)["call_data"]["deadline"], "2026-03-11T08:30:49Z")
        self.assertEqual(
            self.create(**members, deadlineInSeconds=True)["call_data"]["deadline"], "1773217849"
        )

    def test_addresses_are_written_with_their_checksum(self) -> None:
        document: Any = charge_document(REAL)
        metadata = document["data"]["web3_data"]["transfer_intent"]["metadata"]
        self.assertEqual(metadata["sender"], to_checksum_address(REAL.sender))

    def test_what_cannot_be_a_charge(self) -> None:
        table = [
            ({"amount": 1}, "invalid charge: KeyError: 'amount'"),
            (
                {"recipientAmount": "1.5"},
                "invalid charge: ValueError: invalid literal for int() with base 10: '1.5'",
            ),
            ({"recipientAmount": 1, "id": "12"}, "invalid charge: ValueError: 0x is missing"),
        ]
        for members, message in table:
            with self.subTest(message=message):
                self.assert_refused(message, "devnet_createCharge", members, code=-32602)

    def test_times(self) -> None:
        self.assertEqual([read_time("1773217849"), read_time("2026-03-11T08:30:49Z")], [1773217849] * 2)
