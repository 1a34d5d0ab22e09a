# pragma version ~=0.4.3
# pragma evm-version cancun
"""
@title  A reference of Permit2's signature transfers
@notice Moves a token that its owner has approved this contract for, once, to whom and for whom the owner signed.
@dev    Only `permitTransferFrom` of one token, and what invalidates a nonce. Owners that are contracts are left
        out: they would be asked by ERC-1271. It is put at the real address without a constructor, so the domain
        separator is computed when it is needed.
"""

import Signature

struct TokenPermissions:
    token: address
    amount: uint256

struct PermitTransferFrom:
    permitted: TokenPermissions
    nonce: uint256
    deadline: uint256

struct SignatureTransferDetails:
    to: address
    requestedAmount: uint256

event UnorderedNonceInvalidation:
    owner: indexed(address)
    word: uint256
    mask: uint256

DOMAIN_TYPE: constant(bytes32) = keccak256("EIP712Domain(string name,uint256 chainId,address verifyingContract)")
TOKEN_PERMISSIONS_TYPE: constant(bytes32) = keccak256("TokenPermissions(address token,uint256 amount)")
PERMIT_TYPE: constant(bytes32) = keccak256(
    "PermitTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline)TokenPermissions(address token,uint256 amount)"
)

# Nonces come in any order: 248 bits choose a word, 8 bits a bit in it.
nonceBitmap: public(HashMap[address, HashMap[uint256, uint256]])


@view
@external
def DOMAIN_SEPARATOR() -> bytes32:
    return self._domainSeparator()


@external
def permitTransferFrom(
    permit: PermitTransferFrom, details: SignatureTransferDetails, owner: address, signature: Bytes[128]
):
    if block.timestamp > permit.deadline:
        raw_revert(abi_encode(permit.deadline, method_id=method_id("SignatureExpired(uint256)")))
    if details.requestedAmount > permit.permitted.amount:
        raw_revert(abi_encode(permit.permitted.amount, method_id=method_id("InvalidAmount(uint256)")))
    self._useNonce(owner, permit.nonce)
    signer: address = self._signer(self._digest(permit, msg.sender), signature)
    if signer == empty(address):
        raw_revert(method_id("InvalidSignature()"))
    if signer != owner:
        raw_revert(method_id("InvalidSigner()"))
    self._move(permit.permitted.token, owner, details.to, details.requestedAmount)


@external
def invalidateUnorderedNonces(word: uint256, mask: uint256):
    self.nonceBitmap[msg.sender][word] |= mask
    log UnorderedNonceInvalidation(owner=msg.sender, word=word, mask=mask)


@internal
def _useNonce(owner: address, nonce: uint256):
    bit: uint256 = 1 << (nonce % 256)
    if self.nonceBitmap[owner][nonce >> 8] & bit != 0:
        raw_revert(method_id("InvalidNonce()"))
    self.nonceBitmap[owner][nonce >> 8] |= bit


@view
@internal
def _domainSeparator() -> bytes32:
    return keccak256(abi_encode(DOMAIN_TYPE, keccak256("Permit2"), chain.id, self))


@view
@internal
def _digest(permit: PermitTransferFrom, spender: address) -> bytes32:
    # The spender is whoever calls, and signed over: nobody else can use the permit.
    permitted: bytes32 = keccak256(
        abi_encode(TOKEN_PERMISSIONS_TYPE, permit.permitted.token, permit.permitted.amount)
    )
    hash: bytes32 = keccak256(abi_encode(PERMIT_TYPE, permitted, spender, permit.nonce, permit.deadline))
    return keccak256(concat(b"\x19\x01", self._domainSeparator(), hash))


@view
@internal
def _signer(digest: bytes32, signature: Bytes[128]) -> address:
    if len(signature) != 64 and len(signature) != 65:
        raw_revert(method_id("InvalidSignatureLength()"))
    if len(signature) == 65:
        return Signature.signer(digest, signature)
    # ERC-2098: the parity is the highest bit of s.
    r: uint256 = convert(slice(signature, 0, 32), uint256)
    s: uint256 = convert(slice(signature, 32, 32), uint256)
    return ecrecover(digest, 27 + (s >> 255), r, s & (max_value(uint256) >> 1))


@internal
def _move(token: address, owner: address, receiver: address, amount: uint256):
    success: bool = False
    answer: Bytes[32] = b""
    success, answer = raw_call(
        token,
        abi_encode(
            owner, receiver, amount, method_id=method_id("transferFrom(address,address,uint256)")
        ),
        max_outsize=32,
        revert_on_failure=False,
    )
    # Whatever the token's reason was, this sentence stands for it.
    assert success and (len(answer) == 0 or convert(answer, uint256) == 1), "TRANSFER_FROM_FAILED"
