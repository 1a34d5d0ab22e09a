"""Transactions that wait to be mined, as geth's pool keeps them: one for each sender and nonce."""

from __future__ import annotations

from collections.abc import Callable

from ethereum.crypto.hash import Hash32
from ethereum.forks.osaka.fork_types import Account, Address

from devnet.refusal import Refusal
from devnet.transactions import SignedTransaction

# A replacement must offer this many hundredths of both the old fee cap and the old tip.
PRICE_BUMP = 110

INSUFFICIENT_FUNDS = "insufficient funds for gas * price + value"


class Pool:
    """The waiting transactions. Those whose nonces follow on are pending; behind a gap they are queued."""

    def __init__(self, waiting: dict[tuple[Address, int], SignedTransaction] | None = None) -> None:
        self._waiting = dict(waiting or {})

    def copy(self) -> Pool:
        """The same transactions in a pool of their own, for a snapshot."""
        return Pool(self._waiting)

    def find(self, transaction_hash: Hash32) -> SignedTransaction | None:
        """The waiting transaction with this hash."""
        for transaction in self._waiting.values():
            if transaction.hash == transaction_hash:
                return transaction
        return None

    def pending(self, sender: Address, nonce: int) -> list[SignedTransaction]:
        """The sender's transactions that could be mined one after the other, from this account nonce on."""
        following: list[SignedTransaction] = []
        while (sender, nonce + len(following)) in self._waiting:
            following.append(self._waiting[sender, nonce + len(following)])
        return following

    def senders(self) -> set[Address]:
        """Everyone who waits for something, in no order."""
        return {sender for sender, _ in self._waiting}

    def admit(self, transaction: SignedTransaction, account: Account) -> None:
        """Take a transaction in, or say as geth would why not."""
        nonce, balance, cost = int(account.nonce), int(account.balance), transaction.worst_cost
        if transaction.nonce < nonce:
            raise Refusal(f"nonce too low: next nonce {nonce}, tx nonce {transaction.nonce}")
        if balance < cost:
            short = f"balance {balance}, tx cost {cost}, overshot {cost - balance}"
            raise Refusal(f"{INSUFFICIENT_FUNDS}: {short}")
        replaced = self._waiting.get((transaction.sender, transaction.nonce))
        pending = self.pending(transaction.sender, nonce)
        spent = sum(earlier.worst_cost for earlier in pending)
        # Only the unbroken row counts against the balance, so only in it does a replacement free any.
        bump = cost - (replaced.worst_cost if replaced in pending else 0)
        if balance < spent + bump:
            kind = "bumped" if replaced in pending else "cost"
            wanted = f"tx {kind} {bump}, overshot {spent + bump - balance}"
            raise Refusal(f"{INSUFFICIENT_FUNDS}: balance {balance}, queued cost {spent}, {wanted}")
        if replaced and not _outbids(transaction, replaced):
            raise Refusal("replacement transaction underpriced")
        self._waiting[transaction.sender, transaction.nonce] = transaction

    def put_back(self, transaction: SignedTransaction) -> None:
        """Take in again what was mined in a block that is no more: it was judged when it first came."""
        self._waiting.setdefault((transaction.sender, transaction.nonce), transaction)

    def remove(self, transaction: SignedTransaction) -> None:
        """Forget a transaction: it was mined, or a test plays a node that lost it."""
        self._waiting.pop((transaction.sender, transaction.nonce), None)

    def evict(self, account_of: Callable[[Address], Account]) -> None:
        """After a new block: drop what its sender can no longer pay, and what another one overtook."""
        for transaction in list(self._waiting.values()):
            account = account_of(transaction.sender)
            if transaction.nonce < int(account.nonce) or transaction.worst_cost > int(account.balance):
                self.remove(transaction)


def _outbids(new: SignedTransaction, old: SignedTransaction) -> bool:
    raised = new.fee_cap > old.fee_cap and new.tip_cap > old.tip_cap
    enough = new.fee_cap >= old.fee_cap * PRICE_BUMP // 100 and new.tip_cap >= old.tip_cap * PRICE_BUMP // 100
    return raised and enough
