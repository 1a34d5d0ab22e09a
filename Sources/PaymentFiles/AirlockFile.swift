public import AirlockDiagnostics
public import AirlockStrictJSON

/// What every file of Airlock begins with: `"airlock":1` and its kind.
public enum AirlockFile {
    public static let version = "1"

    /// Reads the head of a file that must be of one kind. The rest is the caller's.
    public static func readHead(_ reader: inout ObjectReader, kind: String) {
        readHead(&reader, kind: kind, optional: false)
    }

    /// Reads the head where it may be left out, as within a line of a batch.
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

    /// The head as it is written.
    static func head(_ kind: String) -> [(String, JSONOutput)] {
        [("airlock", .number(version)), ("kind", .string(kind))]
    }

    /// Reads a whole document, or says all that is wrong with it.
    public static func read<Value>(
        _ bytes: [UInt8], _ body: (inout ObjectReader) -> Value?
    ) throws(ProblemList) -> Value {
        let root: JSONValue
        do { root = try JSONDocument(bytes).root } catch {
            throw ProblemList(error.problems) ?? ProblemList(Problem(PaymentFileRule.notOurs))
        }
        return try read(root, body)
    }

    /// Reads a document that stands in a larger one, or says all that is wrong with it.
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
