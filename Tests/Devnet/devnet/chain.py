"""The chain: blocks, each with the whole state after it, so that any can be asked, and the last one dropped.

Nothing is ever undone: a block is assembled on a copy of the state before it, and appended. A reorganisation
takes the last block off the list, and the state before it is simply there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile

from ethereum.crypto.hash import Hash32, keccak256
from ethereum.exceptions import EthereumException
from ethereum.forks.osaka import fork
from ethereum.forks.osaka.blocks import Header, Log, Receipt, decode_receipt
from ethereum.forks.osaka.bloom import logs_bloom
from ethereum.forks.osaka.fork_types import Account, Address
from ethereum.forks.osaka.requests import compute_requests_hash
from ethereum.forks.osaka.state import (
    State,
    get_account,
    set_account,
    set_account_balance,
    set_storage,
    state_root,
)
from ethereum.forks.osaka.trie import copy_trie, root, trie_get, trie_set
from ethereum.forks.osaka.vm import BlockEnvironment, BlockOutput
from ethereum_rlp import rlp
from ethereum_types.bytes import Bytes, Bytes8, Bytes20, Bytes32
from ethereum_types.numeric import U64, U256, Uint

from devnet.clock import Clock
from devnet.pool import Pool
from devnet.transactions import SignedTransaction

ZERO_HASH = Hash32(bytes(32))
# Who mines: an address of its own, so that tips never blur a balance that a test counts.
COINBASE = Bytes20(bytes.fromhex("c0ffee".rjust(40, "0")))


@dataclass(frozen=True)
class MinedTransaction:
    """A transaction in its block, with what became of it."""

    transaction: SignedTransaction
    receipt: Receipt
    gas_used: int
    first_log_index: int


@dataclass(frozen=True)
class Block:
    """A block, its transactions, and the state after it. Nobody changes that state: copy it first."""

    header: Header
    hash: Hash32
    transactions: tuple[MinedTransaction, ...]
    state: State

    @property
    def number(self) -> int:
        """How many blocks came before it."""
        return int(self.header.number)

    @property
    def logs(self) -> list[tuple[Log, MinedTransaction, int]]:
        """Every log with its transaction's index in the block."""
        return [
            (log, mined, index) for index, mined in enumerate(self.transactions) for log in mined.receipt.logs
        ]


@dataclass(frozen=True)
class Snapshot:
    """All that can change, kept by reference or copied: a test returns here."""

    blocks: tuple[Block, ...]
    pool: Pool
    clock: Clock


def copy_state(state: State) -> State:
    """A state of its own to write on; accounts are frozen and shared."""
    tries = {address: copy_trie(trie) for address, trie in state._storage_tries.items()}
    return State(_main_trie=copy_trie(state._main_trie), _storage_tries=tries)


class Chain:
    """The blocks so far, the pool, and how the next block comes about."""

    def __init__(
        self,
        chain_id: int,
        genesis_accounts: Mapping[Address, Account],
        base_fee: int,
        block_gas_limit: int,
        genesis_storage: Mapping[Address, Mapping[int, int]],
    ) -> None:
        self.chain_id = chain_id
        self.block_gas_limit = block_gas_limit
        self.pool = Pool()
        self.clock = Clock()
        # The base fee that a test has set for the next block.
        self.exact_base_fee: int | None = None
        # What pays less is left out of blocks, as geth's miners do.
        self.least_tip = 0
        self._genesis_base_fee = base_fee
        self._assembled = 0
        state = State()
        for address, account in genesis_accounts.items():
            set_account(state, address, account)
        for address, words in genesis_storage.items():
            for slot, word in words.items():
                set_storage(state, address, Bytes32(slot.to_bytes(32, "big")), U256(word))
        # A minute in the past, so that blocks mined at once, a second apart, do not outrun the time of day.
        self.clock.offset = -60
        self.blocks: list[Block] = []
        self.blocks = [self._seal(state, self._environment(state), (), BlockOutput())]
        self.clock.offset = 0

    @property
    def head(self) -> Block:
        """The last block."""
        return self.blocks[-1]

    def account(self, address: Address) -> Account:
        """An account as the last block left it."""
        return get_account(self.head.state, address)

    def next_base_fee(self) -> int:
        """The base fee of the block after the last (EIP-1559), or the one a test has set."""
        if self.exact_base_fee is not None:
            return self.exact_base_fee
        if not self.blocks:
            return self._genesis_base_fee
        return self.base_fee_after(self.head)

    def base_fee_after(self, block: Block) -> int:
        """What the specification makes of a block's fullness for the one after it."""
        header = block.header
        limit = Uint(self.block_gas_limit)
        base_fee = fork.calculate_base_fee_per_gas(
            limit, header.gas_limit, header.gas_used, header.base_fee_per_gas
        )
        return int(base_fee)

    def mine(self) -> Block:
        """Append a block of what the pool holds, be it nothing."""
        return self._append(self.assemble())

    def mine_waiting(self) -> None:
        """Append a block if there is anything to put in it."""
        block = self.assemble()
        if block.transactions:
            self._append(block)

    def _append(self, block: Block) -> Block:
        self.blocks.append(block)
        self.clock.tick()
        self.exact_base_fee = None
        for mined in block.transactions:
            self.pool.remove(mined.transaction)
        self.pool.evict(self.account)
        return block

    def drop_block(self, return_transactions: bool) -> None:
        """Play a reorganisation: the last block is gone, as if it had never been mined."""
        dropped = self.blocks.pop()
        if return_transactions:
            for mined in dropped.transactions:
                self.pool.put_back(mined.transaction)

    def snapshot(self) -> Snapshot:
        """Everything as it is now."""
        clock = Clock(self.clock.offset, self.clock.exact)
        return Snapshot(tuple(self.blocks), self.pool.copy(), clock)

    def restore(self, snapshot: Snapshot) -> None:
        """Everything as it was then."""
        self.blocks = list(snapshot.blocks)
        self.pool = snapshot.pool.copy()
        self.clock = Clock(snapshot.clock.offset, snapshot.clock.exact)

    def set_balance(self, address: Address, balance: int) -> None:
        """Rewrite a balance in the last block's state, for tests only: no transaction did it."""
        state = copy_state(self.head.state)
        set_account_balance(state, address, U256(balance))
        head = self.head
        self.blocks[-1] = Block(head.header, head.hash, head.transactions, state)

    def assemble(self) -> Block:
        """The next block as it would be mined now; the chain does not change.

        As miners do, the best tip goes first, each sender's nonces in order. What cannot be mined
        waits on, and all its sender's later transactions with it.
        """
        environment = self._environment(copy_state(self.head.state))
        output = BlockOutput()
        mined: list[MinedTransaction] = []
        base_fee = int(environment.base_fee_per_gas)
        rows = {sender: self._row(sender, base_fee) for sender in sorted(self.pool.senders())}
        while any(rows.values()):
            sender = max((each for each in rows if rows[each]), key=lambda each: rows[each][0].tip(base_fee))
            result = self._apply(rows[sender][0], environment, output, mined)
            if result is None:
                rows[sender] = []
            else:
                mined.append(result)
                rows[sender] = rows[sender][1:]
        return self._seal(environment.state, environment, tuple(mined), output)

    def _row(self, sender: Address, base_fee: int) -> list[SignedTransaction]:
        pending = self.pool.pending(sender, int(self.account(sender).nonce))
        return list(takewhile(lambda transaction: transaction.tip(base_fee) >= self.least_tip, pending))

    @staticmethod
    def _apply(
        transaction: SignedTransaction,
        environment: BlockEnvironment,
        output: BlockOutput,
        before: list[MinedTransaction],
    ) -> MinedTransaction | None:
        index = Uint(len(before))
        gas_before = output.block_gas_used
        try:
            fork.process_transaction(environment, output, transaction.body, index)
        except EthereumException:
            # The specification notes the transaction before it checks it: take the note back.
            trie_set(output.transactions_trie, rlp.encode(index), None)
            return None
        encoded = trie_get(output.receipts_trie, rlp.encode(index))
        receipt = decode_receipt(encoded or b"")
        first_log_index = sum(len(earlier.receipt.logs) for earlier in before)
        return MinedTransaction(
            transaction, receipt, int(output.block_gas_used - gas_before), first_log_index
        )

    def _environment(self, state: State) -> BlockEnvironment:
        previous = int(self.head.header.timestamp) if self.blocks else 0
        # Counted, so that a block mined in the place of a dropped one is never the same block.
        self._assembled += 1
        return BlockEnvironment(
            chain_id=U64(self.chain_id),
            state=state,
            block_gas_limit=Uint(self.block_gas_limit),
            block_hashes=[block.hash for block in self.blocks[-256:]],
            coinbase=COINBASE,
            number=Uint(len(self.blocks)),
            base_fee_per_gas=Uint(self.next_base_fee()),
            time=U256(self.clock.next_timestamp(previous)),
            prev_randao=Bytes32(self._assembled.to_bytes(32, "big")),
            excess_blob_gas=U64(0),
            parent_beacon_block_root=ZERO_HASH,
        )

    def _seal(
        self,
        state: State,
        environment: BlockEnvironment,
        mined: tuple[MinedTransaction, ...],
        output: BlockOutput,
    ) -> Block:
        header = Header(
            parent_hash=self.head.hash if self.blocks else ZERO_HASH,
            ommers_hash=fork.EMPTY_OMMER_HASH,
            coinbase=environment.coinbase,
            state_root=state_root(state),
            transactions_root=root(output.transactions_trie),
            receipt_root=root(output.receipts_trie),
            bloom=logs_bloom(output.block_logs),
            difficulty=Uint(0),
            number=environment.number,
            gas_limit=environment.block_gas_limit,
            gas_used=output.block_gas_used,
            timestamp=environment.time,
            extra_data=Bytes(b""),
            prev_randao=environment.prev_randao,
            nonce=Bytes8(bytes(8)),
            base_fee_per_gas=environment.base_fee_per_gas,
            withdrawals_root=root(output.withdrawals_trie),
            blob_gas_used=U64(0),
            excess_blob_gas=U64(0),
            parent_beacon_block_root=ZERO_HASH,
            requests_hash=Hash32(compute_requests_hash([])),
        )
        return Block(header, keccak256(rlp.encode(header)), mined, state)
