public import AirlockDiagnostics
public import AirlockRequests
public import AirlockStrictJSON
import AirlockCharges
import AirlockTransfers

/// The kinds of request that there are. A new kind is one module, and one line here.
public enum RequestKinds {
    private static let all: [any Request.Type] = [UnverifiedCharge.self, Transfer.self]

    public static var names: [String] { all.map { $0.kind } }

    /// Is an operand a request itself, and not the name of a file?
    public static func isRequest(_ operand: String) -> Bool { PaymentURI.begins(operand) }

    /// Reads a request of whatever kind its content says it is.
    public static func read(_ bytes: [UInt8]) throws(ProblemList) -> any Request {
        let text = bytes.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        if PaymentURI.begins(String(decoding: text.prefix(16), as: UTF8.self)) {
            var line = String(decoding: text, as: UTF8.self)
            // A file ends its line. PaymentURI refuses any other character after the URI.
            if let last = line.last, ["\n", "\r\n"].contains(last) { line.removeLast() }
            return try PaymentURI.transfer(line)
        }
        let document: JSONDocument
        do throws(JSONError) { document = try JSONDocument(bytes) } catch {
            throw ProblemList(error.problems) ?? ProblemList(Problem(RequestRule.unknownKind))
        }
        return try readObject(document.root)
    }

    /// Reads a request that stands in a larger document; a URI stands there as a string.
    public static func read(_ root: JSONValue) throws(ProblemList) -> any Request {
        if let uri = root.string { return try PaymentURI.transfer(uri) }
        return try readObject(root)
    }

    private static func readObject(_ root: JSONValue) throws(ProblemList) -> any Request {
        // A charge is the one file that is not ours. A file that names another kind is told what it lacks, as that kind.
        let isNamed =
            root["data"] == nil && names.contains { $0 != UnverifiedCharge.kind && $0 == root["kind"]?.string }
        guard root["airlock"] != nil || isNamed else { return try UnverifiedCharge(root) }
        switch root["kind"]?.string {
        case Transfer.kind: return try Transfer(root)
        case let other:
            throw ProblemList(
                Problem(
                    RequestRule.unknownKind, at: "\(root.pointer)/kind", saw: other ?? "",
                    expected: "one of \(names.joined(separator: ", "))"))
        }
    }

    /// What a signed call pays, by the first kind that knows it; `nil` where none does.
    public static func reading(_ signed: SignedCall) -> ReadBack? {
        for kind in all { if let read = kind.reading(signed) { return read } }
        return nil
    }
}
