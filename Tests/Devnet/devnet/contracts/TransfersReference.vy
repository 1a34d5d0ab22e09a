# pragma version ~=0.4.3
# pragma evm-version cancun
"""
@title  A reference of the Transfers contract
@notice Says again, independently and in another language, what the payment contract does with an intent: how it
        collects the money in each of its ten functions, whom it pays, with which error it refuses. What all ten
        have in common is in Intents.
@dev    Errors carry the contract's own selectors and arguments.
"""

import ExchangeReference as Exchange
import Intents
import Permit2Reference as Permit2

initializes: Intents
exports: (
    Intents.registerOperatorWithFeeDestination,
    Intents.unregisterOperator,
    Intents.pause,
    Intents.unpause,
    Intents.paused,
)

interface Token:
    def balanceOf(owner: address) -> uint256: view
    def allowance(owner: address, spender: address) -> uint256: view
    def transfer(receiver: address, amount: uint256) -> bool: nonpayable
    def transferFrom(sender: address, receiver: address, amount: uint256) -> bool: nonpayable
    def deposit(): payable
    def withdraw(amount: uint256): nonpayable

struct Permit2SignatureTransferData:
    permit: Permit2.PermitTransferFrom
    transferDetails: Permit2.SignatureTransferDetails
    signature: Bytes[128]

struct EIP2612SignatureTransferData:
    owner: address
    signature: Bytes[128]

NATIVE: constant(address) = empty(address)
WRAPPED_NATIVE: immutable(address)
PERMIT2: immutable(address)
EXCHANGE: immutable(address)


@deploy
def __init__(wrappedNative: address, permit2: address, exchange: address):
    Intents.__init__()
    WRAPPED_NATIVE = wrappedNative
    PERMIT2 = permit2
    EXCHANGE = exchange


# Ways to pay without a swap

@payable
@nonreentrant
@external
def transferNative(intent: Intents.TransferIntent):
    Intents.check(intent, msg.sender)
    Intents.checkExactValue(intent, msg.value)
    if intent.recipientCurrency != NATIVE:
        self._refuseCurrency(NATIVE)
    self._payOut(intent)
    Intents.succeed(intent, msg.value, NATIVE, msg.sender)


@payable
@nonreentrant
@external
def wrapAndTransfer(intent: Intents.TransferIntent):
    Intents.check(intent, msg.sender)
    Intents.checkExactValue(intent, msg.value)
    if intent.recipientCurrency != WRAPPED_NATIVE:
        self._refuseCurrency(NATIVE)
    if msg.value > 0:
        extcall Token(WRAPPED_NATIVE).deposit(value=msg.value)
    self._payOut(intent)
    Intents.succeed(intent, msg.value, NATIVE, msg.sender)


@nonreentrant
@external
def transferToken(intent: Intents.TransferIntent, data: Permit2SignatureTransferData):
    Intents.check(intent, msg.sender)
    token: address = data.permit.permitted.token
    if intent.recipientCurrency == NATIVE or intent.recipientCurrency != token:
        self._refuseCurrency(token)
    needed: uint256 = self._checkPermitted(intent, data, msg.sender)
    if needed > 0:
        before: uint256 = staticcall Token(token).balanceOf(self)
        self._collectPermitted(data, msg.sender)
        self._checkExact(token, self, before, needed)
    self._payOut(intent)
    Intents.succeed(intent, needed, token, msg.sender)


@nonreentrant
@external
def transferTokenPreApproved(intent: Intents.TransferIntent):
    Intents.check(intent, msg.sender)
    if intent.recipientCurrency == NATIVE:
        self._refuseCurrency(NATIVE)
    needed: uint256 = intent.recipientAmount + intent.feeAmount
    self._checkBalance(intent.recipientCurrency, msg.sender, needed)
    self._collectApproved(intent.recipientCurrency, msg.sender, needed)
    self._payOut(intent)
    Intents.succeed(intent, needed, intent.recipientCurrency, msg.sender)


@nonreentrant
@external
def unwrapAndTransfer(intent: Intents.TransferIntent, data: Permit2SignatureTransferData):
    Intents.check(intent, msg.sender)
    if intent.recipientCurrency != NATIVE or data.permit.permitted.token != WRAPPED_NATIVE:
        self._refuseCurrency(data.permit.permitted.token)
    needed: uint256 = self._checkPermitted(intent, data, msg.sender)
    if needed > 0:
        self._collectPermitted(data, msg.sender)
        extcall Token(WRAPPED_NATIVE).withdraw(needed)
    self._payOut(intent)
    Intents.succeed(intent, needed, WRAPPED_NATIVE, msg.sender)


@nonreentrant
@external
def unwrapAndTransferPreApproved(intent: Intents.TransferIntent):
    Intents.check(intent, msg.sender)
    if intent.recipientCurrency != NATIVE:
        self._refuseCurrency(WRAPPED_NATIVE)
    needed: uint256 = intent.recipientAmount + intent.feeAmount
    self._checkBalance(WRAPPED_NATIVE, msg.sender, needed)
    self._collectApproved(WRAPPED_NATIVE, msg.sender, needed)
    if needed > 0:
        extcall Token(WRAPPED_NATIVE).withdraw(needed)
    self._payOut(intent)
    Intents.succeed(intent, needed, WRAPPED_NATIVE, msg.sender)


@nonreentrant
@external
def subsidizedTransferToken(intent: Intents.TransferIntent, data: EIP2612SignatureTransferData):
    Intents.check(intent, data.owner)
    token: address = intent.recipientCurrency
    if token == NATIVE:
        self._refuseCurrency(NATIVE)
    needed: uint256 = intent.recipientAmount + intent.feeAmount
    self._checkBalance(token, data.owner, needed)
    permit: Bytes[388] = abi_encode(
        data.owner, self, needed, intent.deadline, data.signature,
        method_id=method_id("permit(address,address,uint256,uint256,bytes)"),
    )
    if not raw_call(token, permit, revert_on_failure=False):
        raw_revert(method_id("PermitCallFailed()"))
    self._collectApproved(token, data.owner, needed)
    self._payOut(intent)
    Intents.succeed(intent, needed, token, data.owner)


# Ways to pay with a swap

@payable
@nonreentrant
@external
def swapAndTransferUniswapV3Native(intent: Intents.TransferIntent, poolFee: uint24):
    Intents.check(intent, msg.sender)
    if intent.recipientCurrency == NATIVE or intent.recipientCurrency == WRAPPED_NATIVE:
        self._refuseCurrency(NATIVE)
    spent: uint256 = 0
    if intent.recipientAmount + intent.feeAmount > 0:
        spent = self._swap(intent, WRAPPED_NATIVE, msg.value, poolFee, msg.sender, msg.value)
    Intents.succeed(intent, spent, NATIVE, msg.sender)


@nonreentrant
@external
def swapAndTransferUniswapV3Token(intent: Intents.TransferIntent, data: Permit2SignatureTransferData, poolFee: uint24):
    Intents.check(intent, msg.sender)
    token: address = data.permit.permitted.token
    if token == intent.recipientCurrency:
        self._refuseCurrency(token)
    if data.transferDetails.to != self:
        raw_revert(method_id("InvalidTransferDetails()"))
    maximum: uint256 = data.transferDetails.requestedAmount
    spent: uint256 = 0
    if intent.recipientAmount + intent.feeAmount > 0:
        before: uint256 = staticcall Token(token).balanceOf(self)
        self._collectPermitted(data, msg.sender)
        self._checkExact(token, self, before, maximum)
        spent = self._swap(intent, token, maximum, poolFee, msg.sender, 0)
    Intents.succeed(intent, spent, token, msg.sender)


@nonreentrant
@external
def swapAndTransferUniswapV3TokenPreApproved(
    intent: Intents.TransferIntent, token: address, maximum: uint256, poolFee: uint24
):
    Intents.check(intent, msg.sender)
    if token == intent.recipientCurrency:
        self._refuseCurrency(token)
    self._checkBalance(token, msg.sender, maximum)
    self._checkAllowance(token, msg.sender, maximum)
    spent: uint256 = 0
    if intent.recipientAmount + intent.feeAmount > 0:
        self._collectApproved(token, msg.sender, maximum)
        spent = self._swap(intent, token, maximum, poolFee, msg.sender, 0)
    Intents.succeed(intent, spent, token, msg.sender)


@payable
@external
def __default__():
    assert msg.sender == WRAPPED_NATIVE and len(msg.data) == 0, "only payable for unwrapping"


# The checks of a payment

@internal
def _refuseCurrency(attempted: address):
    # The argument is the currency the payer tried to pay with, not the one the recipient asked for.
    raw_revert(abi_encode(attempted, method_id=method_id("IncorrectCurrency(address)")))

@view
@internal
def _checkBalance(currency: address, payer: address, amount: uint256):
    balance: uint256 = staticcall Token(currency).balanceOf(payer)
    if balance < amount:
        raw_revert(abi_encode(amount - balance, method_id=method_id("InsufficientBalance(uint256)")))


@view
@internal
def _checkAllowance(currency: address, payer: address, amount: uint256):
    allowance: uint256 = staticcall Token(currency).allowance(payer, self)
    if allowance < amount:
        raw_revert(abi_encode(amount - allowance, method_id=method_id("InsufficientAllowance(uint256)")))


@view
@internal
def _checkExact(currency: address, receiver: address, before: uint256, amount: uint256):
    # A token that keeps some of what is sent would leave somebody short.
    if staticcall Token(currency).balanceOf(receiver) - before != amount:
        raw_revert(method_id("InexactTransfer()"))


@view
@internal
def _checkPermitted(intent: Intents.TransferIntent, data: Permit2SignatureTransferData, payer: address) -> uint256:
    needed: uint256 = intent.recipientAmount + intent.feeAmount
    self._checkBalance(data.permit.permitted.token, payer, needed)
    details: Permit2.SignatureTransferDetails = data.transferDetails
    if needed > 0 and (details.to != self or details.requestedAmount != needed):
        raw_revert(method_id("InvalidTransferDetails()"))
    return needed


@internal
def _collectPermitted(data: Permit2SignatureTransferData, payer: address):
    extcall Permit2.__interface__(PERMIT2).permitTransferFrom(data.permit, data.transferDetails, payer, data.signature)


@internal
def _collectApproved(currency: address, payer: address, amount: uint256):
    self._checkAllowance(currency, payer, amount)
    if amount > 0:
        before: uint256 = staticcall Token(currency).balanceOf(self)
        assert extcall Token(currency).transferFrom(payer, self, amount)
        self._checkExact(currency, self, before, amount)


@internal
def _swap(
    intent: Intents.TransferIntent, tokenIn: address, maximum: uint256, poolFee: uint24, payer: address, sent: uint256
) -> uint256:
    """
    @return What the payer has less than before: the exchange gives back what the pool did not take.
    """
    feeDestination: address = Intents.feeDestinations[intent.operator]
    currency: address = intent.recipientCurrency
    before: uint256 = payer.balance + sent
    if sent == 0:
        before = staticcall Token(tokenIn).balanceOf(payer) + maximum
        assert extcall Token(tokenIn).transfer(EXCHANGE, maximum)
    feeBefore: uint256 = 0
    recipientBefore: uint256 = 0
    if currency != NATIVE:
        feeBefore = staticcall Token(currency).balanceOf(feeDestination)
        recipientBefore = staticcall Token(currency).balanceOf(intent.recipient)
    order: Exchange.Order = Exchange.Order(
        tokenIn=tokenIn,
        tokenOut=WRAPPED_NATIVE if currency == NATIVE else currency,
        fee=poolFee,
        maximum=maximum,
        payer=payer,
        currency=currency,
        recipient=intent.recipient,
        recipientAmount=intent.recipientAmount,
        feeDestination=feeDestination,
        feeAmount=intent.feeAmount,
    )
    success: bool = False
    answer: Bytes[256] = b""
    success, answer = raw_call(
        EXCHANGE,
        abi_encode(order, method_id=method_id(
            "swap((address,address,uint24,uint256,address,address,address,uint256,address,uint256))"
        )),
        max_outsize=256,
        value=sent,
        revert_on_failure=False,
    )
    if not success:
        self._failSwap(answer)
    if currency != NATIVE:
        self._checkExact(currency, feeDestination, feeBefore, intent.feeAmount)
        self._checkExact(currency, intent.recipient, recipientBefore, intent.recipientAmount)
    return before - (payer.balance if sent > 0 else staticcall Token(tokenIn).balanceOf(payer))


@internal
def _failSwap(reason: Bytes[256]):
    """
    @notice The router's reason in words where it has any, else as it is.
    """
    words: String[184] = ""
    if len(reason) >= 68 and slice(reason, 0, 4) == method_id("Error(string)"):
        words = abi_decode(slice(reason, 4, len(reason) - 4), String[184])
    elif reason == method_id("V3InvalidSwap()"):
        words = "V3InvalidSwap"
    elif reason == method_id("V3TooMuchRequested()"):
        words = "V3TooMuchRequested"
    elif reason == method_id("V3InvalidAmountOut()"):
        words = "V3InvalidAmountOut"
    else:
        raw_revert(abi_encode(reason, method_id=method_id("SwapFailedBytes(bytes)")))
    raw_revert(abi_encode(words, method_id=method_id("SwapFailedString(string)")))


@internal
def _payOut(intent: Intents.TransferIntent):
    self._send(intent.recipientCurrency, intent.recipient, intent.recipientAmount)
    self._send(intent.recipientCurrency, Intents.feeDestinations[intent.operator], intent.feeAmount)


@internal
def _send(currency: address, receiver: address, amount: uint256):
    if amount == 0:
        return
    if currency != NATIVE:
        assert extcall Token(currency).transfer(receiver, amount)
        return
    success: bool = False
    answer: Bytes[256] = b""
    success, answer = raw_call(receiver, b"", max_outsize=256, value=amount, revert_on_failure=False)
    if not success:
        raw_revert(abi_encode(
            receiver, amount, False, answer,
            method_id=method_id("NativeTransferFailed(address,uint256,bool,bytes)"),
        ))
