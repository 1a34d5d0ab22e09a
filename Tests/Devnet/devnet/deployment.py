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

from devnet.accounts import DEPLOYER, FEE_DESTINATION, MERCHANT, OPERATOR, OWNERS, PAYER, TestAccount
from devnet.chain import Chain
from devnet.compiler import creation_code, runtime_code
from devnet.markets import (
    BASE_EXCHANGE,
    CREATE_POOL,
    EXCHANGES,
    SECOND_TOKEN_UNIT,
    TOKEN_UNIT,
    Pool,
    make_pools,
)
from devnet.safes import (
    CONTRACTS,
    CREATE_PROXY,
    SETUP,
    THRESHOLD_SLOT,
    VERSIONS,
    Safe,
    Version,
    safes_as_json,
)
from devnet.transactions import decode, validate

ETHER = 10**18
# Whole tokens: more than any test spends, and far below where a sum could overflow.
TOKEN_SUPPLY = 10**9
DEPLOYMENT_GAS = 4_000_000
TRANSFER = "transfer(address,uint256)"
# Permit2 is there on every chain.
PERMIT2 = "0x000000000022D473030F116dDEE9F6B43aC78BA3"
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
    payer_second_tokens: int = 1_000 * SECOND_TOKEN_UNIT
    payer_wrapped: int = 0
    fund: Sequence[str] = field(default_factory=tuple)
    token_symbol: str = "USDC"
    reset_first: bool = False
    l1_fee: int | None = None
    least_tip: int = 0
    safes: bool = False


@dataclass(frozen=True)
class Deployment:
    """The chain, and where the contracts are."""

    chain: Chain
    transfers: str
    token: str
    second_token: str
    wrapped_native: str
    exchange: str
    pools: tuple[Pool, ...]
    safes: tuple[Safe, ...]

    def as_json(self, url: str) -> dict[str, object]:
        """What the start command prints: all that a test must know."""
        return {
            "url": url,
            "chainId": self.chain.chain_id,
            "transfers": self.transfers,
            "token": self.token,
            "secondToken": self.second_token,
            "wrappedNative": self.wrapped_native,
            "permit2": PERMIT2,
            "quoter": self.exchange,
            "pools": [pool.as_json() for pool in self.pools],
            "operator": _account_as_json(OPERATOR),
            "feeDestination": FEE_DESTINATION.address,
            "payer": _account_as_json(PAYER),
            "merchant": MERCHANT.address,
            "deployer": _account_as_json(DEPLOYER),
            **safes_as_json(self.safes),
        }


def deploy(options: Options) -> Deployment:
    """Make the chain and its contracts, in the first blocks."""
    singletons = [version.singleton.address for version in VERSIONS] if options.safes else []
    chain = Chain(
        options.chain_id,
        _genesis(options),
        options.base_fee,
        options.block_gas_limit,
        {Address(to_canonical_address(each)): {THRESHOLD_SLOT: 1} for each in singletons},
    )
    deployer = _Sender(chain, DEPLOYER)
    wrapped_native = deployer.create("Token", _token_arguments("Wrapped Ether", "WETH", 18, 0, False))
    token = deployer.create(
        "Token",
        _token_arguments("USD Coin", options.token_symbol, 6, TOKEN_SUPPLY * TOKEN_UNIT, options.reset_first),
    )
    second_token = deployer.create(
        "Token", _token_arguments("Dai Stablecoin", "DAI", 18, TOKEN_SUPPLY * SECOND_TOKEN_UNIT, False)
    )
    exchange = _exchange(options)
    transfers = deployer.create(
        "TransfersReference", encode(["address"] * 3, [wrapped_native, PERMIT2, exchange])
    )
    pools = make_pools(wrapped_native, token, second_token)
    grants = [
        (holder, contract, amount)
        for holder in (PAYER.address, *options.fund)
        for contract, amount in (
            (token, options.payer_tokens),
            (second_token, options.payer_second_tokens),
            (wrapped_native, options.payer_wrapped),
        )
    ]
    for contract in (token, second_token, wrapped_native):
        reserve = sum(side.reserve for pool in pools for side in pool.sides if side.token == contract)
        grants.append((exchange, contract, reserve))
    wrapped = sum(amount for _, contract, amount in grants if contract == wrapped_native)
    deployer.call(wrapped_native, "deposit()", b"", wrapped)
    for holder, contract, amount in grants:
        if amount:
            deployer.call(contract, TRANSFER, encode(["address", "uint256"], [holder, amount]))
    for pool in pools:
        deployer.call(exchange, CREATE_POOL, pool.creation)
    _mine_all(chain)
    operator = _Sender(chain, OPERATOR)
    fee_destination = encode(["address"], [FEE_DESTINATION.address])
    operator.call(transfers, "registerOperatorWithFeeDestination(address)", fee_destination)
    _mine_all(chain)
    safes = _make_safes(deployer, (token, second_token), options) if options.safes else ()
    chain.least_tip = options.least_tip
    return Deployment(chain, transfers, token, second_token, wrapped_native, exchange, pools, safes)


def _make_safes(deployer: _Sender, tokens: tuple[str, str], options: Options) -> tuple[Safe, ...]:
    """A Safe of each version, two of three; and one whose owners are the first person and the last Safe."""
    owners = tuple(owner.address for owner in OWNERS)
    amounts = (options.payer_tokens, options.payer_second_tokens)
    safes = [deployer.create_safe(version, owners, 2) for version in VERSIONS]
    safes.append(deployer.create_safe(VERSIONS[-1], (owners[0], safes[-1].address), 2))
    for safe in safes:
        deployer.pay(safe.address, options.payer_balance)
        for contract, amount in zip(tokens, amounts, strict=True):
            deployer.call(contract, TRANSFER, encode(["address", "uint256"], [safe.address, amount]))
    _mine_all(deployer.chain)
    return tuple(safes)


def _mine_all(chain: Chain) -> None:
    """Mine until nothing waits; everything must have succeeded."""
    while chain.pool.senders():
        block = chain.mine()
        if not block.transactions or not all(mined.receipt.succeeded for mined in block.transactions):
            raise RuntimeError("the contracts could not be deployed")


class _Sender:
    """Signs and sends transactions one after the other."""

    def __init__(self, chain: Chain, account: TestAccount) -> None:
        self.chain = chain
        self._account = account
        self.nonce = 0

    def create(self, contract: str, arguments: bytes) -> str:
        created = compute_contract_address(
            Address(to_canonical_address(self._account.address)), Uint(self.nonce)
        )
        self._send({"data": creation_code(contract) + arguments, "gas": DEPLOYMENT_GAS})
        return to_checksum_address(bytes(created))

    def create_safe(self, version: Version, owners: tuple[str, ...], threshold: int) -> Safe:
        initializer = selector(SETUP) + version.setup(owners, threshold)
        arguments = [version.singleton.address, initializer, self.nonce]
        data = selector(CREATE_PROXY) + encode(["address", "bytes", "uint256"], arguments)
        self._send({"to": version.factory.address, "data": data, "gas": DEPLOYMENT_GAS})
        _mine_all(self.chain)
        # The first event is the new Safe's own, SafeSetup.
        address = self.chain.head.transactions[-1].receipt.logs[0].address
        return Safe(version, to_checksum_address(bytes(address)), owners, threshold)

    def pay(self, receiver: str, value: int) -> None:
        self._send({"to": receiver, "value": value, "gas": 50_000})

    def call(self, contract: str, signature: str, arguments: bytes, value: int = 0) -> None:
        data = selector(signature) + arguments
        self._send({"to": contract, "data": data, "value": value, "gas": 250_000})

    def _send(self, members: dict[str, object]) -> None:
        base_fee = self.chain.next_base_fee()
        fees = {"maxFeePerGas": 2 * base_fee + 1, "maxPriorityFeePerGas": 1}
        transaction = {"chainId": self.chain.chain_id, "nonce": self.nonce, "value": 0, **fees, **members}
        raw = bytes(Signer.sign_transaction(transaction, self._account.key).raw_transaction)
        signed = validate(decode(raw), self.chain.chain_id, self.chain.block_gas_limit)
        self.chain.pool.admit(signed, self.chain.account(signed.sender))
        self.nonce += 1


def _genesis(options: Options) -> dict[Address, Account]:
    # Whoever pays for the deployment can pay any base fee that a test asks for.
    helpers = {account.address: 10**30 for account in (DEPLOYER, OPERATOR)}
    balances = helpers | dict.fromkeys(_funded(options), options.payer_balance)
    accounts = {
        Address(to_canonical_address(address)): Account(Uint(0), U256(balance), Bytes(b""))
        for address, balance in balances.items()
        if balance
    }
    # Where the real ones are, so that nothing needs to be told where to look.
    for address, contract in ((PERMIT2, "Permit2Reference"), (_exchange(options), "ExchangeReference")):
        account = Account(Uint(1), U256(0), Bytes(runtime_code(contract)))
        accounts[Address(to_canonical_address(address))] = account
    if options.safes:
        for code in CONTRACTS:
            account = Account(Uint(1), U256(0), Bytes(code.runtime_code))
            accounts[Address(to_canonical_address(code.address))] = account
    if options.l1_fee is not None:
        accounts[Address(GAS_PRICE_ORACLE)] = Account(Uint(1), U256(0), _constant_answer(options.l1_fee))
    return accounts


def _funded(options: Options) -> list[str]:
    """Who has native currency from the first block on; owners of Safes need some to execute."""
    owners = [owner.address for owner in OWNERS] if options.safes else []
    return [PAYER.address, *options.fund, *owners]


def _exchange(options: Options) -> str:
    return EXCHANGES.get(options.chain_id, BASE_EXCHANGE)


def _constant_answer(value: int) -> Bytes:
    """Code that answers any call with one word: PUSH32 value, PUSH0, MSTORE, PUSH1 32, PUSH0, RETURN."""
    return Bytes(b"\x7f" + value.to_bytes(32, "big") + bytes.fromhex("5f5260205ff3"))


def _token_arguments(name: str, symbol: str, decimals: int, supply: int, reset_first: bool) -> bytes:
    kinds = ["string", "string", "uint8", "uint256", "bool"]
    return encode(kinds, [name, symbol, decimals, supply, reset_first])


def _account_as_json(account: TestAccount) -> dict[str, str]:
    return {"address": account.address, "key": "0x" + account.key.hex()}
