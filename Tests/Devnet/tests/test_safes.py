"""Safes: the contracts are the real ones at their real addresses, and two of three owners execute."""

from __future__ import annotations

from eth_abi import decode, encode
from eth_account import Account as Signer
from eth_account.messages import encode_defunct
from eth_utils import function_signature_to_4byte_selector as selector
from eth_utils import keccak

from devnet.accounts import MERCHANT, OWNERS, STRANGER, TestAccount
from devnet.deployment import Options
from devnet.safes import CONTRACTS, MULTI_SEND_CALL_ONLY, SETUP, VERSIONS, Safe
from tests.support import DevnetTest, call_data

# Where Safe's list of deployments has them.
ADDRESSES = {
    "GnosisSafe_V1_3_0": "0x3E5c63644E683549055b9Be8653de26E0B4CD36E",
    "ProxyFactory_V1_3_0": "0xa6B71E26C5e0845f74c812102Ca7114b6a896AB2",
    "CompatibilityFallbackHandler_V1_3_0": "0xf48f2B2d2a534e402487b3ee7C18c33Aec0Fe5e4",
    "Safe_V1_4_1": "0x29fcB43b46531BcA003ddC8FCB67FFE91900C762",
    "ProxyFactory_V1_4_1": "0x4e1DCf7AD4e460CfD30791CCC4F9c8a4f820ec67",
    "CompatibilityFallbackHandler_V1_4_1": "0xfd0732Dc9E303f09fCEf3a7388Ad10A83459Ec99",
    "MultiSendCallOnly_V1_4_1": "0x9641d764fc13c8B624c04430C7356C1C7C8102e2",
}
EXECUTION = "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)"
HASH = "getTransactionHash(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,uint256)"
NOBODY = "0x" + "00" * 20
SUCCESS = "0x442e715f626346e8c54381002da614f62bee8d27386535b2521ec8540898556e"
FAILURE = "0x23428b18acfb3ea64b08dc0c1d296ea9c09702c09083ca5272e64d115b687d23"


class SafeTest(DevnetTest):
    """A chain with Safes."""

    options = Options(safes=True)

    def read(self, safe: Safe, signature: str, kind: str, *arguments: object) -> object:
        """What a function of a Safe returns."""
        call = {"to": safe.address, "data": call_data(signature, *arguments)}
        return decode([kind], bytes.fromhex(self.rpc("eth_call", call)[2:]))[0]

    def digest(self, safe: Safe, to: str, value: int, data: bytes, operation: int, safe_gas: int) -> bytes:
        """The hash that owners sign, as the Safe itself makes it."""
        nonce = self.read(safe, "nonce()", "uint256")
        members = (to, value, data, operation, safe_gas, 0, 0, NOBODY, NOBODY, nonce)
        return bytes(self.read(safe, HASH, "bytes32", *members))  # type: ignore[call-overload]

    def execute(
        self,
        safe: Safe,
        to: str,
        value: int = 0,
        data: bytes = b"",
        operation: int = 0,
        safe_gas: int = 0,
        signers: tuple[TestAccount, ...] = OWNERS[:2],
    ) -> str:
        """Sign with these owners and execute; the hash of the transaction."""
        digest = self.digest(safe, to, value, data, operation, safe_gas)
        ordered = sorted(signers, key=lambda each: each.address.lower())
        signatures = b"".join(bytes(Signer.unsafe_sign_hash(digest, each.key).signature) for each in ordered)
        members = (to, value, data, operation, safe_gas, 0, 0, NOBODY, NOBODY, signatures)
        return self.send(OWNERS[0], to=safe.address, data=call_data(EXECUTION, *members), gas=500_000)

    def topics(self, sent: str) -> list[str]:
        """The first topic of each event."""
        return [log["topics"][0] for log in self.receipt(sent)["logs"]]


class ContractsTest(SafeTest):
    """What stands at genesis."""

    def test_each_is_where_it_is_on_real_chains(self) -> None:
        self.assertEqual({each.artifact: each.address for each in CONTRACTS}, ADDRESSES)

    def test_the_code_is_what_its_creation_returns(self) -> None:
        for each in CONTRACTS:
            with self.subTest(each.artifact):
                created = self.rpc("eth_call", {"data": "0x" + each.creation_code.hex()})
                self.assertEqual(created, self.rpc("eth_getCode", each.address, "latest"))
                self.assertEqual(created, "0x" + each.runtime_code.hex())

    def test_a_singleton_cannot_be_set_up(self) -> None:
        for version in VERSIONS:
            data = "0x" + (selector(SETUP) + version.setup((OWNERS[0].address,), 1)).hex()
            call = {"to": version.singleton.address, "data": data}
            self.assertIn("GS200", self.refusal("eth_call", call)["message"])


class SafesTest(SafeTest):
    """What the Safes do."""

    def test_what_the_start_says_is_what_they_answer(self) -> None:
        self.assertEqual([safe.version.name for safe in self.deployment.safes], ["1.3.0", "1.4.1", "1.4.1"])
        for safe in self.deployment.safes:
            with self.subTest(safe.address):
                self.assertEqual(self.read(safe, "VERSION()", "string"), safe.version.name)
                self.assertEqual(self.read(safe, "getThreshold()", "uint256"), safe.threshold)
                owners = self.read(safe, "getOwners()", "address[]")
                self.assertEqual(owners, tuple(owner.lower() for owner in safe.owners))
                self.assertEqual(self.read(safe, "nonce()", "uint256"), 0)
                slot = self.rpc("eth_getStorageAt", safe.address, "0x0")
                self.assertEqual(int(slot, 16), int(safe.version.singleton.address, 16))
                self.assertEqual(self.balance(safe.address), self.options.payer_balance)
                self.assertEqual(
                    self.tokens(self.deployment.token, safe.address), self.options.payer_tokens
                )
        self.assertEqual(self.deployment.safes[2].owners[1], self.deployment.safes[1].address)

    def test_two_of_three_execute_a_batch(self) -> None:
        for safe in self.deployment.safes[:2]:
            with self.subTest(safe.version.name):
                before = self.tokens(self.deployment.token, MERCHANT.address)
                parts = b""
                for amount in (3, 4):
                    data = bytes.fromhex(
                        call_data("transfer(address,uint256)", MERCHANT.address, amount)[2:]
                    )
                    token = bytes.fromhex(self.deployment.token[2:])
                    parts += b"\0" + token + bytes(32) + len(data).to_bytes(32, "big") + data
                batch = selector("multiSend(bytes)") + encode(["bytes"], [parts])
                sent = self.execute(safe, MULTI_SEND_CALL_ONLY.address, data=batch, operation=1)
                self.assertEqual(self.topics(sent)[-1], SUCCESS)
                self.assertEqual(self.tokens(self.deployment.token, MERCHANT.address), before + 7)
                self.assertEqual(self.read(safe, "nonce()", "uint256"), 1)

    def test_an_inner_call_that_fails_uses_the_nonce_if_gas_is_set(self) -> None:
        for safe in self.deployment.safes[:2]:
            with self.subTest(safe.version.name):
                data = bytes.fromhex(call_data("transfer(address,uint256)", MERCHANT.address, 2**255)[2:])
                sent = self.execute(safe, self.deployment.token, data=data, safe_gas=100_000)
                self.assertEqual(self.topics(sent)[-1], FAILURE)
                self.assertEqual(self.read(safe, "nonce()", "uint256"), 1)

    def test_a_stranger_and_one_owner_alone_are_refused(self) -> None:
        for signers in ((OWNERS[0], STRANGER), OWNERS[:1]):
            sent = self.execute(self.deployment.safes[1], MERCHANT.address, 1, signers=signers)
            self.assertEqual(self.receipt(sent)["status"], "0x0")

    def test_the_fallback_handler_checks_a_message(self) -> None:
        safe = self.deployment.safes[1]
        text = encode_defunct(text="hello")
        inner = keccak(b"\x19" + text.version + text.header + text.body)
        domain = encode(
            ["bytes32", "uint256", "address"],
            [keccak(text="EIP712Domain(uint256 chainId,address verifyingContract)"), 31337, safe.address],
        )
        message = keccak(text="SafeMessage(bytes message)") + keccak(inner)
        digest = keccak(b"\x19\x01" + keccak(domain) + keccak(message))
        ordered = sorted(OWNERS[:2], key=lambda each: each.address.lower())
        signatures = b"".join(bytes(Signer.unsafe_sign_hash(digest, each.key).signature) for each in ordered)
        valid = self.read(safe, "isValidSignature(bytes32,bytes)", "bytes4", inner, signatures)
        self.assertEqual(valid, bytes.fromhex("1626ba7e"))
