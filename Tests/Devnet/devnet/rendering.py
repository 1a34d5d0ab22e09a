"""Blocks, transactions, receipts and logs as JSON, member by member as geth writes them."""

from __future__ import annotations

from typing import Any

from ethereum.forks.osaka.blocks import Log
from ethereum.forks.osaka.transactions import FeeMarketTransaction, LegacyTransaction
from ethereum.forks.osaka.utils.address import compute_contract_address
from ethereum_rlp import rlp
from ethereum_types.numeric import Uint

from devnet.chain import Block, MinedTransaction
from devnet.hexadecimal import data, quantity
from devnet.transactions import SignedTransaction


def block_as_json(block: Block, with_transactions: bool, pending: bool = False) -> dict[str, Any]:
    """A block with its transactions or just their hashes. A pending one has no hash, nonce or miner yet."""
    header = block.header
    return {
        "number": quantity(header.number),
        "hash": None if pending else data(block.hash),
        "parentHash": data(header.parent_hash),
        "nonce": None if pending else data(header.nonce),
        "sha3Uncles": data(header.ommers_hash),
        "logsBloom": None if pending else data(header.bloom),
        "transactionsRoot": data(header.transactions_root),
        "stateRoot": data(header.state_root),
        "receiptsRoot": data(header.receipt_root),
        "miner": None if pending else data(header.coinbase),
        "difficulty": quantity(header.difficulty),
        "extraData": data(header.extra_data),
        "size": quantity(
            len(rlp.encode(header)) + sum(len(each.transaction.raw) for each in block.transactions)
        ),
        "gasLimit": quantity(header.gas_limit),
        "gasUsed": quantity(header.gas_used),
        "timestamp": quantity(header.timestamp),
        "baseFeePerGas": quantity(header.base_fee_per_gas),
        "mixHash": data(header.prev_randao),
        "blobGasUsed": quantity(header.blob_gas_used),
        "excessBlobGas": quantity(header.excess_blob_gas),
        "parentBeaconBlockRoot": data(header.parent_beacon_block_root),
        "requestsHash": data(header.requests_hash),
        "withdrawals": [],
        "withdrawalsRoot": data(header.withdrawals_root),
        "uncles": [],
        "transactions": [
            transaction_as_json(each.transaction, block, index)
            if with_transactions
            else data(each.transaction.hash)
            for index, each in enumerate(block.transactions)
        ],
    }


def transaction_as_json(
    transaction: SignedTransaction, block: Block | None = None, index: int | None = None
) -> dict[str, Any]:
    """A transaction, mined in a block or, without one, waiting in the pool."""
    body = transaction.body
    rendered: dict[str, Any] = {
        "blockHash": data(block.hash) if block else None,
        "blockNumber": quantity(block.number) if block else None,
        "transactionIndex": quantity(index) if index is not None else None,
        "type": quantity(transaction.type),
        "hash": data(transaction.hash),
        "chainId": quantity(transaction.signed_chain_id or 0),
        "nonce": quantity(body.nonce),
        "from": data(transaction.sender),
        "to": data(body.to) if body.to else None,
        "value": quantity(body.value),
        "gas": quantity(body.gas),
        "gasPrice": quantity(_price(transaction, block)),
        "input": data(body.data),
        "r": quantity(body.r),
        "s": quantity(body.s),
    }
    if isinstance(body, LegacyTransaction):
        return rendered | {"v": quantity(body.v)}
    rendered |= {
        "v": quantity(body.y_parity),
        "yParity": quantity(body.y_parity),
        "accessList": [
            {"address": data(access.account), "storageKeys": [data(slot) for slot in access.slots]}
            for access in body.access_list
        ],
    }
    if isinstance(body, FeeMarketTransaction):
        rendered["maxFeePerGas"] = quantity(body.max_fee_per_gas)
        rendered["maxPriorityFeePerGas"] = quantity(body.max_priority_fee_per_gas)
    return rendered


def receipt_as_json(block: Block, index: int) -> dict[str, Any]:
    """What became of a block's transaction."""
    mined = block.transactions[index]
    transaction, receipt = mined.transaction, mined.receipt
    created = None
    if not transaction.body.to:
        created = data(compute_contract_address(transaction.sender, Uint(transaction.nonce)))
    return {
        "type": quantity(transaction.type),
        "status": quantity(receipt.succeeded),
        "transactionHash": data(transaction.hash),
        "transactionIndex": quantity(index),
        "blockHash": data(block.hash),
        "blockNumber": quantity(block.number),
        "from": data(transaction.sender),
        "to": data(transaction.body.to) if transaction.body.to else None,
        "contractAddress": created,
        "gasUsed": quantity(mined.gas_used),
        "cumulativeGasUsed": quantity(receipt.cumulative_gas_used),
        "effectiveGasPrice": quantity(_price(transaction, block)),
        "logsBloom": data(receipt.bloom),
        "logs": [
            log_as_json(log, block, mined, index, mined.first_log_index + offset)
            for offset, log in enumerate(receipt.logs)
        ],
    }


def log_as_json(
    log: Log, block: Block, mined: MinedTransaction, index: int, log_index: int
) -> dict[str, Any]:
    """An event, and where it was left."""
    return {
        "address": data(log.address),
        "topics": [data(topic) for topic in log.topics],
        "data": data(log.data),
        "blockNumber": quantity(block.number),
        "blockHash": data(block.hash),
        "blockTimestamp": quantity(block.header.timestamp),
        "transactionHash": data(mined.transaction.hash),
        "transactionIndex": quantity(index),
        "logIndex": quantity(log_index),
        "removed": False,
    }


def _price(transaction: SignedTransaction, block: Block | None) -> int:
    """What a unit of gas cost in this block; before it is mined, the most it may cost."""
    if block is None:
        return transaction.fee_cap
    base_fee = int(block.header.base_fee_per_gas)
    return base_fee + transaction.tip(base_fee) if transaction.type == 2 else transaction.fee_cap
