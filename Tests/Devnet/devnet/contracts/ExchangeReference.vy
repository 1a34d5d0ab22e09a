# pragma version ~=0.4.3
# pragma evm-version cancun
"""
@title  A reference of what Uniswap V3 is to the payment contract
@notice Pools, the router and QuoterV2 in one: exact-output swaps at the pool's price, whatever their size, plus
        the pool's fee.
@dev    It fails as the real ones do: without a pool no reason is given, and an empty pool, too little liquidity
        and a price above the maximum have the router's errors. It is put at the quoter's address without a
        constructor. Whoever makes a pool brings its reserves beforehand.
"""

interface Token:
    def transfer(receiver: address, amount: uint256) -> bool: nonpayable
    def deposit(): payable
    def withdraw(amount: uint256): nonpayable

# What is spent: so many units of the one token for so many of the other, and what is left of the other.
struct Offer:
    unitsIn: uint256
    unitsOut: uint256
    reserve: uint256

struct Order:
    tokenIn: address
    tokenOut: address
    fee: uint24
    maximum: uint256
    payer: address
    # The native currency, or tokenOut.
    currency: address
    recipient: address
    recipientAmount: uint256
    feeDestination: address
    feeAmount: uint256

struct QuoteExactOutputSingleParams:
    tokenIn: address
    tokenOut: address
    amount: uint256
    fee: uint24
    sqrtPriceLimitX96: uint160

NATIVE: constant(address) = empty(address)
# Fees are in millionths.
WHOLE: constant(uint256) = 1_000_000

offers: public(HashMap[address, HashMap[address, HashMap[uint24, Offer]]])


@external
def createPool(
    tokenA: address,
    tokenB: address,
    fee: uint24,
    unitsA: uint256,
    unitsB: uint256,
    reserveA: uint256,
    reserveB: uint256,
):
    self.offers[tokenA][tokenB][fee] = Offer(unitsIn=unitsA, unitsOut=unitsB, reserve=reserveB)
    self.offers[tokenB][tokenA][fee] = Offer(unitsIn=unitsB, unitsOut=unitsA, reserve=reserveA)


# The router

@payable
@external
def swap(order: Order):
    """
    @notice Pays recipient and fee, and gives the payer back what the pool did not take of the maximum, which came
            with the call in native currency, or before it in tokens.
    """
    amountOut: uint256 = order.recipientAmount + order.feeAmount
    amountIn: uint256 = self._amountIn(order.tokenIn, order.tokenOut, order.fee, amountOut)
    if amountIn == 0:
        raw_revert(method_id("V3InvalidSwap()"))
    if amountIn > order.maximum:
        raw_revert(method_id("V3TooMuchRequested()"))
    if amountOut > self.offers[order.tokenIn][order.tokenOut][order.fee].reserve:
        raw_revert(method_id("V3InvalidAmountOut()"))
    self.offers[order.tokenIn][order.tokenOut][order.fee].reserve -= amountOut
    self.offers[order.tokenOut][order.tokenIn][order.fee].reserve += amountIn
    if msg.value > 0:
        extcall Token(order.tokenIn).deposit(value=amountIn)
    if order.currency == NATIVE:
        extcall Token(order.tokenOut).withdraw(amountOut)
    self._send(order.currency, order.feeDestination, order.feeAmount)
    self._send(order.currency, order.recipient, order.recipientAmount)
    self._send(NATIVE if msg.value > 0 else order.tokenIn, order.payer, order.maximum - amountIn)


@internal
def _send(currency: address, receiver: address, amount: uint256):
    if amount == 0:
        return
    if currency != NATIVE:
        assert extcall Token(currency).transfer(receiver, amount)
        return
    success: bool = raw_call(receiver, b"", value=amount, revert_on_failure=False)
    assert success, "ETH_TRANSFER_FAILED"


@payable
@external
def __default__():
    # What the wrapped native currency gives when it is unwrapped.
    assert len(msg.data) == 0


# The quoter

@view
@external
def quoteExactOutputSingle(params: QuoteExactOutputSingleParams) -> (uint256, uint160, uint32, uint256):
    """
    @notice What a swap would take; the price after it, the ticks it crosses and its gas are not told.
    """
    assert params.sqrtPriceLimitX96 == 0, "a price limit is more than this reference knows"
    amountIn: uint256 = self._amountIn(params.tokenIn, params.tokenOut, params.fee, params.amount)
    reserve: uint256 = self.offers[params.tokenIn][params.tokenOut][params.fee].reserve
    assert amountIn > 0 and params.amount <= reserve, "Unexpected error"
    return amountIn, 0, 0, 0


# The pool

@view
@internal
def _amountIn(tokenIn: address, tokenOut: address, fee: uint24, amountOut: uint256) -> uint256:
    """
    @notice The price, rounded up; nothing where the pool is empty.
    """
    offer: Offer = self.offers[tokenIn][tokenOut][fee]
    # Where there is no contract, there is no reason why the call fails.
    assert offer.unitsOut > 0
    assert amountOut > 0, "AS"
    if offer.reserve == 0:
        return 0
    dividend: uint256 = amountOut * offer.unitsIn * WHOLE
    divisor: uint256 = offer.unitsOut * (WHOLE - convert(fee, uint256))
    return (dividend + divisor - 1) // divisor
