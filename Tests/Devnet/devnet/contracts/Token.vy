# pragma version ~=0.4.3
# pragma evm-version cancun
"""
@title  The token of the test chain
@notice ERC-20, in the two forms the tests pay with: a stable coin of 6 decimals, minted once, and the wrapped
        native currency, minted by `deposit` and burnt by `withdraw`.
@dev    With `resetFirst` an allowance goes from one non-zero value to another only through zero, as USDT's
        does: the case that makes a wallet sign two approvals.
"""

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    amount: uint256

event Approval:
    owner: indexed(address)
    spender: indexed(address)
    amount: uint256

name: public(String[32])
symbol: public(String[16])
decimals: public(uint8)
resetFirst: public(bool)
totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])


@deploy
def __init__(name: String[32], symbol: String[16], decimals: uint8, supply: uint256, resetFirst: bool):
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
    self.balanceOf[sender] -= amount
    self.balanceOf[receiver] += amount
    log Transfer(sender=sender, receiver=receiver, amount=amount)


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
    self.allowance[msg.sender][spender] = amount
    log Approval(owner=msg.sender, spender=spender, amount=amount)
    return True


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
