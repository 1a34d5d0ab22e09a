/// The example command lines of each command. The help and the manual page show them first.
enum Examples {
    static let all: [String: [String]] = [
        "sign": [
            "sign transfer.json -c conditions.json -k key.json -o payment.json",
            "sign tx.json -k key.json --policy policy.json -o signature.json",
            "sign --lines -c conditions.json -k key.json --policy policy.json < payroll.jsonl > signed.jsonl",
        ],
        "review": ["review transfer.json -c conditions.json", "review tx.json --policy policy.json"],
        "verify": [
            "verify transfer.json --policy policy.json", "verify payment.json", "verify evidence",
        ],
        "evidence": [
            "evidence payment.json --request transfer.json -c conditions.json --policy policy.json -o evidence",
            "evidence evidence --relay relay.json -o evidence-sent",
        ],
        "key new": ["key new -o key.json", "key new --mnemonic --words 12 -o key.json"],
        "key import": ["key import key.hex -o key.json"],
        "key address": ["key address key.json"],
        "key list": ["key list keys"],
        "key change-password": ["key change-password key.json"],
        "policy init": [
            "policy init --chain base -o policy.json", "policy init --chain base --for transfer -o policy.json",
        ],
        "qr": ["qr policy.json", "qr payment.json --qr-frames frames"],
        "policy check": ["policy check policy.json"],
        "ledger list": ["ledger list"],
        "ledger verify": ["ledger verify"],
        "ledger init": ["ledger init --ledger ledger.jsonl"],
        "ledger export": ["ledger export --format csv > ledger.csv"],
        "inspect": ["inspect - < raw.hex", "inspect \"$(cat raw.hex)\" --json"],
        "decode-error": ["decode-error 0x8baa579f"],
        "keccak": ["keccak --text 'transfer(address,uint256)'", "keccak transfer.json"],
        "selector": ["selector 'transfer(address,uint256)'"],
        "rlp encode": ["rlp encode '[\"0x01\",[\"0x\"]]'"],
        "rlp decode": ["rlp decode 0xc301c180"],
        "abi encode": [
            "abi encode 'approve(address,uint256)' '[\"0x000000000022D473030F116dDEE9F6B43aC78BA3\",\"1000000\"]'"
        ],
        "abi decode": [
            "abi decode '(uint256)' 0x00000000000000000000000000000000000000000000000000000000000f4240"
        ],
        "address": ["address 0x000000000022d473030f116ddee9f6b43ac78ba3"],
        "typed-data hash": ["typed-data hash permit.json"],
        "descriptors hash": ["descriptors hash calldata-Transfers.json"],
        "describe": [
            "describe permit.json --descriptors descriptors", "describe tx.json --safe-version 1.4.1",
            "describe transfer.json --policy policy.json --json",
        ],
        "descriptors list": ["descriptors list descriptors --policy policy.json"],
        "descriptors check": ["descriptors check descriptors"],
        "tx encode": ["tx encode transaction.json", "tx encode transaction.json -k key.json --blind > raw.hex"],
        "typed-data sign": ["typed-data sign permit.json -k key.json --blind"],
        "account": ["account -k mnemonic.txt --qr"],
        "scan": ["scan --camera -o conditions.json", "scan -o conditions.json < scanned.txt"],
        "doctor": ["doctor -k key.json --policy policy.json"],
        "explain": ["explain", "explain keystore.wrong-password"],
        "manual": ["manual | man -l -"],
        "completions": ["completions bash > ~/.local/share/bash-completion/completions/airlock"],
    ]
}
