public import AirlockDiagnostics
public import AirlockStrictJSON

/// The head of an Airlock file. It consists of two JSON members: `"airlock":1`, and `"kind"` with the kind of the file.
public enum AirlockFile {
    public static let version = "1"

    /// Reads the head of a file, and checks that the file is of the kind `kind`. The caller reads the rest of the file.
    public static func readHead(_ reader: inout ObjectReader, kind: String) {
        readHead(&reader, kind: kind, optional: false)
    }

    /// Reads the head of a file. If `optional` is true, the head may be missing, for example in a line of a batch.
    public static func readHead(_ reader: inout ObjectReader, kind: String, optional: Bool) {
        let version = optional ? reader.optionalNumber("airlock") : reader.number("airlock")
        let named = optional ? reader.optionalString("kind") : reader.string("kind")
        if let version, version != Self.version {
            reader.record([
                Problem(
                    PaymentFileRule.version, at: reader.pointer(to: "airlock"), saw: version, expected: Self.version)
            ])
        }
        if let named, named != kind {
            reader.record([Problem(PaymentFileRule.kind, at: reader.pointer(to: "kind"), saw: named, expected: kind)])
        }
    }

    /// Returns the JSON members of the head for a new file of the kind `kind`.
    static func head(_ kind: String) -> [(String, JSONOutput)] {
        [("airlock", .number(version)), ("kind", .string(kind))]
    }

    /// Reads a whole JSON document. Throws all problems of the document together.
    public static func read<Value>(
        _ bytes: [UInt8], _ body: (inout ObjectReader) -> Value?
    ) throws(ProblemList) -> Value {
        let root: JSONValue
        do { root = try JSONDocument(bytes).root } catch {
            throw ProblemList(error.problems) ?? ProblemList(Problem(PaymentFileRule.notOurs))
        }
        return try read(root, body)
    }

    /// Reads a JSON document that is embedded in a larger document. Throws all problems of the embedded document
    /// together.
    public static func read<Value>(
        _ root: JSONValue, _ body: (inout ObjectReader) -> Value?
    ) throws(ProblemList) -> Value {
        if root.kind == .object, root["airlock"] == nil, root["data"] != nil || root["error"] != nil {
            throw ProblemList(Problem(PaymentFileRule.notOurs, saw: root.text))
        }
        var reader = ObjectReader(root)
        let value = body(&reader)
        reader.refuseUnknown()
        if let problems = ProblemList(reader.problems) { throw problems }
        guard let value else { throw ProblemList(Problem(PaymentFileRule.notOurs)) }
        return value
    }
}

/// The error codes for the files that cross the air gap between the offline machine and the online machine.
public enum PaymentFileRule: String, Rule {
    case notOurs = "format.not-an-airlock-file"
    case version = "format.unknown-version"
    case kind = "format.unknown-kind"
    case unknownRole = "payment.unknown-role"
    case noTransactions = "payment.no-transactions"
    case permitNotAlone = "payment.permit-not-alone"
    case repeatedTransaction = "payment.repeated-transaction"
    case hashMismatch = "payment.hash-mismatch"
    case nonceMismatch = "payment.nonce-mismatch"
    case chainMismatch = "payment.chain-mismatch"
    case senderMismatch = "payment.sender-mismatch"
    case codeMismatch = "payment.code-mismatch"
    case signerMismatch = "signature.other-signer"
    case besideTokens = "conditions.not-of-a-payroll"
    case repeatedToken = "conditions.repeated-token"

    public var meaning: String {
        switch self {
        case .notOurs: "this is not a file of Airlock"
        case .version: "the file has a version that this Airlock does not know"
        case .kind: "the file is of another kind"
        case .unknownRole: "a transaction has a role that this Airlock does not know"
        case .noTransactions: "the payment holds no transaction"
        case .permitNotAlone: "the payment has other transactions besides a permit"
        case .repeatedTransaction: "the payment has the same transaction twice"
        case .hashMismatch: "a transaction does not have the hash that the file states"
        case .nonceMismatch: "a transaction does not have the nonce that the file states"
        case .chainMismatch: "a transaction is not for the chain that the file states"
        case .senderMismatch: "a transaction is not signed by the address that the file states"
        case .codeMismatch: "the comparison code does not match the transactions"
        case .signerMismatch: "the signature was not made by the signer that the file states"
        case .besideTokens:
            "the member belongs to a single payment, but the conditions have tokens, like those of a payroll"
        case .repeatedToken: "the conditions have the token twice"
        }
    }
}
