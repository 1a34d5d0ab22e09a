"""Signs random charges with the tool, and compares each raw transaction, byte for byte, with eth-account's over
eth-abi's call data for the same fields and key; of a permit its digest, its signature and the call.

usage: payments.py TOOL COUNT SEED
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

from eth_abi import encode
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_keys import keys
from eth_utils import keccak, to_checksum_address

INTENT = "(uint256,uint256,address,address,address,uint256,bytes16,address,bytes,bytes)"
SUBSIDIZED = "subsidizedTransferToken"
METHODS = ["transferNative", "transferTokenPreApproved", "wrapAndTransfer", "swapAndTransferUniswapV3Native", SUBSIDIZED]
# To be named, since none of them is ever chosen.
NAMED = [METHODS[1], METHODS[3], SUBSIDIZED]
PERMIT = {"Permit": [{"name": name, "type": kind} for name, kind in (
    ("owner", "address"), ("spender", "address"), ("value", "uint256"), ("nonce", "uint256"), ("deadline", "uint256"))]}
PREFIX = b"K2 Informational Message: 32 "
EDGES = [0, 1, 127, 128, 255, 256, 65535, 65536]
NATIVE = bytes(20)


def number(rng: random.Random, bits: int, least: int = 0) -> int:
    """A number of any length up to so many bits; often one at which an encoding changes."""
    some = rng.choice(EDGES) if rng.random() < 0.3 else rng.getrandbits(rng.randint(1, bits))
    return max(least, some)


def address(rng: random.Random) -> bytes:
    """An address; now and then one with zero bytes at its beginning."""
    zeros = rng.choice([0, 0, 0, 1, 2])
    return bytes(zeros) + rng.randbytes(19 - zeros) + b"\x01"


def shown(rng: random.Random, some: bytes) -> str:
    """An address as people write it."""
    return to_checksum_address(some) if rng.random() < 0.5 else "0x" + some.hex()


def amount(rng: random.Random, wei: int) -> str:
    """An amount as people type it."""
    if rng.random() < 0.5:
        return str(wei)
    whole, part = divmod(wei, 10**9)
    return f"{whole}.{part:09}gwei".replace(".000000000", "")


def coin(is_native: bool) -> dict[str, str]:
    """A currency of the policy, with the highest cap. A policy must state 18 decimals for native currency."""
    whole, part = divmod(2**256 - 1, 10**18)
    cap = f"{whole}.{part:018}" if is_native else str(2**256 - 1)
    return {"symbol": "COIN", "decimals": "18" if is_native else "0", "perPayment": cap}


class Case:
    """One payment: its fields, what the tool is given, and what must come out."""

    def __init__(self, folder: Path, method: str, rng: random.Random) -> None:
        self.folder = folder
        self.method = method
        self.is_permit = method == SUBSIDIZED
        self.words = ["sign", "charge.json", "-k", "key", "--policy", "policy.json", "--yes"]
        self.words.append("--json" if self.is_permit else "--raw")
        payer = keys.PrivateKey(rng.randbytes(32))
        operator = keys.PrivateKey(rng.randbytes(32))
        sender = payer.public_key.to_canonical_address()
        chain = rng.choice([1, 137, 8453, 84532, 31337, 2**32 + 1, number(rng, 63, 1)])
        contract, recipient, refund, token, wrapped = (address(rng) for _ in range(5))
        currency = {"transferNative": NATIVE, "wrapAndTransfer": wrapped}.get(method, token)
        needed = [number(rng, 200, 1), number(rng, 200)]
        deadline = rng.randint(1_800_000_000, 250_000_000_000)
        identifier = rng.randbytes(16)
        prefix = rng.choice([PREFIX, b""])
        words = [needed[0], deadline, recipient, currency, refund, needed[1], identifier,
                 operator.public_key.to_canonical_address(), chain, sender, contract]
        packed = b"".join(word.to_bytes(32, "big") if isinstance(word, int) else word for word in words)
        signed = keccak((prefix or b"\x19Ethereum Signed Message:\n32") + keccak(packed))
        vrs = operator.sign_msg_hash(signed)
        signature = vrs.r.to_bytes(32, "big") + vrs.s.to_bytes(32, "big") + bytes([27 + vrs.v])
        self.intent = tuple(words[:7]) + (words[7], signature, prefix)

        value = 0 if method in ("transferTokenPreApproved", SUBSIDIZED) else sum(needed)
        self.pool_fee = None
        if method == "swapAndTransferUniswapV3Native":
            value = number(rng, 200, 1)
            self.pool_fee = rng.choice([100, 500, 3000, 10000])
            self.words += ["--value", str(value), "--pool-fee", str(self.pool_fee)]
        if method in NAMED or rng.random() < 0.5:
            self.words += ["--method", method]
        priority = number(rng, 60)
        fees = [priority + number(rng, 60), priority]
        gas = rng.choice([120_000, 180_000, 2**24, rng.randint(60_000, 2**24)])
        nonce = rng.choice([number(rng, 63), 2**64 - 2])
        if self.is_permit:
            self.permit(rng, chain, contract, sender, nonce, payer.to_bytes())
        else:
            self.write_conditions(rng, chain, sender, nonce, gas, fees)
        self.write_charge(rng, chain, contract, sender)
        self.write_policy(chain, contract, operator.public_key.to_canonical_address(), recipient, currency, wrapped)
        self.write("key", rng.choice(["", "0x"]) + payer.to_bytes().hex() + rng.choice(["", "\n", "\r\n"]), 0o600)
        if self.is_permit:
            return
        self.expected = "0x" + Account.sign_transaction({
            "type": 2, "chainId": chain, "nonce": nonce, "to": to_checksum_address(contract), "value": value,
            "gas": gas, "maxFeePerGas": fees[0], "maxPriorityFeePerGas": fees[1], "data": self.call_data(),
        }, payer.to_bytes()).raw_transaction.hex().removeprefix("0x")

    def call_data(self) -> bytes:
        """The call, by eth-abi."""
        types = [INTENT] + (["uint24"] if self.pool_fee else [])
        values = [self.intent] + ([self.pool_fee] if self.pool_fee else [])
        return keccak(text=f"{self.method}({','.join(types)})")[:4] + encode(types, values)

    def permit(
        self, rng: random.Random, chain: int, contract: bytes, owner: bytes, nonce: int, key: bytes
    ) -> None:
        """The permit of a token with a domain of its own, by eth-account, and the call, by eth-abi."""
        token = to_checksum_address(self.intent[3])
        name = "".join(rng.choices('aZ "\\\u00e9\u4e2d', k=rng.randint(0, 40)))
        domain = {"name": name, "version": rng.choice(["1", "2"]), "chainId": chain, "verifyingContract": token}
        message = {
            "owner": to_checksum_address(owner), "spender": to_checksum_address(contract),
            "value": self.intent[0] + self.intent[5], "nonce": nonce, "deadline": self.intent[1],
        }
        signable = encode_typed_data(domain, PERMIT, message)
        signature = bytes(Account.sign_message(signable, key).signature)
        types = [INTENT, "(address,bytes)"]
        data = keccak(text=f"{SUBSIDIZED}({','.join(types)})")[:4] + encode(types, [self.intent, (owner, signature)])
        digest = keccak(b"\x19" + signable.version + signable.header + signable.body)
        self.expected = [
            {"role": "permit", "nonce": str(nonce), "hash": "0x" + digest.hex(), "signature": "0x" + signature.hex(),
             "domainSeparator": "0x" + signable.header.hex(), "to": to_checksum_address(contract),
             "data": "0x" + data.hex()}]
        self.words += ["-c", "conditions.json"]
        if typed := rng.random() < 0.5:
            self.words += ["--nonce", str(nonce)]
        conditions = {
            "airlock": 1, "kind": "conditions", "chainId": str(chain), "sender": shown(rng, owner),
            "nonce": str(number(rng, 63) if typed else nonce),
            "token": {"address": token, "symbol": "COIN", "decimals": "0", "balance": str(2**256 - 1),
                      "domainSeparator": "0x" + signable.header.hex()},
        }
        self.write("conditions.json", json.dumps(conditions))

    def write(self, name: str, text: str, mode: int = 0o644) -> None:
        path = self.folder / name
        path.write_text(text, newline="")
        path.chmod(mode)

    def write_charge(self, rng: random.Random, chain: int, contract: bytes, sender: bytes) -> None:
        """The charge as the service answers it, its members in any order and with others among them."""
        time = datetime.fromtimestamp(self.intent[1], timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        call_data = {
            "recipient_amount": str(self.intent[0]), "deadline": rng.choice([time, str(self.intent[1])]),
            "recipient": shown(rng, self.intent[2]), "recipient_currency": shown(rng, self.intent[3]),
            "refund_destination": shown(rng, self.intent[4]), "fee_amount": str(self.intent[5]),
            "id": "0x" + self.intent[6].hex(), "operator": shown(rng, self.intent[7]),
            "signature": "0x" + self.intent[8].hex(), "prefix": "0x" + self.intent[9].hex(), "more": [1e3, None],
        }
        metadata = {"chain_id": chain, "contract_address": shown(rng, contract), "sender": shown(rng, sender)}
        mixed = dict(rng.sample(list(call_data.items()), len(call_data)))
        intent = {"metadata": metadata, "call_data": mixed}
        document = {"data": {"id": "differential", "web3_data": {"transfer_intent": intent}}}
        self.write("charge.json", json.dumps(document, indent=rng.choice([None, 2])))

    def write_conditions(
        self, rng: random.Random, chain: int, sender: bytes, nonce: int, gas: int, fees: list[int]
    ) -> None:
        """What is measured, in a file or typed."""
        if rng.random() < 0.5:
            self.words += ["--nonce", str(nonce), "--gas", str(gas), "--max-fee", amount(rng, fees[0]),
                           "--priority-fee", amount(rng, fees[1])]
            return
        self.words += ["-c", "conditions.json"]
        conditions = {
            "airlock": 1, "kind": "conditions", "chainId": str(chain), "sender": shown(rng, sender),
            "nonce": str(nonce), "gas": str(gas), "maxFeePerGas": str(fees[0]), "maxPriorityFeePerGas": str(fees[1]),
        }
        self.write("conditions.json", json.dumps(conditions))

    def write_policy(self, chain: int, *addresses: bytes) -> None:
        """A policy that allows just this, whatever the amount."""
        contract, operator, recipient, currency, wrapped = (to_checksum_address(some) for some in addresses)
        # What wrapAndTransfer and a swap spend is native currency.
        currencies = {
            name: coin(name == to_checksum_address(NATIVE)) for name in {currency, to_checksum_address(NATIVE)}
        }
        if self.is_permit:
            currencies[currency]["domainSeparator"] = self.expected[0]["domainSeparator"]
        rules = {
            "contracts": [contract], "operators": [operator], "recipients": {recipient: "a shop"},
            "currencies": currencies, "maxNativeValue": str(2**256 - 1), "maxNetworkFee": str(2**256 - 1),
            "wrappedNative": wrapped,
        }
        self.write("policy.json", json.dumps({"airlock": 1, "kind": "policy", "chains": {str(chain): rules}}))

    def run(self, tool: str) -> str | None:
        """Runs the tool; nothing when it is right, else what is wrong."""
        environment = {"HOME": str(self.folder)}
        outcome = subprocess.run(
            [tool, *self.words], cwd=self.folder, env=environment, capture_output=True, text=True, timeout=60,
            stdin=subprocess.DEVNULL, start_new_session=True, check=False)
        if outcome.returncode == 0 and self.said(outcome.stdout) == self.expected:
            return None
        return f"{' '.join(self.words)}\n{outcome.stderr}exit {outcome.returncode}\n{outcome.stdout}\n{self.expected}"


    def said(self, text: str) -> object:
        """What the tool put out: a raw transaction, or the payment's transactions."""
        if self.is_permit:
            return json.loads(text)["payment"]["transactions"]
        return text.removesuffix("\n")


def main() -> int:
    """Runs all cases; each has randomness of its own, so that one can be looked at alone."""
    tool, count, seed = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    with tempfile.TemporaryDirectory(prefix="airlock-differential-") as folder:
        cases = []
        for index in range(count):
            path = Path(folder) / str(index)
            path.mkdir()
            cases.append(Case(path, METHODS[index % len(METHODS)], random.Random(f"{seed}/{index}")))
        with ThreadPoolExecutor(2) as pool:
            wrong = [answer for answer in pool.map(lambda case: case.run(tool), cases) if answer]
    print(f"differential: {count - len(wrong)} of {count} payments are eth-account's, byte for byte (seed {seed})")
    for answer in wrong[:3]:
        print(answer)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
