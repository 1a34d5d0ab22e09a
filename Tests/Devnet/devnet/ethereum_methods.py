"""The methods that any node has: eth_*, net_* and web3_*, and the one of debug_* that simulates a call."""

from __future__ import annotations

from typing import Any

from ethereum.crypto.hash import Hash32
from ethereum.forks.osaka.fork_types import Account, Address
from ethereum.forks.osaka.state import get_account, get_storage
from ethereum_types.bytes import Bytes32

from devnet.call import read_call
from devnet.chain import Block, Chain
from devnet.execution import Execution
from devnet.fees import MOST_BLOCKS, check_percentiles, fee_history
from devnet.hexadecimal import data, quantity
from devnet.logs import LogFilter
from devnet.parameters import (
    AddressParameter,
    BlockNumberParameter,
    BlockParameter,
    BooleanParameter,
    CountParameter,
    DataParameter,
    HashParameter,
    ObjectParameter,
    PercentilesParameter,
    SlotParameter,
    SlotsParameter,
    Unreadable,
    read_block_number,
    read_hash,
)
from devnet.proofs import proof_as_json
from devnet.refusal import INVALID_PARAMS, Refusal
from devnet.rendering import block_as_json, log_as_json, receipt_as_json, transaction_as_json
from devnet.tracing import check_config
from devnet.transactions import decode, validate

CLIENT_VERSION = "AirlockDevnet/ethereum-execution/osaka"


class EthereumMethods:
    """Each public method is the JSON-RPC method of the same name."""

    def __init__(self, chain: Chain, automine: bool = True, suggested_tip: int = 1_000_000) -> None:
        self.chain = chain
        self.automine = automine
        self._suggested_tip = suggested_tip

    # The chain

    def web3_clientVersion(self) -> str:
        """Who answers."""
        return CLIENT_VERSION

    def net_version(self) -> str:
        """The chain id, in decimal."""
        return str(self.chain.chain_id)

    def eth_chainId(self) -> str:
        """The chain id."""
        return quantity(self.chain.chain_id)

    def eth_syncing(self) -> bool:
        """Never: there is nobody to catch up with."""
        return False

    def eth_blockNumber(self) -> str:
        """The number of the last block."""
        return quantity(self.chain.head.number)

    def eth_getBlockByNumber(
        self, block: BlockNumberParameter, full: BooleanParameter = False
    ) -> dict[str, Any] | None:
        """A block by its number or tag."""
        found = self._find(block)
        return block_as_json(found, full, pending=block == "pending") if found else None

    def eth_getBlockByHash(
        self, block: HashParameter, full: BooleanParameter = False
    ) -> dict[str, Any] | None:
        """A block by its hash."""
        found = self._find(block)
        return block_as_json(found, full) if found else None

    # Accounts

    def eth_getBalance(self, address: AddressParameter, block: BlockParameter = "latest") -> str:
        """How much native currency an account has."""
        return quantity(self._account(address, block).balance)

    def eth_getTransactionCount(self, address: AddressParameter, block: BlockParameter = "latest") -> str:
        """An account's nonce; pending counts the transactions that wait in an unbroken row."""
        nonce = int(self._account(address, "latest" if block == "pending" else block).nonce)
        return quantity(nonce + (len(self.chain.pool.pending(address, nonce)) if block == "pending" else 0))

    def eth_getCode(self, address: AddressParameter, block: BlockParameter = "latest") -> str:
        """A contract's code."""
        return data(self._account(address, block).code)

    def eth_getStorageAt(
        self, address: AddressParameter, slot: SlotParameter, block: BlockParameter = "latest"
    ) -> str:
        """A word of a contract's storage."""
        return data(get_storage(self._block(block).state, address, Bytes32(slot)).to_be_bytes32())

    def eth_getProof(
        self, address: AddressParameter, slots: SlotsParameter, block: BlockParameter = "latest"
    ) -> dict[str, Any]:
        """An account and words of its storage, with what proves them against the block's state root."""
        return proof_as_json(self._block(block), address, slots)

    # Fees

    def eth_maxPriorityFeePerGas(self) -> str:
        """The tip that this node suggests."""
        return quantity(self._suggested_tip)

    def eth_gasPrice(self) -> str:
        """The suggested tip on top of the last block's base fee."""
        return quantity(int(self.chain.head.header.base_fee_per_gas) + self._suggested_tip)

    def eth_feeHistory(
        self,
        count: CountParameter,
        newest: BlockNumberParameter,
        percentiles: PercentilesParameter | None = None,
    ) -> dict[str, object]:
        """Base fees, fullness and tips of some blocks, and the base fee of the one after them."""
        check_percentiles(percentiles or [])
        last = self._find(newest)
        if last is None:
            raise Refusal(f"request beyond head block: requested {newest}, head {self.chain.head.number}")
        blocks = [*self.chain.blocks, last] if newest == "pending" else self.chain.blocks[: last.number + 1]
        following = self.chain.blocks[len(blocks) :][:1]
        next_base_fee = (
            int(following[0].header.base_fee_per_gas) if following else self.chain.base_fee_after(last)
        )
        oldest = max(len(blocks) - min(count, MOST_BLOCKS), 0)
        return fee_history(blocks[oldest:], next_base_fee, percentiles)

    # Calls

    def eth_call(
        self,
        call: ObjectParameter,
        block: BlockParameter = "latest",
        overrides: ObjectParameter | None = None,
    ) -> str:
        """Run a message and say what it returned."""
        return data(self._execution(call, block, overrides).call())

    def eth_estimateGas(
        self,
        call: ObjectParameter,
        block: BlockParameter = "latest",
        overrides: ObjectParameter | None = None,
    ) -> str:
        """A gas limit with which a message succeeds."""
        return quantity(self._execution(call, block, overrides).estimate())

    def debug_traceCall(
        self, call: ObjectParameter, block: BlockParameter, config: ObjectParameter
    ) -> dict[str, Any]:
        """Run a message and say which calls it makes and which events they log."""
        check_config(config)
        return self._execution(call, block, None).trace()

    # Transactions

    def eth_sendRawTransaction(self, raw: DataParameter) -> str:
        """Take a signed transaction; with automatic mining it is in a block before the answer is out."""
        transaction = decode(raw)
        if self.chain.pool.find(transaction.hash):
            raise Refusal("already known")
        signed = validate(transaction, self.chain.chain_id, self.chain.block_gas_limit)
        self.chain.pool.admit(signed, self.chain.account(signed.sender))
        if self.automine:
            self.chain.mine_waiting()
        return data(signed.hash)

    def eth_getTransactionByHash(self, transaction_hash: HashParameter) -> dict[str, Any] | None:
        """A transaction, mined or waiting."""
        if waiting := self.chain.pool.find(transaction_hash):
            return transaction_as_json(waiting)
        if place := self._place(transaction_hash):
            block, index = place
            return transaction_as_json(block.transactions[index].transaction, block, index)
        return None

    def eth_getTransactionReceipt(self, transaction_hash: HashParameter) -> dict[str, Any] | None:
        """What became of a mined transaction."""
        place = self._place(transaction_hash)
        return receipt_as_json(*place) if place else None

    def eth_getLogs(self, members: ObjectParameter) -> list[dict[str, Any]]:
        """The events of one block, by its hash, or of a range of blocks."""
        try:
            log_filter, blocks = LogFilter(members), self._filtered_blocks(members)
        except Unreadable as problem:
            raise Refusal(f"invalid argument 0: {problem}", INVALID_PARAMS) from None
        return [
            log_as_json(log, block, mined, index, log_index)
            for block in blocks
            for log_index, (log, mined, index) in enumerate(block.logs)
            if log_filter.admits(log)
        ]

    # Finding things

    def _find(self, reference: str | int | Hash32) -> Block | None:
        if isinstance(reference, Hash32):
            return next((block for block in self.chain.blocks if block.hash == reference), None)
        if reference == "pending":
            return self.chain.assemble()
        number = {"earliest": 0}.get(str(reference), self.chain.head.number)
        if isinstance(reference, int):
            number = reference
        return self.chain.blocks[number] if number < len(self.chain.blocks) else None

    def _block(self, reference: str | int | Hash32) -> Block:
        if found := self._find(reference):
            return found
        raise Refusal("header not found")

    def _account(self, address: Address, block: str | int | Hash32) -> Account:
        return get_account(self._block(block).state, address)

    def _place(self, transaction_hash: Hash32) -> tuple[Block, int] | None:
        for block in reversed(self.chain.blocks):
            for index, mined in enumerate(block.transactions):
                if mined.transaction.hash == transaction_hash:
                    return block, index
        return None

    def _execution(
        self, call: dict[str, Any], block: str | int | Hash32, overrides: dict[str, Any] | None
    ) -> Execution:
        return Execution(self.chain, read_call(call, self.chain.chain_id), self._block(block), overrides)

    def _filtered_blocks(self, members: dict[str, Any]) -> list[Block]:
        if members.get("blockHash") is not None:
            if members.get("fromBlock") is not None or members.get("toBlock") is not None:
                raise Unreadable(
                    "cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other"
                )
            block = self._find(read_hash(members["blockHash"]))
            if block is None:
                raise Refusal("unknown block")
            return [block]
        first = self._bound(members.get("fromBlock"))
        last = self._bound(members.get("toBlock"))
        if first > last:
            raise Refusal("invalid block range params", INVALID_PARAMS)
        return self.chain.blocks[first : last + 1]

    def _bound(self, value: object) -> int:
        reference = read_block_number("latest" if value is None else value)
        return (
            reference
            if isinstance(reference, int)
            else {"earliest": 0}.get(str(reference), self.chain.head.number)
        )
