"""Safes as they are on real chains: the contracts that safe-eth-py ships, and Safes of three known owners.

Each contract stands at the address that CREATE2 gives it: a wrong byte of its code would put it elsewhere.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import distribution

from eth_abi import encode
from eth_utils import keccak, to_canonical_address, to_checksum_address

from devnet.accounts import OWNERS

# Who deploys by CREATE2, at one address on every chain: Arachnid's proxy, and Safe's own singleton factory.
ARACHNID = to_canonical_address("0x4e59b44847b379578588920cA78FbF26c0B4956C")
SAFE_FACTORY = to_canonical_address("0x914d7Fec6aaC8cd542e72Bca78B30650d45643d7")
# A singleton's constructor sets its own threshold, in this slot, so that nobody can set it up.
THRESHOLD_SLOT = 4
CREATE_PROXY = "createProxyWithNonce(address,bytes,uint256)"
SETUP = "setup(address[],uint256,address,bytes,address,address,uint256,address)"
NOBODY = "0x" + "00" * 20


@dataclass(frozen=True)
class Contract:
    """A contract that the package ships, and who deployed it on real chains."""

    artifact: str
    deployer: bytes

    def _code(self, kind: str) -> bytes:
        name = f"safe_eth/eth/contracts/abis/{self.artifact}.json"
        # Read as a file: importing the package would want all that it depends on.
        path = distribution("safe-eth-py").locate_file(name)
        with open(str(path), encoding="utf-8") as file:
            return bytes.fromhex(json.load(file)[kind].removeprefix("0x"))

    @property
    def creation_code(self) -> bytes:
        """The code that creates it; no constructor takes arguments."""
        return self._code("bytecode")

    @property
    def runtime_code(self) -> bytes:
        """Its code as an account holds it."""
        return self._code("deployedBytecode")

    @property
    def address(self) -> str:
        """Where it is: CREATE2 with salt 0 (EIP-1014)."""
        preimage = b"\xff" + self.deployer + bytes(32) + keccak(self.creation_code)
        return to_checksum_address(keccak(preimage)[12:])


@dataclass(frozen=True)
class Version:
    """The contracts of a version. The singletons are those that log every transaction (SafeL2)."""

    name: str
    singleton: Contract
    factory: Contract
    fallback_handler: Contract

    def setup(self, owners: tuple[str, ...], threshold: int) -> bytes:
        """The arguments of the call that makes owners of a new Safe."""
        kinds = ["address[]", "uint256", "address", "bytes", "address", "address", "uint256", "address"]
        handler = self.fallback_handler.address
        return encode(kinds, [owners, threshold, NOBODY, b"", handler, NOBODY, 0, NOBODY])


VERSIONS = (
    Version(
        "1.3.0",
        Contract("GnosisSafe_V1_3_0", ARACHNID),
        Contract("ProxyFactory_V1_3_0", ARACHNID),
        Contract("CompatibilityFallbackHandler_V1_3_0", ARACHNID),
    ),
    Version(
        "1.4.1",
        Contract("Safe_V1_4_1", SAFE_FACTORY),
        Contract("ProxyFactory_V1_4_1", SAFE_FACTORY),
        Contract("CompatibilityFallbackHandler_V1_4_1", SAFE_FACTORY),
    ),
)
# For both versions: the package has none of 1.3.0.
MULTI_SEND_CALL_ONLY = Contract("MultiSendCallOnly_V1_4_1", SAFE_FACTORY)
CONTRACTS = (
    *(part for each in VERSIONS for part in (each.singleton, each.factory, each.fallback_handler)),
    MULTI_SEND_CALL_ONLY,
)


@dataclass(frozen=True)
class Safe:
    """A Safe on the chain."""

    version: Version
    address: str
    owners: tuple[str, ...]
    threshold: int

    def as_json(self) -> dict[str, object]:
        """What a test must know of it."""
        return {
            "version": self.version.name,
            "address": self.address,
            "owners": list(self.owners),
            "threshold": self.threshold,
            "singleton": self.version.singleton.address,
            "fallbackHandler": self.version.fallback_handler.address,
        }


def safes_as_json(safes: tuple[Safe, ...]) -> dict[str, object]:
    """What the start command prints of them; nothing where there are none."""
    if not safes:
        return {}
    return {
        "safes": [safe.as_json() for safe in safes],
        "multiSendCallOnly": MULTI_SEND_CALL_ONLY.address,
        "safeOwners": [{"address": owner.address, "key": "0x" + owner.key.hex()} for owner in OWNERS],
    }
