# pragma version ~=0.4.3
# pragma evm-version cancun
"""
@title  Who signed
"""


@pure
@internal
def signer(digest: bytes32, signature: Bytes[128]) -> address:
    """
    @notice Nobody, where it is no signature; 65 bytes are for the caller to check.
    """
    r: uint256 = convert(slice(signature, 0, 32), uint256)
    s: uint256 = convert(slice(signature, 32, 32), uint256)
    v: uint256 = convert(slice(signature, 64, 1), uint256)
    return ecrecover(digest, v, r, s)
