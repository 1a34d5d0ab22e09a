"""Permits signed by eth-account, which knows nothing of the contracts that read them."""

from __future__ import annotations

from typing import Any

from eth_account import Account as Signer
from eth_account.messages import encode_typed_data

from devnet.accounts import TestAccount
from devnet.deployment import PERMIT2

FAR = 4_000_000_000

PERMIT2_TYPES = {
    "PermitTransferFrom": [
        {"name": "permitted", "type": "TokenPermissions"},
        {"name": "spender", "type": "address"},
        {"name": "nonce", "type": "uint256"},
        {"name": "deadline", "type": "uint256"},
    ],
    "TokenPermissions": [{"name": "token", "type": "address"}, {"name": "amount", "type": "uint256"}],
}
TOKEN_TYPES = {
    "Permit": [
        {"name": "owner", "type": "address"},
        {"name": "spender", "type": "address"},
        {"name": "value", "type": "uint256"},
        {"name": "nonce", "type": "uint256"},
        {"name": "deadline", "type": "uint256"},
    ]
}


def permit2_signature(
    account: TestAccount, chain_id: int, token: str, amount: int, spender: str, nonce: int, deadline: int
) -> bytes:
    """What Permit2 asks for."""
    domain = {"name": "Permit2", "chainId": chain_id, "verifyingContract": PERMIT2}
    permitted = {"token": token, "amount": amount}
    message = {"permitted": permitted, "spender": spender, "nonce": nonce, "deadline": deadline}
    return _sign(account, domain, PERMIT2_TYPES, message)


def token_signature(account: TestAccount, chain_id: int, token: str, message: dict[str, Any]) -> bytes:
    """What the token asks for (EIP-2612)."""
    domain = {"name": "USD Coin", "version": "2", "chainId": chain_id, "verifyingContract": token}
    return _sign(account, domain, TOKEN_TYPES, message)


def _sign(account: TestAccount, domain: dict[str, Any], types: dict[str, Any], message: Any) -> bytes:
    signable = encode_typed_data(domain, types, message)
    return bytes(Signer.sign_message(signable, account.key).signature)
