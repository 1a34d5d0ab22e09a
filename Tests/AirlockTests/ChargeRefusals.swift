import AirlockEthereumTypes
import Foundation
import Testing
import AirlockToolSupport

private let callData = "/data/web3_data/transfer_intent/call_data"
private let metadata = "/data/web3_data/transfer_intent/metadata"
private let mismatch = ("charge.signature-mismatch", "\(callData)/signature")

@Suite("A charge that is not to be paid")
struct ChargeRefusals {
    @Test("is refused when a digit was altered", arguments: alteredDigits)
    func altered(refusal: RefusedRun) throws { try refusal.check() }

    @Test("is refused when a member is missing", arguments: missingMembers)
    func missing(refusal: RefusedRun) throws { try refusal.check() }

    @Test("is refused when a member is of another kind", arguments: otherKinds)
    func kinds(refusal: RefusedRun) throws { try refusal.check() }

    @Test("is refused when it is not strict JSON", arguments: looseTexts)
    func loose(refusal: RefusedRun) throws { try refusal.check() }

    @Test("is refused when a value is not of its type", arguments: wrongValues)
    func values(refusal: RefusedRun) throws { try refusal.check() }

    @Test("is refused when it is another document", arguments: otherDocuments)
    func documents(refusal: RefusedRun) throws { try refusal.check() }

    @Test("is refused when the operator signed what the contract would refuse", arguments: badIntents)
    func intents(refusal: RefusedRun) throws { try refusal.check() }
}

/// Returns a change that gives a member of the charge another value.
private func edit(_ field: String, _ value: String) -> @Sendable (Workspace) throws -> Void {
    { workspace in try workspace.edit("charge.json", try member(field, of: workspace), "\"\(field)\":\(value)") }
}

/// Returns the text `"field":value` of a field of the intent, as the charge contains it. The charge also has an `id` of
/// its own, outside the intent. For the field `id`, the result is the id of the intent.
private func member(_ field: String, of workspace: Workspace) throws -> String {
    let text = try workspace.content("charge.json")
    let inner = try #require(text.range(of: "web3_data")).lowerBound
    let start = try #require(text[inner...].range(of: "\"\(field)\":")).lowerBound
    let end = try #require(text[start...].firstIndex { $0 == "," || $0 == "}" })
    return String(text[start..<end])
}

/// Returns the address in quotes, with a different last digit. The other characters stay as they are.
private func altered(_ address: Address) -> String {
    "\"\("\(address)".dropLast())\("\(address)".last == "0" ? "1" : "0")\""
}

private let alteredDigits: [RefusedRun] = {
    let payment = SamplePayment()
    return [
        RefusedRun("the recipient's amount", 10, [mismatch.0: mismatch.1], edit("recipient_amount", "\"1039501\"")),
        RefusedRun("the fee", 10, [mismatch.0: mismatch.1], edit("fee_amount", "\"10501\"")),
        RefusedRun("the deadline", 10, [mismatch.0: mismatch.1], edit("deadline", "\"2026-03-11T08:30:48Z\"")),
        RefusedRun(
            "the recipient", 10,
            [mismatch.0: mismatch.1, "policy.recipient-not-listed": "\(callData)/recipient"],
            edit("recipient", altered(payment.recipient))),
        RefusedRun(
            "the currency", 10,
            [mismatch.0: mismatch.1, "policy.currency-not-listed": "\(callData)/recipient_currency"],
            edit("recipient_currency", altered(payment.recipientCurrency))),
        RefusedRun(
            "the refund's destination", 10, [mismatch.0: mismatch.1],
            edit("refund_destination", altered(payment.refundDestination))),
        RefusedRun("the intent's id", 10, [mismatch.0: mismatch.1]) { workspace in
            try workspace.edit("charge.json", "\"id\":\"\(payment.id)\"", "\"id\":\"\("\(payment.id)".dropLast())0\"")
        },
        RefusedRun(
            "the operator", 10,
            [mismatch.0: mismatch.1, "policy.operator-not-listed": "\(callData)/operator"],
            edit("operator", altered(SamplePayment.operator))),
        RefusedRun("the signature", 10, [mismatch.0: mismatch.1]) { workspace in
            let old = try member("signature", of: workspace)
            try workspace.edit("charge.json", old, "\(old.dropLast(4))\(old.dropLast(3).last == "0" ? "1" : "0")1b\"")
        },
        RefusedRun("the prefix", 10, ["charge.unknown-prefix": "\(callData)/prefix"]) { workspace in
            try workspace.edit("charge.json", "204d657373616765", "204d657373616764")
        },
        RefusedRun(
            "the chain", 10,
            [
                "conditions.other-chain": "/chainId", mismatch.0: mismatch.1,
                "policy.chain-not-listed": "\(metadata)/chain_id",
            ],
            edit("chain_id", "8452")),
        RefusedRun(
            "the contract", 10,
            [mismatch.0: mismatch.1, "policy.contract-not-listed": "\(metadata)/contract_address"],
            edit("contract_address", altered(payment.contract))),
        RefusedRun(
            "the payer", 10,
            [
                "conditions.other-sender": "/sender", mismatch.0: mismatch.1,
                "key.not-the-payer": "\(metadata)/sender",
            ],
            edit("sender", altered(payment.sender))),
    ]
}()

private let texts = [
    "recipient_amount", "deadline", "recipient", "recipient_currency", "refund_destination", "fee_amount", "id",
    "operator", "signature", "prefix",
]

private let missingMembers: [RefusedRun] =
    texts.map { field in
        RefusedRun(field, 65, ["json.missing-field": "\(callData)/\(field)"]) { workspace in
            try workspace.edit("charge.json", try member(field, of: workspace), "\"other\":0")
        }
    }
    + ["chain_id", "contract_address", "sender"].map { field in
        RefusedRun(field, 65, ["json.missing-field": "\(metadata)/\(field)"]) { workspace in
            try workspace.edit("charge.json", try member(field, of: workspace), "\"other\":0")
        }
    }
    + [
        ("metadata", metadata), ("call_data", callData), ("transfer_intent", "/data/web3_data/transfer_intent"),
        ("web3_data", "/data/web3_data"), ("data", "/data"),
    ].map { field, pointer in
        RefusedRun(field, 65, ["json.missing-field": pointer]) {
            try $0.edit("charge.json", "\"\(field)\":", "\"other\":")
        }
    }
    + [
        RefusedRun("the charge's id", 65, ["json.missing-field": "/data/id"]) {
            try $0.edit("charge.json", "{\"data\":{\"id\":", "{\"data\":{\"other\":")
        },
        RefusedRun(
            "three at once", 65,
            [
                "json.missing-field": "\(metadata)/sender", "json.missing-field": "\(callData)/deadline",
                "json.missing-field": "\(callData)/prefix",
            ]
        ) { workspace in
            for field in ["sender", "deadline", "prefix"] {
                try workspace.edit("charge.json", "\"\(field)\":", "\"no_\(field)\":")
            }
        },
    ]

private let otherKinds: [RefusedRun] =
    texts.map { RefusedRun($0, 65, ["json.wrong-type": "\(callData)/\($0)"], edit($0, "1039500")) }
    + [
        RefusedRun("null", 65, ["json.wrong-type": "\(callData)/fee_amount"], edit("fee_amount", "null")),
        RefusedRun(
            "contract_address", 65, ["json.wrong-type": "\(metadata)/contract_address"], edit("contract_address", "1")),
        RefusedRun("sender", 65, ["json.wrong-type": "\(metadata)/sender"], edit("sender", "1")),
        RefusedRun(
            "chain_id as a string", 65, ["json.wrong-type": "\(metadata)/chain_id"], edit("chain_id", "\"8453\"")),
        RefusedRun("data", 65, ["json.wrong-type": "/data"]) { $0.write("charge.json", "{\"data\":[]}") },
        RefusedRun("the whole", 65, ["json.wrong-type": "charge.json"]) { $0.write("charge.json", "[]") },
    ]

private let looseTexts = [
    RefusedRun("an amount given twice", 65, ["json.duplicate-key": "\(callData)/fee_amount"]) { workspace in
        try workspace.edit("charge.json", "\"fee_amount\":\"10500\"", "\"fee_amount\":\"10500\",\"fee_amount\":\"1\"")
    },
    RefusedRun("a member given twice, once in escapes", 65, ["json.duplicate-key": "\(callData)/fee_amount"]) {
        workspace in
        try workspace.edit(
            "charge.json", "\"fee_amount\":\"10500\"", "\"fee_amount\":\"10500\",\"fee\\u005famount\":\"10500\"")
    },
    RefusedRun("a second value", 65, ["json.trailing-bytes": "charge.json"]) { workspace in
        workspace.write("charge.json", try workspace.content("charge.json") + "\n{}")
    },
    RefusedRun("a trailing comma", 65, ["json.trailing-comma": metadata]) { workspace in
        try workspace.edit("charge.json", "\(SamplePayment.payer)\"}", "\(SamplePayment.payer)\",}")
    },
    RefusedRun("a byte order mark", 65, ["json.byte-order-mark": "charge.json"]) { workspace in
        workspace.write("charge.json", "\u{FEFF}" + (try workspace.content("charge.json")))
    },
    RefusedRun("an empty file", 65, ["json.empty": "charge.json"]) { $0.write("charge.json", "") },
    RefusedRun("a file that was cut off", 65, ["json.unfinished": "\(callData)/prefix"]) { workspace in
        workspace.write("charge.json", String(try workspace.content("charge.json").dropLast(7)))
    },
    RefusedRun("a comment", 65, ["json.missing-value": "charge.json"]) { workspace in
        workspace.write("charge.json", "// " + (try workspace.content("charge.json")))
    },
    RefusedRun("arrays in arrays", 65, ["json.too-deep": String(repeating: "/0", count: 64)]) { workspace in
        workspace.write("charge.json", String(repeating: "[", count: 5000))
    },
]

private let wrongValues =
    [
        ("a leading zero", "recipient_amount", "01", "value.not-a-decimal-integer"),
        ("a sign", "recipient_amount", "-1", "value.not-a-decimal-integer"),
        ("a fraction", "recipient_amount", "1.5", "value.not-a-decimal-integer"),
        ("an exponent", "fee_amount", "1e3", "value.not-a-decimal-integer"),
        ("a space", "fee_amount", " 1", "value.not-a-decimal-integer"),
        ("nothing", "fee_amount", "", "value.not-a-decimal-integer"),
        ("hexadecimal digits", "fee_amount", "0x1", "value.not-a-decimal-integer"),
        ("2^256", "recipient_amount", "\(UInt256.max)".dropLast() + "6", "value.too-large"),
        ("30 February", "deadline", "2026-02-30T00:00:00Z", "value.not-a-time"),
        ("no zone", "deadline", "2026-03-11T08:30:49", "value.not-a-time"),
        ("something after the time", "deadline", "2026-03-11T08:30:49Z.", "value.not-a-time"),
        ("no 0x", "recipient", String(repeating: "5", count: 40), "value.not-an-address"),
        ("a digit too few", "operator", "0x" + String(repeating: "5", count: 39), "value.not-an-address"),
        ("a letter that is no digit", "id", "0x" + String(repeating: "g", count: 32), "value.not-hex"),
        ("a byte too few", "id", "0x" + String(repeating: "5", count: 30), "value.wrong-length"),
        ("64 bytes", "signature", "0x" + String(repeating: "5", count: 128), "charge.signature-length"),
        ("an odd number of digits", "prefix", "0x555", "value.not-hex"),
    ].map { what, field, value, code in
        RefusedRun("\(what) in \(field)", 65, [code: "\(callData)/\(field)"], edit(field, "\"\(value)\""))
    } + [
        RefusedRun("chain 0", 65, ["value.not-a-chain": "\(metadata)/chain_id"], edit("chain_id", "0")),
        RefusedRun(
            "a chain with a fraction", 65, ["value.not-a-decimal-integer": "\(metadata)/chain_id"],
            edit("chain_id", "8453.0")),
        RefusedRun(
            "a prefix of 65 bytes", 10, ["charge.unknown-prefix": "\(callData)/prefix"],
            edit("prefix", "\"0x\(String(repeating: "4b", count: 65))\"")),
    ]

private let otherDocuments = [
    RefusedRun("an error of the service", 65, ["charge.is-an-error-answer": "/error"]) {
        $0.write("charge.json", #"{"error":{"code":410,"message":"The Coinbase APIs have been deprecated"}}"#)
    },
    RefusedRun("the JSON-RPC form", 65, ["charge.json-rpc-form": "/result"]) {
        $0.write("charge.json", #"{"jsonrpc":"2.0","id":1,"result":{"callData":{}}}"#)
    },
    RefusedRun("a charge without an intent", 65, ["charge.not-hydrated": "/data/web3_data/transfer_intent"]) {
        $0.write("charge.json", #"{"data":{"id":"a","web3_data":{"transfer_intent":null}}}"#)
    },
    RefusedRun("a charge without a name", 65, ["charge.no-id": "/data/id"]) { workspace in
        try workspace.edit("charge.json", "6d1f2c1e-5b0a-4c55-9d7e-0a4b2f3c8e91", "")
    },
    RefusedRun("conditions", 65, ["format.unknown-kind": "/kind"]) { workspace in
        workspace.write("charge.json", try workspace.content("conditions.json"))
    },
]

private let badIntents = [
    RefusedRun("nothing is needed", 10, ["charge.nothing-needed": "\(callData)/recipient_amount"]) {
        try $0.charge {
            $0.recipientAmount = .zero
            $0.feeAmount = .zero
        }
    },
    RefusedRun("nothing is needed, and a swap", 10, ["charge.nothing-needed": "\(callData)/recipient_amount"]) {
        workspace in
        try workspace.charge {
            $0.recipientAmount = .zero
            $0.feeAmount = .zero
        }
        workspace.set("-m", "swapAndTransferUniswapV3Native")
        workspace.set("--value", "0.001eth")
    },
    RefusedRun("2^256 is needed", 10, ["charge.amount-overflow": "\(callData)/recipient_amount"]) {
        try $0.charge {
            $0.recipientAmount = .max
            $0.feeAmount = 1
        }
    },
    RefusedRun("nobody receives", 10, ["charge.null-recipient": "\(callData)/recipient"]) {
        try $0.charge { $0.recipient = Address.zero }
    },
    RefusedRun("it expired a second ago", 10, ["charge.expired": "\(callData)/deadline"]) { workspace in
        workspace.set("--now", "2026-03-11T08:30:50Z")
        try workspace.edit("conditions.json", "1773131359", "1773217849")
    },
    RefusedRun("it had expired when the conditions were measured", 10, ["charge.expired": "\(callData)/deadline"]) {
        $0.set("--now", "2026-03-11T08:30:49Z")
        try $0.edit("conditions.json", "1773131359", "1773217850")
    },
    RefusedRun("the prefix is unknown", 10, ["charge.unknown-prefix": "\(callData)/prefix"]) {
        try $0.charge { $0.prefix = Array("Pay whom I say".utf8) }
    },
    RefusedRun(
        "nobody operates", 10, ["charge.null-operator": "\(callData)/operator"],
        edit("operator", "\"\(Address.zero)\"")),
    RefusedRun("v is neither 27 nor 28", 10, ["charge.signature-form": "\(callData)/signature"]) { workspace in
        let old = try member("signature", of: workspace)
        try workspace.edit("charge.json", old, "\(old.dropLast(3))00\"")
    },
    RefusedRun("s is zero", 10, ["charge.signature-form": "\(callData)/signature"]) { workspace in
        let old = try member("signature", of: workspace)
        try workspace.edit("charge.json", old, "\(old.dropLast(67))\(String(repeating: "0", count: 64))1b\"")
    },
    RefusedRun("s is high", 10, ["charge.signature-form": "\(callData)/signature"]) { workspace in
        let old = try member("signature", of: workspace)
        let order = try UInt256(quantity: "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141")
        let low = try UInt256(quantity: "0x" + old.dropLast(3).suffix(64).drop { $0 == "0" })
        let high = try #require(order.subtracting(low)).quantity.dropFirst(2)
        let v = old.hasSuffix("1b\"") ? "1c" : "1b"
        try workspace.edit("charge.json", old, "\(old.dropLast(67))\(high)\(v)\"")
    },
]
