"""A transaction as it comes in: raw bytes, decoded, and judged by itself as geth's pool judges it.

What can be said without looking at accounts is said here. The specification's own check leaves out what only
a node must know: which chain a typed transaction was signed for.
"""

from __future__ import annotations

from dataclasses import dataclass

from ethereum.crypto.hash import Hash32, keccak256
from ethereum.exceptions import InvalidSignatureError
from ethereum.forks.osaka.fork_types import Address
from ethereum.forks.osaka.transactions import (
    TX_MAX_GAS_LIMIT,
    AccessListTransaction,
    FeeMarketTransaction,
    LegacyTransaction,
    calculate_intrinsic_cost,
    recover_sender,
)
from ethereum.forks.osaka.vm.interpreter import MAX_INIT_CODE_SIZE
from ethereum_rlp import rlp
from ethereum_rlp.exceptions import DecodingError
from ethereum_types.numeric import U64

from devnet.refusal import Refusal

TransactionBody = LegacyTransaction | AccessListTransaction | FeeMarketTransaction

TYPED_BODIES = {1: AccessListTransaction, 2: FeeMarketTransaction}
GO_NAMES = {
    LegacyTransaction: "types.LegacyTx",
    AccessListTransaction: "types.AccessListTx",
    FeeMarketTransaction: "types.DynamicFeeTx",
}
# geth's pool asks for a tip of at least one wei.
MINIMUM_TIP = 1
MOST_GAS = int(TX_MAX_GAS_LIMIT)
MOST_CREATION_CODE = int(MAX_INIT_CODE_SIZE)


@dataclass(frozen=True)
class DecodedTransaction:
    """What the raw bytes say, before anyone asks whether it is true."""

    raw: bytes
    body: TransactionBody
    hash: Hash32

    @property
    def type(self) -> int:
        """The EIP-2718 type, 0 for a legacy transaction."""
        return self.raw[0] if self.raw[0] < 0x80 else 0

    @property
    def nonce(self) -> int:
        """The sender's transaction count that this one waits for."""
        return int(self.body.nonce)

    @property
    def fee_cap(self) -> int:
        """The most it pays for a unit of gas; the gas price of types 0 and 1 is cap and tip in one."""
        body = self.body
        return int(body.max_fee_per_gas if isinstance(body, FeeMarketTransaction) else body.gas_price)

    @property
    def tip_cap(self) -> int:
        """The most it gives to whoever mines it, for a unit of gas."""
        body = self.body
        return int(
            body.max_priority_fee_per_gas if isinstance(body, FeeMarketTransaction) else body.gas_price
        )

    @property
    def worst_cost(self) -> int:
        """What it takes from the sender if all its gas is used at the highest price."""
        return int(self.body.gas) * self.fee_cap + int(self.body.value)

    @property
    def signed_chain_id(self) -> int | None:
        """The chain it was signed for; None for a legacy transaction from before EIP-155."""
        if not isinstance(self.body, LegacyTransaction):
            return int(self.body.chain_id)
        return None if self.body.v in (27, 28) else (int(self.body.v) - 35) // 2

    def tip(self, base_fee: int) -> int:
        """What the miner gets for a unit of gas at this base fee; below zero it cannot be mined."""
        return min(self.tip_cap, self.fee_cap - base_fee)


@dataclass(frozen=True)
class SignedTransaction(DecodedTransaction):
    """A transaction that is well-formed, for this chain, and by this sender."""

    sender: Address


def decode(raw: bytes) -> DecodedTransaction:
    """Read a transaction of type 0, 1 or 2 from its raw bytes."""
    if len(raw) > 1 and raw[0] < 0x80:
        if raw[0] not in TYPED_BODIES:
            raise Refusal("transaction type not supported")
        return DecodedTransaction(raw, _decode_body(raw[1:], TYPED_BODIES[raw[0]]), keccak256(raw))
    if len(raw) <= 1:
        raise Refusal("typed transaction too short")
    return DecodedTransaction(raw, _decode_body(raw, LegacyTransaction), keccak256(raw))


def _decode_body(encoded: bytes, kind: type[TransactionBody]) -> TransactionBody:
    if encoded[0] < 0xC0:
        raise Refusal(f"rlp: expected input list for {GO_NAMES[kind]}")
    try:
        fields = rlp.decode(encoded)
    except DecodingError as problem:
        sentences = {
            "truncated": "rlp: value size exceeds available input length",
            "trailing bytes": "rlp: input contains more than one value",
        }
        raise Refusal(sentences.get(str(problem), "rlp: non-canonical size information")) from None
    missing = len(kind.__dataclass_fields__) - len(fields)
    if missing > 0:
        raise Refusal(f"rlp: too few elements for {GO_NAMES[kind]}")
    if missing < 0:
        raise Refusal(f"rlp: input list has too many elements for {GO_NAMES[kind]}")
    try:
        return rlp.deserialize_to(kind, fields)
    except DecodingError as problem:
        innermost = str(problem).rpartition("because ")[2]
        raise Refusal(f"rlp: {innermost}, decoding into {GO_NAMES[kind]}") from None


def validate(transaction: DecodedTransaction, chain_id: int, block_gas_limit: int) -> SignedTransaction:
    """Every rule that needs no account, in the order in which geth applies them."""
    body, gas = transaction.body, int(transaction.body.gas)
    if transaction.signed_chain_id is None:
        raise Refusal("only replay-protected (EIP-155) transactions allowed over RPC")
    if not body.to and len(body.data) > MOST_CREATION_CODE:
        raise Refusal(f"max initcode size exceeded: code size {len(body.data)} limit {MOST_CREATION_CODE}")
    if gas > MOST_GAS:
        raise Refusal(f"transaction gas limit too high (cap: {MOST_GAS}, tx: {gas})")
    if gas > block_gas_limit:
        raise Refusal("exceeds block gas limit")
    if transaction.fee_cap < transaction.tip_cap:
        raise Refusal("max priority fee per gas higher than max fee per gas")
    if transaction.signed_chain_id != chain_id:
        wrong = f"have {transaction.signed_chain_id} want {chain_id}"
        raise Refusal(f"invalid sender: invalid chain id for signer: {wrong}")
    try:
        sender = recover_sender(U64(chain_id), body)
    except InvalidSignatureError:
        raise Refusal("invalid sender: invalid transaction v, r, s values") from None
    if transaction.nonce >= 2**64 - 1:
        raise Refusal("nonce has max value")
    intrinsic, floor = map(int, calculate_intrinsic_cost(body))
    if gas < intrinsic:
        raise Refusal(f"intrinsic gas too low: gas {gas}, minimum needed {intrinsic}")
    if gas < floor:
        raise Refusal(f"insufficient gas for floor data gas cost: gas {gas}, minimum needed {floor}")
    if transaction.tip_cap < MINIMUM_TIP:
        price = f"gas tip cap {transaction.tip_cap}, minimum needed {MINIMUM_TIP}"
        raise Refusal(f"transaction gas price below minimum: {price}")
    return SignedTransaction(transaction.raw, body, transaction.hash, sender)
