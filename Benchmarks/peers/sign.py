"""The job of `airlock sign --raw` in Python: reads a charge, proves its operator, signs the swap that pays it, checks
the signature, and prints the raw transaction.

usage: sign.py CHARGE KEY
"""

import calendar
import json
import sys
import time

from eth_abi import encode
from eth_abi.packed import encode_packed
from eth_account import Account
from eth_utils import keccak

INTENT = "(uint256,uint256,address,address,address,uint256,bytes16,address,bytes,bytes)"
FUNCTION = f"swapAndTransferUniswapV3Native({INTENT},uint24)"


def read(path):
    """The charge's chain, contract and sender, and the intent's fields in their order."""
    with open(path, "rb") as file:
        transfer = json.load(file)["data"]["web3_data"]["transfer_intent"]
    metadata, call = transfer["metadata"], transfer["call_data"]
    intent = (
        int(call["recipient_amount"]),
        calendar.timegm(time.strptime(call["deadline"], "%Y-%m-%dT%H:%M:%SZ")),
        call["recipient"], call["recipient_currency"], call["refund_destination"], int(call["fee_amount"]),
        bytes.fromhex(call["id"][2:]), call["operator"], bytes.fromhex(call["signature"][2:]),
        bytes.fromhex(call["prefix"][2:]),
    )
    return metadata["chain_id"], metadata["contract_address"], metadata["sender"], intent


def prove(chain, contract, sender, intent):
    """Refuses an intent that its operator did not sign."""
    packed = encode_packed(
        ["uint256", "uint256", "address", "address", "address", "uint256", "bytes16", "address", "uint256", "address",
         "address"],
        [*intent[:8], chain, sender, contract])
    digest = keccak(intent[9] + keccak(packed))
    if Account._recover_hash(digest, signature=intent[8]) != intent[7]:
        raise SystemExit("the operator did not sign this")


def call_data(intent):
    return keccak(text=FUNCTION)[:4] + encode([INTENT, "uint24"], [intent, 500])


def transaction(chain, contract, data):
    return {
        "type": 2, "chainId": chain, "nonce": 7, "maxPriorityFeePerGas": 1_000_000_000,
        "maxFeePerGas": 4_000_000_000, "gas": 300_000, "to": contract, "value": 400_000_000_000_000, "data": data,
        "accessList": [],
    }


if __name__ == "__main__":
    charge, key = sys.argv[1:]
    chain, contract, sender, intent = read(charge)
    prove(chain, contract, sender, intent)
    with open(key) as file:
        payer = Account.from_key(file.read().strip())
    raw = payer.sign_transaction(transaction(chain, contract, call_data(intent))).raw_transaction
    if Account.recover_transaction(raw) != sender:
        raise SystemExit("the signature is wrong")
    print("0x" + raw.hex())
