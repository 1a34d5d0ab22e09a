# pragma version ~=0.4.3
# pragma evm-version cancun
"""
@title  A reference of the Transfers contract
@notice Says again, independently and in another language, what the payment contract does with an intent: who
        must have signed it, in which order it is refused, whom it pays, which event it leaves.
@dev    Of the contract's functions these are here: transferNative, wrapAndTransfer, transferTokenPreApproved
        and unwrapAndTransferPreApproved. Errors carry the contract's own selectors and arguments. Processed
        intents and registered operators have no getter, as in the contract.
"""

interface Token:
    def balanceOf(owner: address) -> uint256: view
    def allowance(owner: address, spender: address) -> uint256: view
    def transfer(receiver: address, amount: uint256) -> bool: nonpayable
    def transferFrom(sender: address, receiver: address, amount: uint256) -> bool: nonpayable
    def deposit(): payable
    def withdraw(amount: uint256): nonpayable

struct TransferIntent:
    recipientAmount: uint256
    deadline: uint256
    recipient: address
    recipientCurrency: address
    refundDestination: address
    feeAmount: uint256
    id: bytes16
    operator: address
    signature: Bytes[128]
    prefix: Bytes[128]

event Transferred:
    operator: indexed(address)
    id: bytes16
    recipient: address
    sender: address
    spentAmount: uint256
    spentCurrency: address

event OperatorRegistered:
    operator: address
    feeDestination: address

event OperatorUnregistered:
    operator: address

NATIVE: constant(address) = empty(address)
# Half the order of the curve: a higher s is the same signature written a second way (EIP-2).
HALF_ORDER: constant(uint256) = 57896044618658097711785492504343953926418782139537452191302581570759080747168

OWNER: immutable(address)
WRAPPED_NATIVE: immutable(address)

paused: public(bool)
feeDestinations: HashMap[address, address]
processedIntents: HashMap[address, HashMap[bytes16, bool]]


@deploy
def __init__(wrappedNative: address):
    OWNER = msg.sender
    WRAPPED_NATIVE = wrappedNative


# Who may sign, and whether anyone may pay

@external
def registerOperatorWithFeeDestination(feeDestination: address):
    self.feeDestinations[msg.sender] = feeDestination
    log OperatorRegistered(operator=msg.sender, feeDestination=feeDestination)


@external
def unregisterOperator():
    self.feeDestinations[msg.sender] = empty(address)
    log OperatorUnregistered(operator=msg.sender)


@external
def pause():
    assert msg.sender == OWNER, "Ownable: caller is not the owner"
    self.paused = True


@external
def unpause():
    assert msg.sender == OWNER, "Ownable: caller is not the owner"
    self.paused = False


# The four ways to pay

@payable
@nonreentrant
@external
def transferNative(intent: TransferIntent):
    self._check(intent, msg.sender)
    self._checkExactValue(intent, msg.value)
    if intent.recipientCurrency != NATIVE:
        self._refuseCurrency(NATIVE)
    self._payOut(intent)
    self._succeed(intent, msg.value, NATIVE, msg.sender)


@payable
@nonreentrant
@external
def wrapAndTransfer(intent: TransferIntent):
    self._check(intent, msg.sender)
    self._checkExactValue(intent, msg.value)
    if intent.recipientCurrency != WRAPPED_NATIVE:
        self._refuseCurrency(NATIVE)
    if msg.value > 0:
        extcall Token(WRAPPED_NATIVE).deposit(value=msg.value)
    self._payOut(intent)
    self._succeed(intent, msg.value, NATIVE, msg.sender)


@nonreentrant
@external
def transferTokenPreApproved(intent: TransferIntent):
    self._check(intent, msg.sender)
    if intent.recipientCurrency == NATIVE:
        self._refuseCurrency(intent.recipientCurrency)
    needed: uint256 = self._collect(intent, intent.recipientCurrency, msg.sender)
    self._payOut(intent)
    self._succeed(intent, needed, intent.recipientCurrency, msg.sender)


@nonreentrant
@external
def unwrapAndTransferPreApproved(intent: TransferIntent):
    self._check(intent, msg.sender)
    if intent.recipientCurrency != NATIVE:
        self._refuseCurrency(WRAPPED_NATIVE)
    needed: uint256 = self._collect(intent, WRAPPED_NATIVE, msg.sender)
    if needed > 0:
        extcall Token(WRAPPED_NATIVE).withdraw(needed)
    self._payOut(intent)
    self._succeed(intent, needed, WRAPPED_NATIVE, msg.sender)


@payable
@external
def __default__():
    assert msg.sender == WRAPPED_NATIVE and len(msg.data) == 0, "only payable for unwrapping"


# The checks, in the contract's order

@internal
def _check(intent: TransferIntent, sender: address):
    assert not self.paused, "Pausable: paused"
    if self._signer(intent, sender) != intent.operator:
        raw_revert(method_id("InvalidSignature()"))
    if intent.deadline < block.timestamp:
        raw_revert(method_id("ExpiredIntent()"))
    if intent.recipient == empty(address):
        raw_revert(method_id("NullRecipient()"))
    if self.processedIntents[intent.operator][intent.id]:
        raw_revert(method_id("AlreadyProcessed()"))
    if self.feeDestinations[intent.operator] == empty(address):
        raw_revert(method_id("OperatorNotRegistered()"))


@view
@internal
def _signer(intent: TransferIntent, sender: address) -> address:
    # The chain, the payer and this contract are signed over, not carried: an intent is good for one of each.
    hash: bytes32 = keccak256(concat(
        convert(intent.recipientAmount, bytes32),
        convert(intent.deadline, bytes32),
        convert(intent.recipient, bytes20),
        convert(intent.recipientCurrency, bytes20),
        convert(intent.refundDestination, bytes20),
        convert(intent.feeAmount, bytes32),
        intent.id,
        convert(intent.operator, bytes20),
        convert(chain.id, bytes32),
        convert(sender, bytes20),
        convert(self, bytes20),
    ))
    digest: bytes32 = keccak256(concat(intent.prefix, hash))
    if len(intent.prefix) == 0:
        digest = keccak256(concat(b"\x19Ethereum Signed Message:\n32", hash))
    assert len(intent.signature) == 65, "ECDSA: invalid signature length"
    r: uint256 = convert(slice(intent.signature, 0, 32), uint256)
    s: uint256 = convert(slice(intent.signature, 32, 32), uint256)
    v: uint256 = convert(slice(intent.signature, 64, 1), uint256)
    assert s <= HALF_ORDER, "ECDSA: invalid signature 's' value"
    signer: address = ecrecover(digest, v, r, s)
    assert signer != empty(address), "ECDSA: invalid signature"
    return signer


@internal
def _checkExactValue(intent: TransferIntent, sent: uint256):
    needed: uint256 = intent.recipientAmount + intent.feeAmount
    if sent != needed:
        # What was sent too much, or (negative) too little: the subtraction wraps to two's complement.
        raw_revert(abi_encode(unsafe_sub(sent, needed), method_id=method_id("InvalidNativeAmount(int256)")))


@internal
def _refuseCurrency(attempted: address):
    # The argument is the currency the payer tried to pay with, not the one the recipient asked for.
    raw_revert(abi_encode(attempted, method_id=method_id("IncorrectCurrency(address)")))


# The money

@internal
def _collect(intent: TransferIntent, currency: address, sender: address) -> uint256:
    needed: uint256 = intent.recipientAmount + intent.feeAmount
    balance: uint256 = staticcall Token(currency).balanceOf(sender)
    if balance < needed:
        raw_revert(abi_encode(needed - balance, method_id=method_id("InsufficientBalance(uint256)")))
    allowance: uint256 = staticcall Token(currency).allowance(sender, self)
    if allowance < needed:
        raw_revert(abi_encode(needed - allowance, method_id=method_id("InsufficientAllowance(uint256)")))
    if needed > 0:
        assert extcall Token(currency).transferFrom(sender, self, needed)
    return needed


@internal
def _payOut(intent: TransferIntent):
    self._send(intent.recipientCurrency, intent.recipient, intent.recipientAmount)
    self._send(intent.recipientCurrency, self.feeDestinations[intent.operator], intent.feeAmount)


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


@internal
def _succeed(intent: TransferIntent, spentAmount: uint256, spentCurrency: address, sender: address):
    self.processedIntents[intent.operator][intent.id] = True
    log Transferred(
        operator=intent.operator,
        id=intent.id,
        recipient=intent.recipient,
        sender=sender,
        spentAmount=spentAmount,
        spentCurrency=spentCurrency,
    )
