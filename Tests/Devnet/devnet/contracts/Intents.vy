# pragma version ~=0.4.3
# pragma evm-version cancun
"""
@title  What is asked for, and by whom
@notice The part of the Transfers contract that all its functions share: who must have signed an intent, in which
        order it is refused, which event a payment leaves.
@dev    Processed intents and registered operators have no getter, as in the contract.
"""

import Signature

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

# Half the order of the curve: a higher s is the same signature written a second way (EIP-2).
HALF_ORDER: constant(uint256) = 57896044618658097711785492504343953926418782139537452191302581570759080747168

OWNER: immutable(address)

paused: public(bool)
feeDestinations: HashMap[address, address]
processedIntents: HashMap[address, HashMap[bytes16, bool]]


@deploy
def __init__():
    OWNER = msg.sender


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


# The checks, in the contract's order

@internal
def check(intent: TransferIntent, sender: address):
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
    s: uint256 = convert(slice(intent.signature, 32, 32), uint256)
    assert s <= HALF_ORDER, "ECDSA: invalid signature 's' value"
    signer: address = Signature.signer(digest, intent.signature)
    assert signer != empty(address), "ECDSA: invalid signature"
    return signer


@internal
def checkExactValue(intent: TransferIntent, sent: uint256):
    needed: uint256 = intent.recipientAmount + intent.feeAmount
    if sent != needed:
        # What was sent too much, or (negative) too little: the subtraction wraps to two's complement.
        raw_revert(abi_encode(unsafe_sub(sent, needed), method_id=method_id("InvalidNativeAmount(int256)")))


@internal
def succeed(intent: TransferIntent, spentAmount: uint256, spentCurrency: address, sender: address):
    self.processedIntents[intent.operator][intent.id] = True
    log Transferred(
        operator=intent.operator,
        id=intent.id,
        recipient=intent.recipient,
        sender=sender,
        spentAmount=spentAmount,
        spentCurrency=spentCurrency,
    )
