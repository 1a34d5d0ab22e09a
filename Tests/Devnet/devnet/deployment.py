"""A chain with everything on it that a payment needs, put there by signed transactions as on any chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from eth_abi import encode
from eth_account import Account as Signer
from eth_utils import function_signature_to_4byte_selector as selector
from eth_utils import to_canonical_address, to_checksum_address
from ethereum.forks.osaka.fork_types import Account, Address
from ethereum.forks.osaka.utils.address import compute_contract_address
from ethereum_types.bytes import Bytes
from ethereum_types.numeric import U256, Uint

from devnet.accounts import DEPLOYER, FEE_DESTINATION, MERCHANT, OPERATOR, PAYER, TestAccount
from devnet.chain import Chain
from devnet.compiler import creation_code
from devnet.transactions import decode, validate

ETHER = 10**18
TOKEN_UNIT = 10**6
# More than any test spends, and far below where a sum could overflow.
TOKEN_SUPPLY = 10**9 * TOKEN_UNIT
DEPLOYMENT_GAS = 2_000_000
# Where OP-stack chains keep the contract that says what a transaction's data costs on Ethereum.
GAS_PRICE_ORACLE = to_canonical_address("0x420000000000000000000000000000000000000F")


@dataclass(frozen=True)
class Options:
    """What a test can choose about its chain."""

    chain_id: int = 31337
    base_fee: int = 50_000_000
    block_gas_limit: int = 30_000_000
    payer_balance: int = 10 * ETHER
    payer_tokens: int = 1_000 * TOKEN_UNIT
    fund: Sequence[str] = field(default_factory=tuple)
    token_symbol: str = "USDC"
    reset_first: bool = False
    l1_fee: int | None = None


@dataclass(frozen=True)
class Deployment:
    """The chain, and where the contracts are."""

    chain: Chain
    transfers: str
    token: str
    wrapped_native: str

    def as_json(self, url: str) -> dict[str, object]:
        """What the start command prints: all that a test must know."""
        return {
            "url": url,
            "chainId": self.chain.chain_id,
            "transfers": self.transfers,
            "token": self.token,
            "wrappedNative": self.wrapped_native,
            "operator": _account_as_json(OPERATOR),
            "feeDestination": FEE_DESTINATION.address,
            "payer": _account_as_json(PAYER),
            "merchant": MERCHANT.address,
            "deployer": _account_as_json(DEPLOYER),
        }


def deploy(options: Options) -> Deployment:
    """Make the chain and its contracts, in the first blocks."""
    chain = Chain(options.chain_id, _genesis(options), options.base_fee, options.block_gas_limit)
    deployer = _Sender(chain, DEPLOYER)
    wrapped_native = deployer.create("Token", _token_arguments("Wrapped Ether", "WETH", 18, 0, False))
    token = deployer.create(
        "Token",
        _token_arguments("USD Coin", options.token_symbol, 6, TOKEN_SUPPLY, options.reset_first),
    )
    transfers = deployer.create("TransfersReference", encode(["address"], [wrapped_native]))
    for address in (PAYER.address, *options.fund):
        arguments = encode(["address", "uint256"], [address, options.payer_tokens])
        deployer.call(token, "transfer(address,uint256)", arguments)
    _mine_all(chain)
    operator = _Sender(chain, OPERATOR)
    fee_destination = encode(["address"], [FEE_DESTINATION.address])
    operator.call(transfers, "registerOperatorWithFeeDestination(address)", fee_destination)
    _mine_all(chain)
    return Deployment(chain, transfers, token, wrapped_native)


def _mine_all(chain: Chain) -> None:
    """Mine until nothing waits; everything must have succeeded."""
    while chain.pool.senders():
        block = chain.mine()
        if not block.transactions or not all(mined.receipt.succeeded for mined in block.transactions):
            raise RuntimeError("the contracts could not be deployed")


class _Sender:
    """Signs and sends transactions one after the other."""

    def __init__(self, chain: Chain, account: TestAccount) -> None:
        self._chain = chain
        self._account = account
        self.nonce = 0

    def create(self, contract: str, arguments: bytes) -> str:
        created = compute_contract_address(
            Address(to_canonical_address(self._account.address)), Uint(self.nonce)
        )
        self._send({"data": creation_code(contract) + arguments, "gas": DEPLOYMENT_GAS})
        return to_checksum_address(bytes(created))

    def call(self, contract: str, signature: str, arguments: bytes) -> None:
        self._send({"to": contract, "data": selector(signature) + arguments, "gas": 200_000})

    def _send(self, members: dict[str, object]) -> None:
        base_fee = self._chain.next_base_fee()
        fees = {"maxFeePerGas": 2 * base_fee + 1, "maxPriorityFeePerGas": 1}
        transaction = {"chainId": self._chain.chain_id, "nonce": self.nonce, "value": 0, **fees, **members}
        raw = bytes(Signer.sign_transaction(transaction, self._account.key).raw_transaction)
        signed = validate(decode(raw), self._chain.chain_id, self._chain.block_gas_limit)
        self._chain.pool.admit(signed, self._chain.account(signed.sender))
        self.nonce += 1


def _genesis(options: Options) -> dict[Address, Account]:
    # Whoever pays for the deployment can pay any base fee that a test asks for.
    helpers = {account.address: 10**30 for account in (DEPLOYER, OPERATOR)}
    balances = helpers | dict.fromkeys((PAYER.address, *options.fund), options.payer_balance)
    accounts = {
        Address(to_canonical_address(address)): Account(Uint(0), U256(balance), Bytes(b""))
        for address, balance in balances.items()
        if balance
    }
    if options.l1_fee is not None:
        accounts[Address(GAS_PRICE_ORACLE)] = Account(Uint(1), U256(0), _constant_answer(options.l1_fee))
    return accounts


def _constant_answer(value: int) -> Bytes:
    """Code that answers any call with one word: PUSH32 value, PUSH0, MSTORE, PUSH1 32, PUSH0, RETURN."""
    return Bytes(b"\x7f" + value.to_bytes(32, "big") + bytes.fromhex("5f5260205ff3"))


def _token_arguments(name: str, symbol: str, decimals: int, supply: int, reset_first: bool) -> bytes:
    kinds = ["string", "string", "uint8", "uint256", "bool"]
    return encode(kinds, [name, symbol, decimals, supply, reset_first])


def _account_as_json(account: TestAccount) -> dict[str, str]:
    return {"address": account.address, "key": "0x" + account.key.hex()}
