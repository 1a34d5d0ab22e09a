"""What blocks cost, as eth_feeHistory tells it."""

from __future__ import annotations

from itertools import accumulate

from devnet.chain import Block
from devnet.hexadecimal import quantity
from devnet.refusal import Refusal

MOST_BLOCKS = 1024


def fee_history(
    blocks: list[Block], next_base_fee: int, percentiles: list[float] | None
) -> dict[str, object]:
    """The history of these blocks; `next_base_fee` is that of the block after them."""
    if not blocks:
        return {"oldestBlock": quantity(0), "gasUsedRatio": None}
    base_fees = [int(block.header.base_fee_per_gas) for block in blocks] + [next_base_fee]
    history: dict[str, object] = {
        "oldestBlock": quantity(blocks[0].number),
        "baseFeePerGas": [quantity(base_fee) for base_fee in base_fees],
        "gasUsedRatio": [int(block.header.gas_used) / int(block.header.gas_limit) for block in blocks],
        "baseFeePerBlobGas": [quantity(1)] * len(base_fees),
        "blobGasUsedRatio": [0] * len(blocks),
    }
    if percentiles:
        history["reward"] = [[quantity(tip) for tip in tips(block, percentiles)] for block in blocks]
    return history


def check_percentiles(percentiles: list[float]) -> None:
    """Percentiles lie between 0 and 100 and never fall."""
    previous = 0.0
    for percentile in percentiles:
        if not previous <= percentile <= 100:
            raise Refusal(f"invalid reward percentile: {percentile:f}")
        previous = percentile


def tips(block: Block, percentiles: list[float]) -> list[int]:
    """The tips paid at these percentiles of the gas used, cheapest first; zeros for an empty block."""
    if not block.transactions:
        return [0] * len(percentiles)
    base_fee = int(block.header.base_fee_per_gas)
    paid = sorted((mined.transaction.tip(base_fee), mined.gas_used) for mined in block.transactions)
    gas_until = list(accumulate(gas_used for _, gas_used in paid))
    rewards = []
    for percentile in percentiles:
        threshold = int(int(block.header.gas_used) * percentile / 100)
        rewards.append(next(tip for (tip, _), gas in zip(paid, gas_until, strict=True) if gas >= threshold))
    return rewards
