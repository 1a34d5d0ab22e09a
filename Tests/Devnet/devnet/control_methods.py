"""The methods by which a test moves the chain: evm_*."""

from __future__ import annotations

from devnet.chain import Snapshot
from devnet.ethereum_methods import EthereumMethods
from devnet.hexadecimal import quantity
from devnet.parameters import (
    AddressParameter,
    BooleanParameter,
    CountParameter,
    HashParameter,
    QuantityParameter,
)
from devnet.refusal import Refusal


class ControlMethods:
    """Each public method is the JSON-RPC method of the same name."""

    def __init__(self, node: EthereumMethods) -> None:
        self._node = node
        self._chain = node.chain
        self._snapshots: list[Snapshot] = []

    def evm_mine(self, count: CountParameter = 1) -> str:
        """Mine so many blocks, the first with what waits; the answer is the last block's number."""
        for _ in range(count):
            self._chain.mine()
        return quantity(self._chain.head.number)

    def evm_setAutomine(self, automine: BooleanParameter) -> bool:
        """Whether a transaction is mined as soon as it comes."""
        self._node.automine = automine
        return True

    def evm_dropBlock(self, return_transactions: BooleanParameter = True) -> str:
        """A reorganisation: the last block is gone. Its transactions wait again; with false they are lost."""
        if self._chain.head.number == 0:
            raise Refusal("the first block cannot be dropped")
        self._chain.drop_block(return_transactions)
        return quantity(self._chain.head.number)

    def evm_dropTransaction(self, transaction_hash: HashParameter) -> bool:
        """Forget a waiting transaction, as a node does whose pool is full; false when none has this hash."""
        waiting = self._chain.pool.find(transaction_hash)
        if waiting is None:
            return False
        self._chain.pool.remove(waiting)
        return True

    def evm_snapshot(self) -> str:
        """Remember everything; the answer is the number to return to it by."""
        self._snapshots.append(self._chain.snapshot())
        return quantity(len(self._snapshots))

    def evm_revert(self, identifier: QuantityParameter) -> bool:
        """Return to a snapshot; it and all later ones are used up."""
        if not 0 < identifier <= len(self._snapshots):
            return False
        self._chain.restore(self._snapshots[identifier - 1])
        del self._snapshots[identifier - 1 :]
        return True

    def evm_increaseTime(self, seconds: CountParameter) -> str:
        """Move the time of the next blocks on; the answer is by how much in all."""
        self._chain.clock.increase(seconds)
        return quantity(self._chain.clock.offset)

    def evm_setNextBlockTimestamp(self, timestamp: CountParameter) -> bool:
        """The next block has this timestamp, and time runs on from there."""
        self._chain.clock.set_next(timestamp, int(self._chain.head.header.timestamp))
        return True

    def evm_setNextBlockBaseFeePerGas(self, base_fee: CountParameter) -> bool:
        """The next block has this base fee: what offers less keeps waiting."""
        self._chain.exact_base_fee = base_fee
        return True

    def evm_setBalance(self, address: AddressParameter, balance: QuantityParameter) -> bool:
        """Rewrite an account's native balance as of the last block."""
        self._chain.set_balance(address, balance)
        return True
