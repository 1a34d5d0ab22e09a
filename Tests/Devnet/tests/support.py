"""What the tests share: a chain asked through JSON-RPC, wallets on libraries that are not the chain's."""

from __future__ import annotations

import functools
import json
import unittest
from typing import Any

from eth_abi import encode
from eth_abi.grammar import parse
from eth_account import Account as Signer
from eth_utils import function_signature_to_4byte_selector as selector

from devnet.accounts import PAYER, TestAccount
from devnet.charge import Intent
from devnet.charge_methods import ChargeMethods
from devnet.control_methods import ControlMethods
from devnet.deployment import Deployment, Options, deploy
from devnet.ethereum_methods import EthereumMethods
from devnet.jsonrpc import Dispatcher

GWEI = 10**9
INTENT = "(uint256,uint256,address,address,address,uint256,bytes16,address,bytes,bytes)"
PERMIT2 = "(((address,uint256),uint256,uint256),(address,uint256),bytes)"
# What a payment's function takes after the intent.
OTHER_ARGUMENTS = {
    "transferToken": f",{PERMIT2}",
    "unwrapAndTransfer": f",{PERMIT2}",
    "swapAndTransferUniswapV3Native": ",uint24",
    "swapAndTransferUniswapV3Token": f",{PERMIT2},uint24",
    "swapAndTransferUniswapV3TokenPreApproved": ",address,uint256,uint24",
    "subsidizedTransferToken": ",(address,bytes)",
}


class Refused(Exception):
    """The node's error member."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(json.dumps(error))
        self.error = error


def call_data(signature: str, *arguments: object) -> str:
    """A call's bytes, encoded by eth-abi."""
    kinds = parse(signature[signature.index("(") :]).components if arguments else ()
    encoded = encode([kind.to_type_str() for kind in kinds], arguments)
    return "0x" + (selector(signature) + encoded).hex()


def payment_data(function: str, intent: Intent, *arguments: object) -> str:
    """The call that pays an intent."""
    return call_data(
        f"{function}({INTENT}{OTHER_ARGUMENTS.get(function, '')})",
        (
            intent.recipient_amount,
            intent.deadline,
            intent.recipient,
            intent.recipient_currency,
            intent.named_refund_destination,
            intent.fee_amount,
            intent.id,
            intent.named_operator,
            intent.signature,
            intent.prefix,
        ),
        *arguments,
    )


# Tests put a chain back as it was, so they can all have the same one.
shared_deployment = functools.cache(deploy)


class DevnetTest(unittest.TestCase):
    """One chain for each choice of options; every test starts from its snapshot."""

    options = Options()
    deployment: Deployment

    @classmethod
    def setUpClass(cls) -> None:
        cls.deployment = shared_deployment(cls.options)

    def setUp(self) -> None:
        self.maxDiff = None
        node = EthereumMethods(self.deployment.chain)
        self.dispatcher = Dispatcher(node, ControlMethods(node), ChargeMethods(self.deployment))
        snapshot = self.deployment.chain.snapshot()
        self.addCleanup(self.deployment.chain.restore, snapshot)

    def rpc(self, method: str, *parameters: object) -> Any:
        """A method's result; Refused when it answers with an error."""
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        response = json.loads(self.dispatcher.answer(json.dumps(request).encode()))
        if "error" in response:
            raise Refused(response["error"])
        return response["result"]

    def number(self, method: str, *parameters: object) -> int:
        """A method's result, where it is a quantity."""
        return int(self.rpc(method, *parameters), 16)

    def refusal(self, method: str, *parameters: object) -> dict[str, Any]:
        """The error member of a method's answer."""
        with self.assertRaises(Refused) as caught:
            self.rpc(method, *parameters)
        return caught.exception.error

    def assert_refused(self, message: str, method: str, *parameters: object, code: int = -32000) -> None:
        """The method answers with exactly this code and message, and no data."""
        self.assertEqual(self.refusal(method, *parameters), {"code": code, "message": message})

    def sign(self, account: TestAccount = PAYER, **members: Any) -> str:
        """A raw transaction, type 2 unless a gas price is given; what is left out is measured."""
        fees = {} if "gasPrice" in members else {"maxFeePerGas": GWEI, "maxPriorityFeePerGas": 1000}
        nonce = {} if "nonce" in members else {"nonce": self.nonce(account)}
        usual = {"chainId": self.options.chain_id, "value": 0, "gas": 21_000, "to": "0x" + "99" * 20}
        transaction = {**usual, **fees, **nonce, **members}
        present = {key: value for key, value in transaction.items() if value is not None}
        return "0x" + bytes(Signer.sign_transaction(present, account.key).raw_transaction).hex()

    def nonce(self, account: TestAccount = PAYER) -> int:
        """The next nonce of an account, counting what waits."""
        return self.number("eth_getTransactionCount", account.address, "pending")

    def send(self, account: TestAccount = PAYER, **members: Any) -> str:
        """Sign and send; the answer is the hash."""
        return str(self.rpc("eth_sendRawTransaction", self.sign(account, **members)))

    def receipt(self, transaction_hash: str) -> Any:
        """The receipt, None while there is none."""
        return self.rpc("eth_getTransactionReceipt", transaction_hash)

    def balance(self, address: str, block: str = "latest") -> int:
        """A native balance."""
        return self.number("eth_getBalance", address, block)

    def tokens(self, token: str, address: str) -> int:
        """A token balance."""
        return self.number(
            "eth_call", {"to": token, "data": call_data("balanceOf(address)", address)}, "latest"
        )

    def intent(self, **members: Any) -> Intent:
        """An intent for the payer on this chain."""
        usual = {
            "chain_id": self.options.chain_id,
            "contract": self.deployment.transfers,
            "sender": PAYER.address,
        }
        return Intent(**{**usual, "recipient_amount": 1_039_500, "fee_amount": 10_500, **members})
