/// The examples that each command shows in its help and its manual.
enum Examples {
    static let all: [String: [String]] = [
        "charge create": [
            "charge create --amount 10 --sender 0x000000000022D473030F116dDEE9F6B43aC78BA3 --chain base -o charge.json"
        ],
        "prepare": [
            "prepare transfer.json --rpc https://node.example -o conditions.json",
            "prepare transfer.json --from 0x000000000022D473030F116dDEE9F6B43aC78BA3 --rpc @nodes -o conditions.json",
            "prepare payroll.jsonl --rpc @nodes -o conditions.json",
        ],
        "send": [
            "send payment.json --rpc https://node.example", "send payment.json --rpc @nodes --climb --confirmations 3",
            "send payroll.jsonl --rpc @nodes --check",
        ],
        "evidence": ["evidence DH91-NKRF-544X -o relay.json"],
        "status": ["status", "status --json"],
        "resume": [
            "resume --rpc https://node.example",
            "resume --rpc @nodes --journal postgresql://relay@db.example/airlock",
        ],
        "run": [
            "run --inbox /var/spool/airlock --rpc @nodes --log json", "run --rpc @nodes --confirmations 3 --climb",
            "run --rpc @nodes --webhook https://shop.example/payments",
        ],
        "cancel": ["cancel 6d1f2c1e-5b0a-4c55-9d7e-0a4b2f3c8e91 --rpc https://node.example"],
        "journal export": ["journal export --csv > journal.csv"],
        "journal migrate": ["journal migrate --journal postgresql://relay@db.example/airlock"],
        "journal prune": ["journal prune --older-than 90d --dry-run", "journal prune --older-than 90d --yes"],
        "journal copy": [
            "journal copy ~/.local/state/airlock/journal.sqlite postgresql://relay@db.example/airlock",
            "journal copy postgresql://relay@db.example/airlock backup.sqlite",
        ],
        "credits": ["credits --below 20"],
        "safe fetch": [
            "safe fetch --safe 0x1c694Fc3006D81ff4a56F97E1b99529066a23725 --chain ethereum --nonce 71 -o tx.json",
            """
            safe fetch --safe 0x1c694Fc3006D81ff4a56F97E1b99529066a23725 --chain ethereum --rpc https://node.example \
            -o tx.json --proof proof.json
            """,
        ],
        "doctor": ["doctor --rpc @nodes"],
        "safe post": ["safe post tx.json signature.json"],
        "safe execute": ["safe execute tx.json alice.json bob.json --rpc https://node.example -o call.json"],
        "qr": ["qr proof.json", "qr conditions.json --qr-frames frames"],
        "scan": ["scan --camera -o payment.json", "scan -o payment.json < scanned.txt"],
        "explain": ["explain", "explain openrouter.gone"],
        "manual": ["manual | man -l -"],
        "completions": ["completions bash > ~/.local/share/bash-completion/completions/airlock-relay"],
    ]
}
