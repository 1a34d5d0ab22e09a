public import AirlockDiagnostics
public import AirlockRequests
public import AirlockStrictJSON
import AirlockCharges
import AirlockTransfers
import Synchronization

/// The kinds of request that there are. A new kind is one module, and one line here.
public enum RequestKinds {
    /// One kind: its type, how a file of it is read, and its rules.
    package struct Kind: Sendable {
        fileprivate let type: any Request.Type
        fileprivate let rules: [any Rule.Type]
        fileprivate let read: @Sendable (JSONValue) throws(ProblemList) -> any Request

        package init(
            _ type: any Request.Type, rules: [any Rule.Type],
            read: @escaping @Sendable (JSONValue) throws(ProblemList) -> any Request
        ) {
            self.type = type
            self.rules = rules
            self.read = read
        }
    }

    private static let kinds = Mutex<[Kind]>([
        Kind(UnverifiedCharge.self, rules: [ChargeRule.self, ChargePinRule.self, PaymentRule.self]) {
            root throws(ProblemList) in
            try UnverifiedCharge(root)
        },
        Kind(Transfer.self, rules: [TransferRule.self, URIRule.self]) { root throws(ProblemList) in try Transfer(root)
        },
    ])

    private static var all: [Kind] { kinds.withLock { $0 } }

    /// Adds a kind for this process, at the program's start. A name that is taken stays with the kind that has it.
    package static func add(_ kind: Kind) {
        kinds.withLock { kinds in
            if !kinds.contains(where: { $0.type.kind == kind.type.kind }) { kinds.append(kind) }
        }
    }

    public static var names: [String] { all.map { $0.type.kind } }

    /// The rules of all kinds, for the catalogue.
    public static var rules: [any Rule.Type] { all.flatMap(\.rules) }

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
        let name = root["kind"]?.string
        let kind = all.first { $0.type.kind == name && $0.type.kind != UnverifiedCharge.kind }
        guard root["airlock"] != nil || kind != nil && root["data"] == nil else { return try UnverifiedCharge(root) }
        guard let kind else {
            throw ProblemList(
                Problem(
                    RequestRule.unknownKind, at: "\(root.pointer)/kind", saw: name ?? "",
                    expected: "one of \(names.joined(separator: ", "))"))
        }
        return try kind.read(root)
    }

    /// What a signed call pays, by the first kind that knows it; `nil` where none does.
    public static func reading(_ signed: SignedCall) -> ReadBack? {
        for kind in all { if let read = kind.type.reading(signed) { return read } }
        return nil
    }
}
