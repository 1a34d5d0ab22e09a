# pragma version ~=0.4.3
# pragma evm-version cancun
"""
@title  The token of the test chain
@notice ERC-20, in the two forms the tests pay with: a stable coin of 6 decimals, minted once, and the wrapped
        native currency, minted by `deposit` and burnt by `withdraw`. An allowance may come by signature, in the
        two forms of EIP-2612 and ERC-7597.
@dev    With `resetFirst` an allowance goes from one non-zero value to another only through zero, as USDT's
        does: the case that makes a wallet sign two approvals. `setTransferFee` makes it a token that keeps some
        of what is sent: one that the payment contract refuses.
"""

import Signature

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    amount: uint256

event Approval:
    owner: indexed(address)
    spender: indexed(address)
    amount: uint256

DOMAIN_TYPE: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
PERMIT_TYPE: constant(bytes32) = keccak256(
    "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
)
MINTER: immutable(address)

version: public(constant(String[1])) = "2"
name: public(String[32])
symbol: public(String[16])
decimals: public(uint8)
resetFirst: public(bool)
transferFee: public(uint256)
totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])
nonces: public(HashMap[address, uint256])


@deploy
def __init__(name: String[32], symbol: String[16], decimals: uint8, supply: uint256, resetFirst: bool):
    MINTER = msg.sender
    self.name = name
    self.symbol = symbol
    self.decimals = decimals
    self.resetFirst = resetFirst
    self._mint(msg.sender, supply)


@internal
def _mint(receiver: address, amount: uint256):
    self.totalSupply += amount
    self.balanceOf[receiver] += amount
    log Transfer(sender=empty(address), receiver=receiver, amount=amount)


@internal
def _move(sender: address, receiver: address, amount: uint256):
    assert self.balanceOf[sender] >= amount, "ERC20: transfer amount exceeds balance"
    fee: uint256 = min(amount, self.transferFee)
    self.totalSupply -= fee
    self.balanceOf[sender] -= amount
    self.balanceOf[receiver] += amount - fee
    log Transfer(sender=sender, receiver=receiver, amount=amount - fee)
    if fee > 0:
        log Transfer(sender=sender, receiver=empty(address), amount=fee)


@external
def setTransferFee(amount: uint256):
    assert msg.sender == MINTER, "only the minter"
    self.transferFee = amount


@external
def transfer(receiver: address, amount: uint256) -> bool:
    self._move(msg.sender, receiver, amount)
    return True


@external
def transferFrom(sender: address, receiver: address, amount: uint256) -> bool:
    assert self.allowance[sender][msg.sender] >= amount, "ERC20: transfer amount exceeds allowance"
    self.allowance[sender][msg.sender] -= amount
    self._move(sender, receiver, amount)
    return True


@external
def approve(spender: address, amount: uint256) -> bool:
    if self.resetFirst:
        assert amount == 0 or self.allowance[msg.sender][spender] == 0, "approve from non-zero to non-zero"
    self._approve(msg.sender, spender, amount)
    return True


@internal
def _approve(owner: address, spender: address, amount: uint256):
    self.allowance[owner][spender] = amount
    log Approval(owner=owner, spender=spender, amount=amount)


@payable
@external
def deposit():
    self._mint(msg.sender, msg.value)


@external
def withdraw(amount: uint256):
    assert self.balanceOf[msg.sender] >= amount, "ERC20: burn amount exceeds balance"
    self.totalSupply -= amount
    self.balanceOf[msg.sender] -= amount
    log Transfer(sender=msg.sender, receiver=empty(address), amount=amount)
    raw_call(msg.sender, b"", value=amount)


# Allowances by signature

@view
@external
def DOMAIN_SEPARATOR() -> bytes32:
    return self._domainSeparator()


@view
@internal
def _domainSeparator() -> bytes32:
    return keccak256(abi_encode(DOMAIN_TYPE, keccak256(self.name), keccak256(version), chain.id, self))


@external
def permit(
    owner: address, spender: address, amount: uint256, deadline: uint256, v: uint8, r: bytes32, s: bytes32
):
    self._permit(owner, spender, amount, deadline, concat(r, s, convert(v, bytes1)))


@external
def __default__():
    # ERC-7597's form of the same, which Vyper cannot overload: permit(owner, spender, amount, deadline, signature),
    # 65 bytes of signature in the three words after its length.
    assert slice(msg.data, 0, 4) == method_id("permit(address,address,uint256,uint256,bytes)")
    owner: address = empty(address)
    spender: address = empty(address)
    amount: uint256 = 0
    deadline: uint256 = 0
    signature: Bytes[65] = b""
    owner, spender, amount, deadline, signature = abi_decode(
        slice(msg.data, 4, 288), (address, address, uint256, uint256, Bytes[65])
    )
    assert len(signature) == 65, "EIP2612: invalid signature"
    self._permit(owner, spender, amount, deadline, signature)


@internal
def _permit(owner: address, spender: address, amount: uint256, deadline: uint256, signature: Bytes[65]):
    assert block.timestamp <= deadline, "FiatTokenV2: permit is expired"
    hash: bytes32 = keccak256(abi_encode(PERMIT_TYPE, owner, spender, amount, self.nonces[owner], deadline))
    digest: bytes32 = keccak256(concat(b"\x19\x01", self._domainSeparator(), hash))
    assert owner != empty(address) and Signature.signer(digest, signature) == owner, "EIP2612: invalid signature"
    self.nonces[owner] += 1
    self._approve(owner, spender, amount)
