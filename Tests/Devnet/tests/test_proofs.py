"""eth_getProof: what leads from the header's hash to an account and its storage, read by a verifier of its own."""

from __future__ import annotations

from typing import Any

import rlp
from eth_utils import keccak

from devnet.accounts import MERCHANT, PAYER, STRANGER
from devnet.deployment import PERMIT2, Options
from tests.support import DevnetTest

FIELDS = (
    "parentHash sha3Uncles miner stateRoot transactionsRoot receiptsRoot logsBloom difficulty number gasLimit "
    "gasUsed timestamp extraData mixHash nonce baseFeePerGas withdrawalsRoot blobGasUsed excessBlobGas "
    "parentBeaconBlockRoot requestsHash"
).split()
QUANTITIES = "difficulty number gasLimit gasUsed timestamp baseFeePerGas blobGasUsed excessBlobGas".split()
EMPTY_ROOT = "0x" + keccak(rlp.encode(b"")).hex()


def header(block: dict[str, Any]) -> bytes:
    """The RLP of a block's header, from its members alone."""

    def field(name: str) -> bytes:
        if name in QUANTITIES:
            number = int(block[name], 16)
            return number.to_bytes((number.bit_length() + 7) // 8, "big")
        return bytes.fromhex(block[name][2:])

    return bytes(rlp.encode([field(name) for name in FIELDS]))


def proved(root: str, key: bytes, proof: list[str]) -> bytes | None:
    """The value at a key, None where the trie has none; the nodes are all there and used."""
    nodes = [bytes.fromhex(each[2:]) for each in proof]
    path = keccak(key).hex()
    if not nodes:
        assert root == EMPTY_ROOT
        return None
    expected: Any = bytes.fromhex(root[2:])
    while True:
        if isinstance(expected, bytes):
            if not expected:
                break
            encoded = nodes.pop(0)
            assert keccak(encoded) == expected
            expected = rlp.decode(encoded)
        if len(expected) == 17:
            expected, path = expected[int(path[0], 16)], path[1:]
            continue
        flags, segment = expected[0].hex()[0], expected[0].hex()
        segment = segment[1:] if flags in "13" else segment[2:]
        if flags in "23":
            assert not nodes
            return bytes(expected[1]) if segment == path else None
        if not path.startswith(segment):
            break
        expected, path = expected[1], path[len(segment) :]
    assert not nodes
    return None


class ProofTest(DevnetTest):
    """Proofs on a chain with Safes, whose storage is small and known."""

    options = Options(safes=True)

    def account(self, address: str, block: dict[str, Any], *slots: str) -> tuple[Any, dict[str, Any]]:
        """An account's leaf, and the whole answer, after the account's proof was read."""
        answer = self.rpc("eth_getProof", address, slots, block["number"])
        leaf = proved(block["stateRoot"], bytes.fromhex(address[2:]), answer["accountProof"])
        return rlp.decode(leaf) if leaf else None, answer

    def test_the_header_is_in_the_block(self) -> None:
        for number in range(self.number("eth_blockNumber") + 1):
            block = self.rpc("eth_getBlockByNumber", hex(number))
            self.assertEqual("0x" + keccak(header(block)).hex(), block["hash"])

    def test_accounts_are_proved(self) -> None:
        self.send(value=7)
        block = self.rpc("eth_getBlockByNumber", "latest")
        for address in (PAYER.address, PERMIT2, "0x" + "99" * 20, self.deployment.safes[0].address):
            with self.subTest(address):
                leaf, answer = self.account(address, block)
                nonce, balance, storage, code = leaf
                self.assertEqual(int.from_bytes(nonce, "big"), int(answer["nonce"], 16))
                self.assertEqual(int.from_bytes(balance, "big"), self.balance(address))
                self.assertEqual("0x" + storage.hex(), answer["storageHash"])
                self.assertEqual("0x" + code.hex(), answer["codeHash"])
                self.assertEqual(
                    answer["codeHash"], "0x" + keccak(hexstr=self.rpc("eth_getCode", address, "latest")).hex()
                )

    def test_an_account_that_is_not_there_is_proved_absent(self) -> None:
        block = self.rpc("eth_getBlockByNumber", "latest")
        for address in (STRANGER.address, *(f"0x{number:040x}" for number in range(100, 140))):
            leaf, answer = self.account(address, block, "0x0")
            self.assertIsNone(leaf)
            members = ("nonce", "balance", "codeHash", "storageHash")
            nothing = ["0x0", "0x0", "0x" + "00" * 32, EMPTY_ROOT]
            self.assertEqual([answer[each] for each in members], nothing)
            self.assertEqual(answer["storageProof"], [{"key": "0x0", "value": "0x0", "proof": []}])

    def test_storage_is_proved(self) -> None:
        block = self.rpc("eth_getBlockByNumber", "latest")
        for safe in self.deployment.safes:
            slots = [hex(number) for number in range(40)] + ["0x" + "00" * 31 + "04"]
            leaf, answer = self.account(safe.address, block, *slots)
            self.assertEqual([each["key"] for each in answer["storageProof"]], slots)
            for each in answer["storageProof"]:
                key = int(each["key"], 16).to_bytes(32, "big")
                value = proved("0x" + leaf[2].hex(), key, each["proof"])
                expected = self.number("eth_getStorageAt", safe.address, each["key"])
                self.assertEqual(int(each["value"], 16), expected)
                self.assertEqual(int.from_bytes(rlp.decode(value), "big") if value else 0, expected)
            self.assertEqual(int(answer["storageProof"][4]["value"], 16), safe.threshold)

    def test_an_older_block_is_proved_as_it_was(self) -> None:
        old = self.rpc("eth_getBlockByNumber", "latest")
        self.send(value=7, to=MERCHANT.address)
        leaf, _ = self.account(MERCHANT.address, old)
        self.assertIsNone(leaf)

    def test_what_is_refused(self) -> None:
        table: list[tuple[object, str]] = [
            ("0x0", "invalid argument 1: json: cannot unmarshal value into Go value of type []string"),
            (["0x"], "invalid argument 1: unable to decode storage key"),
            (["0x0"] * 1025, "invalid argument 1: too many keys (got 1025, max 1024)"),
            (None, "missing value for required argument 1"),
        ]
        for slots, message in table:
            self.assert_refused(message, "eth_getProof", PAYER.address, slots, code=-32602)
        self.rpc("evm_setBalance", PAYER.address, "0x5")
        self.assert_refused(
            "the block's state was rewritten by evm_setBalance: mine one more",
            "eth_getProof",
            PAYER.address,
            [],
        )
        self.rpc("evm_mine")
        self.assertEqual(self.rpc("eth_getProof", PAYER.address, [])["balance"], "0x5")
