"""eth_call, eth_estimateGas and debug_traceCall: a message run on a copy of the state, and what geth says of how it went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eth_abi import decode as abi_decode
from eth_abi.exceptions import DecodingError as AbiDecodingError
from ethereum.exceptions import EthereumException
from ethereum.forks.osaka.state import State, TransientStorage, get_account, increment_nonce
from ethereum.forks.osaka.transactions import (
    TX_MAX_GAS_LIMIT,
    FeeMarketTransaction,
    calculate_intrinsic_cost,
)
from ethereum.forks.osaka.utils.message import prepare_message
from ethereum.forks.osaka.vm import BlockEnvironment, TransactionEnvironment
from ethereum.forks.osaka.vm.exceptions import (
    InvalidJumpDestError,
    InvalidOpcode,
    OutOfGasError,
    Revert,
    StackOverflowError,
    StackUnderflowError,
    WriteInStaticContext,
)
from ethereum.forks.osaka.vm.interpreter import process_message_call
from ethereum_types.bytes import Bytes, Bytes0
from ethereum_types.numeric import U64, U256, Uint

from devnet.call import Call
from devnet.chain import Block, Chain, copy_state
from devnet.hexadecimal import data
from devnet.overrides import apply_overrides
from devnet.pool import INSUFFICIENT_FUNDS
from devnet.refusal import EXECUTION_REVERTED, Refusal
from devnet.tracing import CallTracer

# What geth lends a call that names no gas of its own.
CALL_GAS = 50_000_000
TRANSFER_GAS = 21_000
CALL_STIPEND = 2_300
# geth ends its search for the gas limit once it is this near.
ESTIMATE_ERROR = 0.015

ERROR_SELECTOR = bytes.fromhex("08c379a0")

GETH_SENTENCES = {
    OutOfGasError: "out of gas",
    InvalidOpcode: "invalid opcode",
    InvalidJumpDestError: "invalid jump destination",
    StackOverflowError: "stack limit reached",
    StackUnderflowError: "stack underflow",
    WriteInStaticContext: "write protection",
}


@dataclass(frozen=True)
class Outcome:
    """How a message ended."""

    gas_used: int
    gas_used_before_refund: int
    output: bytes
    error: EthereumException | None


class Unexecutable(Exception):
    """The message cannot even begin; the sentence is geth's."""


class Execution:
    """One call at one block, run as often as an estimate needs, each time on a fresh copy of the state."""

    def __init__(self, chain: Chain, call: Call, block: Block, overrides: dict[str, Any] | None) -> None:
        self._chain = chain
        self._call = call
        self._block = block
        self._state = copy_state(block.state)
        if overrides:
            apply_overrides(self._state, overrides)

    def call(self) -> bytes:
        """The output, or the refusal that says why there is none."""
        gas = CALL_GAS if self._call.gas is None else min(self._call.gas, CALL_GAS)
        try:
            outcome = self._run(gas)
        except Unexecutable as problem:
            raise Refusal(f"err: {problem} (supplied gas {gas})") from None
        if outcome.error:
            raise _failure(outcome)
        return outcome.output

    def trace(self) -> dict[str, Any]:
        """The calls that the message makes, and their events, as geth's callTracer tells them."""
        gas = CALL_GAS if self._call.gas is None else min(self._call.gas, CALL_GAS)
        try:
            with CallTracer() as tracer:
                outcome = self._run(gas)
        except Unexecutable as problem:
            raise Refusal(f"tracing failed: {problem}") from None
        return tracer.as_json(gas, outcome.gas_used, outcome.output, _sentence(outcome.error))

    def estimate(self) -> int:
        """A gas limit that suffices, found as geth finds it: at most 1.5 % above the smallest."""
        highest = self._highest_gas()
        receiver = self._call.to
        plain = receiver is not None and not (self._call.payload or get_account(self._state, receiver).code)
        if plain and self._succeeds(TRANSFER_GAS):
            return TRANSFER_GAS
        outcome = self._attempt(highest)
        if outcome is None or isinstance(outcome.error, OutOfGasError):
            raise Refusal(f"gas required exceeds allowance ({highest})")
        if outcome.error:
            raise _failure(outcome)
        lowest = outcome.gas_used - 1
        optimistic = (outcome.gas_used_before_refund + CALL_STIPEND) * 64 // 63
        if optimistic < highest:
            lowest, highest = (lowest, optimistic) if self._succeeds(optimistic) else (optimistic, highest)
        while lowest + 1 < highest and (highest - lowest) / highest >= ESTIMATE_ERROR:
            middle = min((lowest + highest) // 2, lowest * 2)
            lowest, highest = (lowest, middle) if self._succeeds(middle) else (middle, highest)
        return highest

    def _highest_gas(self) -> int:
        asked = self._call.gas
        highest = asked if asked is not None and asked >= TRANSFER_GAS else self._chain.block_gas_limit
        highest = min(highest, int(TX_MAX_GAS_LIMIT))
        if self._call.fee_cap == 0:
            return highest
        available = int(get_account(self._state, self._call.sender).balance) - self._call.value
        if available <= 0:
            raise Refusal("insufficient funds for transfer")
        return min(highest, available // self._call.fee_cap)

    def _attempt(self, gas: int) -> Outcome | None:
        try:
            return self._run(gas)
        except Unexecutable as problem:
            if str(problem).startswith("intrinsic gas too low"):
                return None
            raise Refusal(f"failed with {gas} gas: {problem}") from None

    def _succeeds(self, gas: int) -> bool:
        outcome = self._attempt(gas)
        return outcome is not None and outcome.error is None

    def _run(self, gas: int) -> Outcome:
        state = copy_state(self._state)
        environment = self._environment(state)
        body = self._body(gas)
        intrinsic, floor = map(int, calculate_intrinsic_cost(body))
        self._check_funds(state, environment, gas)
        if gas < max(intrinsic, floor):
            raise Unexecutable(f"intrinsic gas too low: have {gas}, want {max(intrinsic, floor)}")
        increment_nonce(state, self._call.sender)
        message = prepare_message(environment, self._transaction_environment(gas - intrinsic), body)
        result = process_message_call(message)
        before_refund = gas - int(result.gas_left)
        used = max(before_refund - min(before_refund // 5, int(result.refund_counter)), floor)
        return Outcome(used, max(before_refund, floor), bytes(result.return_data), result.error)

    def _check_funds(self, state: State, environment: BlockEnvironment, gas: int) -> None:
        call, sender = self._call, data(self._call.sender)
        balance = int(get_account(state, call.sender).balance)
        wanted = gas * call.fee_cap + call.value
        if balance < wanted:
            raise Unexecutable(f"{INSUFFICIENT_FUNDS}: address {sender} have {balance} want {wanted}")
        base_fee = int(environment.base_fee_per_gas)
        if call.fee_cap and call.fee_cap < base_fee:
            fees = f"maxFeePerGas: {call.fee_cap}, baseFee: {base_fee}"
            raise Unexecutable(f"max fee per gas less than block base fee: address {sender}, {fees}")

    def _body(self, gas: int) -> FeeMarketTransaction:
        return FeeMarketTransaction(
            chain_id=U64(self._chain.chain_id),
            nonce=U256(0),
            max_priority_fee_per_gas=Uint(0),
            max_fee_per_gas=Uint(self._call.fee_cap),
            gas=Uint(gas),
            to=Bytes0(b"") if self._call.to is None else self._call.to,
            value=U256(self._call.value),
            data=Bytes(self._call.payload),
            access_list=self._call.access_list,
            y_parity=U256(0),
            r=U256(0),
            s=U256(0),
        )

    def _environment(self, state: State) -> BlockEnvironment:
        header = self._block.header
        return BlockEnvironment(
            chain_id=U64(self._chain.chain_id),
            state=state,
            block_gas_limit=header.gas_limit,
            block_hashes=[block.hash for block in self._chain.blocks[: self._block.number]][-256:],
            coinbase=header.coinbase,
            number=header.number,
            # As geth: a call that offers no price runs in a block that asks none.
            base_fee_per_gas=header.base_fee_per_gas if self._call.fee_cap else Uint(0),
            time=header.timestamp,
            prev_randao=header.prev_randao,
            excess_blob_gas=header.excess_blob_gas,
            parent_beacon_block_root=header.parent_beacon_block_root,
        )

    def _transaction_environment(self, gas: int) -> TransactionEnvironment:
        return TransactionEnvironment(
            origin=self._call.sender,
            gas_price=Uint(self._call.fee_cap),
            gas=Uint(gas),
            access_list_addresses={
                self._block.header.coinbase,
                *(access.account for access in self._call.access_list),
            },
            access_list_storage_keys={
                (access.account, slot) for access in self._call.access_list for slot in access.slots
            },
            transient_storage=TransientStorage(),
            blob_versioned_hashes=(),
            authorizations=(),
            index_in_block=Uint(0),
            tx_hash=None,
        )


def _failure(outcome: Outcome) -> Refusal:
    if isinstance(outcome.error, Revert):
        message = "execution reverted"
        if not outcome.output:
            return Refusal(message)
        if (reason := _reason(outcome.output)) is not None:
            message += f": {reason}"
        return Refusal(message, EXECUTION_REVERTED, data(outcome.output))
    return Refusal(_sentence(outcome.error) or "")


def _sentence(error: EthereumException | None) -> str | None:
    """What geth calls it."""
    if error is None:
        return None
    kind = type(error)
    return "execution reverted" if kind is Revert else GETH_SENTENCES.get(kind, kind.__name__)


def _reason(output: bytes) -> str | None:
    """The text of an Error(string), if that is what came back."""
    if output[:4] != ERROR_SELECTOR:
        return None
    try:
        return str(abi_decode(["string"], output[4:])[0])
    except AbiDecodingError:
        return None
