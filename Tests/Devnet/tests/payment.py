"""What the tests of payments share."""

from __future__ import annotations

from typing import Any

from eth_abi import decode, encode
from eth_utils import function_signature_to_4byte_selector as selector
from eth_utils import keccak, to_canonical_address

from devnet.accounts import DEPLOYER, FEE_DESTINATION, MERCHANT, OPERATOR, PAYER, TestAccount
from tests.support import DevnetTest, call_data, payment_data

AMOUNT, FEE = 1_039_500, 10_500
NEEDED = AMOUNT + FEE
TRANSFERRED = "Transferred(address,bytes16,address,address,uint256,address)"
NO_DATA = b""


class PaymentTest(DevnetTest):
    """A payer with money, and what is looked at afterwards."""

    def setUp(self) -> None:
        super().setUp()
        self.transfers = self.deployment.transfers
        self.token = self.deployment.token
        self.second = self.deployment.second_token
        self.wrapped = self.deployment.wrapped_native

    def pay(self, function: str, value: int = 0, **members: Any) -> Any:
        """Send the payment of an intent with these members; the receipt."""
        return self.send_payment(payment_data(function, self.intent(**members)), value)

    def send_payment(self, data: str, value: int = 0, account: TestAccount = PAYER) -> Any:
        """Send the payment; the receipt."""
        return self.receipt(self.send(account, to=self.transfers, data=data, value=value, gas=600_000))

    def gas_cost(self, receipt: Any) -> int:
        """What its sender paid for a transaction besides its value."""
        return int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)

    def approve(self, token: str, amount: int, spender: str | None = None) -> Any:
        """Let the contract, or another, take so much."""
        data = call_data("approve(address,uint256)", spender or self.transfers, amount)
        return self.receipt(self.send(to=token, data=data, gas=100_000))

    def wrap(self, amount: int) -> None:
        """Wrap so much of the payer's."""
        self.send(to=self.wrapped, data=call_data("deposit()"), value=amount, gas=100_000)

    def take_transfer_fee(self, token: str) -> None:
        """Make the token keep one unit of whatever is sent."""
        data = call_data("setTransferFee(uint256)", 1)
        self.assertEqual(self.receipt(self.send(DEPLOYER, to=token, data=data, gas=100_000))["status"], "0x1")

    def assert_paid(self, token: str) -> None:
        """The merchant and the fee's receiver have what they are owed, and the contract has kept nothing."""
        places = (MERCHANT.address, FEE_DESTINATION.address, self.transfers)
        self.assertEqual([self.tokens(token, each) for each in places], [AMOUNT, FEE, 0])

    def assert_paid_natively(self) -> None:
        """The same in native currency."""
        places = (MERCHANT.address, FEE_DESTINATION.address, self.transfers)
        self.assertEqual([self.balance(each) for each in places], [AMOUNT, FEE, 0])

    def assert_transferred(self, receipt: Any, identifier: bytes, spent: int, currency: str) -> None:
        """The last event is the payment's, with these members."""
        self.assertEqual(receipt["status"], "0x1")
        event = receipt["logs"][-1]
        self.assertEqual(event["address"], self.transfers.lower())
        operator_topic = "0x" + to_canonical_address(OPERATOR.address).rjust(32, b"\0").hex()
        self.assertEqual(event["topics"], ["0x" + keccak(text=TRANSFERRED).hex(), operator_topic])
        kinds = ["bytes16", "address", "address", "uint256", "address"]
        members = decode(kinds, bytes.fromhex(event["data"][2:]))
        expected = (identifier, MERCHANT.address.lower(), PAYER.address.lower(), spent, currency.lower())
        self.assertEqual(members, expected)

    def assert_reverts(
        self, error: str, arguments: tuple[object, ...], data: str, value: int = 0, to: str | None = None
    ) -> None:
        """The call reverts with this error and these arguments, and so does the mined transaction."""
        kinds = error[error.index("(") + 1 : -1]
        wanted = selector(error) + encode(kinds.split(",") if kinds else [], arguments)
        call = {"from": PAYER.address, "to": to or self.transfers, "data": data, "value": hex(value)}
        for method in ("eth_call", "eth_estimateGas"):
            refusal = self.refusal(method, call, "latest")
            self.assertEqual((refusal["code"], refusal["data"]), (3, "0x" + wanted.hex()))
        mined = self.receipt(self.send(to=call["to"], data=data, value=value, gas=600_000))
        self.assertEqual((mined["status"], mined["logs"]), ("0x0", []))
