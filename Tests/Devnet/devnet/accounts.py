"""The people of the tests. Their keys are known to everyone who reads this: never send them money."""

from __future__ import annotations

from dataclasses import dataclass

from eth_keys import keys


@dataclass(frozen=True)
class TestAccount:
    """A key that is no secret, and its address in EIP-55 form."""

    key: bytes

    @property
    def address(self) -> str:
        """The account's address."""
        return keys.PrivateKey(self.key).public_key.to_checksum_address()


def _repeated(byte: int) -> TestAccount:
    return TestAccount(bytes([byte]) * 32)


DEPLOYER = _repeated(0x11)
OPERATOR = _repeated(0x22)
PAYER = _repeated(0x33)
MERCHANT = _repeated(0x44)
FEE_DESTINATION = _repeated(0x55)
# Signs intents as well as anyone, but is registered nowhere.
STRANGER = _repeated(0x66)
# The owners of the Safes.
OWNERS = (_repeated(0x77), _repeated(0x88), _repeated(0x99))
