import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import Testing

/// A file that is refused, with all the problems that must be reported.
struct RefusedFile: CustomStringConvertible, Sendable {
    enum Kind: Sendable { case conditions, payment }

    let kind: Kind
    let description: String
    let bytes: [UInt8]
    let refusals: [Refusal]

    init(_ kind: Kind, _ name: String, _ text: String, _ refusals: Refusal...) {
        self.kind = kind
        self.description = "\(kind) \(name)"
        self.bytes = Array(text.utf8)
        self.refusals = refusals
    }

    func read() throws(ProblemList) {
        switch kind {
        case .conditions: _ = try Conditions(bytes)
        case .payment: _ = try Payment(bytes)
        }
    }
}

/// An object in a file: its members, the form of each member, and the JSON pointer of the object.
private struct Members {
    let file: SampleFile
    /// The JSON pointer of the object that has the members; empty if the object is the whole file.
    var path = ""
    let required: [String]
    /// The form of each member. A member that is not listed here may be any string.
    let forms: [String: Form]
    /// A closure that inserts the object into its file, and returns the whole file.
    var whole: @Sendable (SampleFile) -> String = { $0.json }

    enum Form {
        case chain, quantity64, quantity256, decimals, address, hash, bytes16, bytes, time, role, any, boolean, object,
            array,
            number
    }

    /// Returns values that a member of this form must not have, and the rule that each value breaks.
    static func mistakes(_ form: Form) -> [(json: String, code: String)] {
        let wrongTypes = [("7", "json.wrong-type"), ("true", "json.wrong-type"), ("[]", "json.wrong-type")]
        switch form {
        case .chain:
            return wrongTypes + [
                ("\"base\"", "value.not-a-decimal-integer"), ("\"0\"", "value.not-a-chain"),
                ("\"18446744073709551616\"", "value.not-a-chain"),
            ]
        case .quantity64:
            return wrongTypes + [
                ("\"\"", "value.not-a-decimal-integer"), ("\"-1\"", "value.not-a-decimal-integer"),
                ("\"07\"", "value.not-a-decimal-integer"), ("\"1.0\"", "value.not-a-decimal-integer"),
                ("\"0x7\"", "value.not-a-decimal-integer"), ("\"18446744073709551616\"", "value.too-large"),
            ]
        case .quantity256:
            return wrongTypes + [
                ("\"\"", "value.not-a-decimal-integer"), ("\"1e9\"", "value.not-a-decimal-integer"),
                (
                    quoted("115792089237316195423570985008687907853269984665640564039457584007913129639936"),
                    "value.too-large"
                ),
            ]
        case .decimals: return wrongTypes + [("\"78\"", "value.too-large"), ("\"x\"", "value.not-a-decimal-integer")]
        case .address:
            return wrongTypes + [
                ("\"\"", "value.not-an-address"), ("\"0x0\"", "value.not-an-address"),
                (quoted("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02914"), "value.wrong-checksum"),
            ]
        case .hash, .bytes16:
            return wrongTypes + [
                ("\"\"", "value.not-hex"), ("\"0x12\"", "value.wrong-length"), ("\"0x1\"", "value.not-hex"),
            ]
        case .bytes: return wrongTypes + [("\"\"", "value.not-hex"), ("\"0x1\"", "value.not-hex")]
        case .time: return wrongTypes + [("\"\"", "value.not-a-time"), ("\"1773217849\"", "value.not-a-time")]
        case .role: return wrongTypes + [("\"\"", "payment.unknown-role"), ("\"PAY\"", "payment.unknown-role")]
        case .any: return wrongTypes
        case .boolean: return [("\"true\"", "json.wrong-type"), ("1", "json.wrong-type")]
        case .object, .array: return [("\"x\"", "json.wrong-type"), ("1", "json.wrong-type")]
        case .number: return [("\"1\"", "json.wrong-type"), ("true", "json.wrong-type")]
        }
    }

    /// Returns files that must be refused. In each file, one member is missing, has the wrong type, is malformed,
    /// occurs twice, or is unknown.
    func refused(_ kind: RefusedFile.Kind) -> [RefusedFile] {
        var table = [
            RefusedFile(
                kind, "with \(path)/unknown", whole(file.with("unknown", "1")),
                Refusal("json.unknown-field", "\(path)/unknown"))
        ]
        for name in required {
            table.append(
                RefusedFile(
                    kind, "without \(path)/\(name)", whole(file.with(name, nil)),
                    Refusal("json.missing-field", "\(path)/\(name)")))
            table.append(
                RefusedFile(
                    kind, "with null for \(path)/\(name)", whole(file.with(name, "null")),
                    Refusal("json.wrong-type", "\(path)/\(name)")))
        }
        for (name, json) in file.members {
            for (wrong, code) in Self.mistakes(forms[name] ?? .any) {
                table.append(
                    RefusedFile(
                        kind, "with \(wrong) for \(path)/\(name)", whole(file.with(name, wrong)),
                        Refusal(code, "\(path)/\(name)")))
            }
            table.append(
                RefusedFile(
                    kind, "with \(path)/\(name) twice", whole(SampleFile(members: file.members + [(name, json)])),
                    Refusal("json.duplicate-key", "\(path)/\(name)")))
        }
        return table
    }
}

enum FileRefusals {
    static let all: [RefusedFile] =
        documents(.conditions, .conditions) + documents(.payment, .payment) + members + payments + payrolls

    private static func documents(_ kind: RefusedFile.Kind, _ file: SampleFile) -> [RefusedFile] {
        [
            RefusedFile(kind, "of nothing", "", Refusal("json.empty", "")),
            RefusedFile(kind, "of an array", "[]", Refusal("json.wrong-type", "")),
            RefusedFile(kind, "cut in two", String(file.json.dropLast()), Refusal("json.unfinished", "")),
            RefusedFile(kind, "with more behind it", file.json + "{}", Refusal("json.trailing-bytes", "")),
            RefusedFile(
                kind, "that is a charge", SampleCharge().json, Refusal("format.not-an-airlock-file", nil)),
            RefusedFile(
                kind, "that is an error of the service", "{\"error\":{\"code\":410}}",
                Refusal("format.not-an-airlock-file", nil)),
            RefusedFile(
                kind, "of version 2", file.with("airlock", "2").json, Refusal("format.unknown-version", "/airlock")),
            RefusedFile(
                kind, "of version 1.0", file.with("airlock", "1.0").json, Refusal("format.unknown-version", "/airlock")),
            RefusedFile(
                kind, "of another kind", file.with("kind", "\"policy\"").json, Refusal("format.unknown-kind", "/kind")),
        ]
    }

    private static let members: [RefusedFile] =
        Members(
            file: .conditions, required: SampleFile.requiredConditions,
            forms: [
                "airlock": .number, "chainId": .chain, "sender": .address, "nonce": .quantity64,
                "gas": .quantity64, "approveGas": .quantity64, "maxFeePerGas": .quantity256,
                "maxPriorityFeePerGas": .quantity256, "block": .object, "nativeBalance": .quantity256,
                "token": .object, "approval": .object, "value": .quantity256, "poolFee": .quantity64,
                "l1Fee": .quantity256, "ledgerHead": .hash, "kind": .any,
            ]
        ).refused(.conditions)
        + Members(
            file: .block, path: "/block", required: ["number", "hash", "timestamp"],
            forms: ["number": .quantity64, "hash": .hash, "timestamp": .quantity64],
            whole: { SampleFile.conditions.with("block", $0.json).json }
        ).refused(.conditions)
        + Members(
            file: .token, path: "/token", required: ["address", "symbol", "decimals", "balance"],
            forms: ["address": .address, "decimals": .decimals, "balance": .quantity256, "domainSeparator": .hash],
            whole: { SampleFile.conditions.with("token", $0.json).json }
        ).refused(.conditions)
        + Members(
            file: .approval, path: "/approval", required: ["spender", "allowance"],
            forms: ["spender": .address, "allowance": .quantity256, "resetFirst": .boolean],
            whole: { SampleFile.conditions.with("approval", $0.json).json }
        ).refused(.conditions)
        + Members(
            file: .payrollToken, path: "/tokens/0", required: ["address", "symbol", "decimals", "balance", "gas"],
            forms: ["address": .address, "decimals": .decimals, "balance": .quantity256, "gas": .quantity64],
            whole: { SampleFile.payrollConditions.with("tokens", "[\($0.json)]").json }
        ).refused(.conditions)
        + Members(
            file: .payment,
            required: SampleFile.payment.members.map(\.name).filter { $0 != "ledgerHead" },
            forms: [
                "airlock": .number, "intentId": .bytes16, "chainId": .chain, "from": .address, "expires": .time,
                "policyHash": .hash, "ledgerHead": .hash, "transactions": .array,
            ]
        ).refused(.payment)
        + Members(
            file: .transaction, path: "/transactions/0", required: ["role", "nonce", "hash", "raw"],
            forms: ["role": .role, "rung": .quantity64, "nonce": .quantity64, "hash": .hash, "raw": .bytes],
            whole: { SampleFile.payment.with("transactions", "[\($0.json)]").json }
        ).refused(.payment)
        + Members(
            file: .permit, path: "/transactions/0",
            required: ["role", "nonce", "hash", "signature", "domainSeparator", "to", "data"],
            forms: [
                "role": .role, "nonce": .quantity64, "hash": .hash, "signature": .bytes, "domainSeparator": .hash,
                "to": .address, "data": .bytes,
            ],
            whole: { SampleFile.payment.with("transactions", "[\($0.json)]").json }
        ).refused(.payment).filter { !$0.description.contains("/transactions/0/role") }

    /// The conditions of a payroll must not contain the values that are measured for a single payment. They must not
    /// contain a token twice either, and `tokens` must be an array.
    private static let payrolls: [RefusedFile] =
        ["approveGas", "token", "approval", "method", "value", "poolFee"].compactMap { name in
            guard let member = SampleFile.conditions.members.first(where: { $0.name == name }) else { return nil }
            return RefusedFile(
                .conditions, "of a payroll with \(name)", SampleFile.payrollConditions.with(name, member.json).json,
                Refusal("conditions.not-of-a-payroll", "/\(name)"))
        } + [
            RefusedFile(
                .conditions, "of a payroll with a token twice",
                SampleFile.payrollConditions.with(
                    "tokens", "[\(SampleFile.payrollToken.json),\(SampleFile.payrollToken.json)]"
                ).json, Refusal("conditions.repeated-token", "/tokens/1/address")),
            RefusedFile(
                .conditions, "of a payroll whose tokens are no array",
                SampleFile.payrollConditions.with("tokens", "{}").json, Refusal("json.wrong-type", "/tokens")),
        ]

    private static let payments: [RefusedFile] = [
        RefusedFile(
            .payment, "without a transaction", SampleFile.payment.with("transactions", "[]").json,
            Refusal("payment.no-transactions", "/transactions")),
        RefusedFile(
            .payment, "of a permit beside a transaction",
            SampleFile.payment.with("transactions", "[\(SampleFile.permit.json),\(SampleFile.transaction.json)]").json,
            Refusal("payment.permit-not-alone", "/transactions")),
        RefusedFile(
            .payment, "of a permit with a raw transaction",
            SampleFile.payment.with("transactions", "[\(SampleFile.permit.with("raw", "\"0x02\"").json)]").json,
            Refusal("json.unknown-field", "/transactions/0/raw")),
        RefusedFile(
            .payment, "with null among its transactions",
            SampleFile.payment.with("transactions", "[\(SampleFile.transaction.json),null]").json,
            Refusal("json.wrong-type", "/transactions/1")),
        RefusedFile(
            .payment, "with all wrong at once",
            SampleFile.payment.with("from", "\"x\"").with("airlock", "3").with("more", "1").json,
            Refusal("format.unknown-version", "/airlock"), Refusal("value.not-an-address", "/from"),
            Refusal("json.unknown-field", "/more")),
    ]
}

@Suite("A file of ours that is refused")
struct FileRefusalTests {
    @Test("is refused for just this, at just this place", arguments: FileRefusals.all)
    func refuse(file: RefusedFile) {
        let found = problems { try file.read() }
        #expect(found.map { Refusal($0) } == file.refusals)
    }

    @Test("every rule of the files is reached, by reading or by verifying")
    func complete() {
        let payments = FileRefusals.all.flatMap(\.refusals) + PaymentVerificationTests.mismatches.flatMap(\.refusals)
        let reached = (payments + SignatureFileTests.alterations.flatMap(\.refusals)).map(\.code)
        let own = Set(reached).intersection(PaymentFileRule.allCases.map(\.rawValue))
        #expect(own == Set(PaymentFileRule.allCases.map(\.rawValue)))
    }
}
