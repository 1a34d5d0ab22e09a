import AirlockCalls
import AirlockCharges
public import AirlockDiagnostics
import AirlockPaymentFiles
public import AirlockRequests
import AirlockSafes
public import AirlockStrictJSON
import AirlockTransfers
import Synchronization

/// The table of the kinds of request. To add a kind, write one module and add one line here.
public enum RequestKinds {
    /// `UnverifiedCall` accepts any transaction that no other kind recognises. Therefore it must be the last kind in
    /// the table.
    private static let kinds = Mutex<[any Request.Type]>([
        UnverifiedCharge.self, Transfer.self, UnverifiedCall.self,
    ])

    private static var all: [any Request.Type] { kinds.withLock { $0 } }

    /// Adds a kind of request to the table, in this process only. Must be called when the program starts. Does nothing
    /// if the table already contains a kind with the same name.
    package static func add(_ kind: any Request.Type) {
        kinds.withLock { kinds in
            guard !kinds.contains(where: { $0.kind == kind.kind }) else { return }
            kinds.insert(kind, at: kinds.count - 1)
        }
    }

    public static var names: [String] { all.map { $0.kind } }

    /// The error codes of all kinds of request, for the catalogue of error codes.
    public static var rules: [any Rule.Type] { all.flatMap { $0.rules } + SafeRequest.rules }

    /// Returns the address lists that a policy can have for the given kinds of request.
    public static func policyLists(for kinds: [String] = names) -> [PolicyList] {
        all.filter { kinds.contains($0.kind) }.flatMap { $0.policyLists }
    }

    /// The kinds of request for which a policy can have rules. These are the kinds in the table and Safe transactions.
    /// The table does not contain Safe transactions, because the signer signs them as messages.
    public static var policyKinds: [String] { names + [SafeRequest.kind] }

    /// Returns the sections that a policy can have for the given kinds of request.
    public static func policySections(for kinds: [String] = policyKinds) -> [PolicySection] {
        all.filter { kinds.contains($0.kind) }.compactMap { $0.policySection }
            + (kinds.contains(SafeRequest.kind) ? [SafeRules.section] : [])
    }

    /// Whether an operand is itself a request, such as a payment URI, and not the name of a file.
    public static func isRequest(_ operand: String) -> Bool { PaymentURI.begins(operand) }

    /// Reads a request of any kind. The content determines the kind.
    public static func read(_ bytes: [UInt8]) throws(ProblemList) -> any Request {
        let text = bytes.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        if PaymentURI.begins(String(decoding: text.prefix(16), as: UTF8.self)) {
            var line = String(decoding: text, as: UTF8.self)
            // The file may end with a line break. `PaymentURI` refuses any other character after the URI.
            if let last = line.last, ["\n", "\r\n"].contains(last) { line.removeLast() }
            return try PaymentURI.transfer(line)
        }
        if isTransaction(text) { return try transaction(String(decoding: text, as: UTF8.self)) }
        let document: JSONDocument
        do throws(JSONError) { document = try JSONDocument(bytes) } catch {
            guard let cause = cause(of: error, in: bytes, text.first) else { throw ProblemList(error) }
            let more = cause == .unknownForm ? "; the file is neither JSON, nor a payment URI, nor 0x and digits" : ""
            throw ProblemList(
                Problem(
                    error.rule, at: error.pointer, detail: "line \(error.line), column \(error.column)\(more)",
                    because: cause))
        }
        return try readObject(document.root)
    }

    /// Returns what is probably wrong with a file that is not one JSON value. `nil` if the error itself says it.
    private static func cause(of error: JSONError, in bytes: [UInt8], _ first: UInt8?) -> RequestCause? {
        guard let first else { return nil }
        let opening = [UInt8(ascii: "{"), UInt8(ascii: "[")]
        guard opening.contains(first) else {
            return error.rule == .byteOrderMark || error.rule == .tooLarge ? nil : .unknownForm
        }
        return error.rule == .trailingBytes && opening.contains(bytes[error.offset]) ? .severalRequests : nil
    }

    /// Reads a request that is a value in a larger JSON document. A payment URI or an unsigned transaction is a string
    /// in such a document.
    public static func read(_ root: JSONValue) throws(ProblemList) -> any Request {
        guard let text = root.string else { return try readObject(root) }
        return try isTransaction(text.utf8) ? transaction(text) : PaymentURI.transfer(text)
    }

    private static func isTransaction(_ text: some Collection<UInt8>) -> Bool {
        text.starts(with: Array("0x".utf8)) || text.starts(with: Array("0X".utf8))
    }

    /// Reads an unsigned transaction in hexadecimal. Returns a `Transfer` if the transaction is a plain transfer, and
    /// an `UnverifiedCall` if it is not.
    private static func transaction(_ text: String) throws(ProblemList) -> any Request {
        // The file may end with a line break. Any other character after the hexadecimal digits is refused.
        let end = text.last?.isNewline == true ? 1 : 0
        let transaction = try ProposedTransaction(hexadecimal: String(text.dropLast(end)))
        if let transfer = try transfer(transaction) { return transfer }
        return try UnverifiedCall(transaction)
    }

    /// Returns the transfer that an unsigned transaction makes. Returns `nil` if the transaction does not make a plain
    /// transfer. The transfer must count as the same request as a transfer file with the same values. If the two were
    /// different requests, the payment could be signed twice, and a different set of caps could apply.
    private static func transfer(_ transaction: ProposedTransaction) throws(ProblemList) -> Transfer? {
        guard
            let read = Transfer.reading(
                target: transaction.to, value: transaction.value, data: transaction.data)
        else { return nil }
        return try Transfer(
            chain: transaction.chain, from: transaction.from, to: read.to, token: read.token, amount: read.amount,
            proposal: transaction.proposal,
            source: .transaction(
                chain: transaction.place("chainId"), from: transaction.place("from"), to: transaction.place("to"),
                data: read.token == nil ? transaction.place("value") : transaction.dataPlace))
    }

    private static func readObject(_ root: JSONValue) throws(ProblemList) -> any Request {
        let kinds = all.filter { $0.recognises(root) }
        if kinds.count > 1 {
            throw ProblemList(
                Problem(
                    RequestRule.ambiguous, at: root.pointer,
                    detail: kinds.map { $0.fileName }.joined(separator: ", or ")))
        }
        if ProposedTransaction.isOne(root), let transfer = try transfer(ProposedTransaction(root)) { return transfer }
        if let kind = kinds.first { return try kind.read(root) }
        if root["types"] == nil, SafeRequest.recognises(root) {
            throw ProblemList(
                Problem(
                    RequestRule.unknownKind, at: root.pointer,
                    detail: "a Safe transaction is signed on its own", because: RequestCause.typedData))
        }
        guard root["types"] == nil || root["primaryType"] == nil else {
            throw ProblemList(
                Problem(
                    RequestRule.unknownKind, at: root.pointer,
                    detail: "typed data (EIP-712) are signed by themselves", because: RequestCause.typedData))
        }
        // A file without the member `airlock` may be a charge. If it is not, `UnverifiedCharge` reports which members
        // are missing.
        guard root["airlock"] != nil else { return try UnverifiedCharge(root) }
        throw ProblemList(
            Problem(
                RequestRule.unknownKind, at: "\(root.pointer)/kind", saw: root["kind"]?.string ?? "",
                expected: "one of \(names.joined(separator: ", "))"))
    }

    /// Returns the kind of request that a JSON file contains. Returns `nil` if no kind recognises the file.
    static func recognise(_ root: JSONValue) -> (any Request.Type)? { all.first { $0.recognises(root) } }

    /// The names that error messages use for the request files, one name for each kind of request. Each name has an
    /// article.
    static var fileNames: [String] { all.map { $0.fileName } }

    /// The names of the JSON members that contain a request of one particular kind in a line of a batch. A line can
    /// have such a member in place of the member `request`, which can contain a request of any kind.
    public static var ownMembers: [String] { all.compactMap { $0.ownMember } }

    /// The help texts about all kinds of request.
    public static var help: [KindHelp] { all.map { $0.help } }

    /// Decodes call data to a function and its arguments. Uses the first kind of request that supports the function.
    /// Returns `nil` if the function belongs to no kind of request.
    public static func function(of data: [UInt8]) -> FunctionCall? {
        for kind in all { if let function = kind.function(of: data) { return function } }
        return nil
    }

    /// The signatures of the functions that Airlock knows without a descriptor or a policy.
    public static var signatures: [String] { UnverifiedCharge.paymentFunctions + UnverifiedCall.tokenFunctions }

    /// All contract errors that Airlock can decode. They are the errors that the kinds of request list, and the two
    /// errors that any Solidity contract can raise.
    public static var errors: [ContractError] { all.flatMap { $0.errors } + ContractError.solidity }

    /// Decodes the data of a reverted call. Returns `nil` if the error is not known.
    public static func revert(_ data: [UInt8]) -> ContractRevert? { ContractRevert(data, among: errors) }

    /// Recognises the request in a signed call. Uses the first kind of request that recognises the call. Returns `nil`
    /// if no kind recognises it.
    public static func reading(_ signed: SignedCall) -> RecognisedCall? {
        for kind in all { if let read = kind.reading(signed) { return read } }
        return nil
    }

    /// Returns the amounts that a call transfers from its sender's account, and the recipient. Returns `nil` if the
    /// called function belongs to no kind of request.
    public static func movement(_ call: SignedCall) -> CallOutflow? {
        for kind in all { if let movement = kind.movement(call) { return movement } }
        return nil
    }
}

/// The kind of a file. It is recognised by the JSON members of the file. If the user gives a file of the wrong kind,
/// the error message states this kind and the expected kind.
public enum FileKind: String, Sendable {
    case request, conditions, payment, policy, signature, keystore
    case safeProof = "safe-proof"

    /// Throws if the file has a known kind that is not one of the expected kinds. Does not throw if the kind is
    /// unknown.
    ///
    /// - Parameters:
    ///   - expected: the kinds that are accepted.
    ///   - bytes: the content of the file.
    ///   - path: the path of the file, as the user typed it.
    public static func require(_ expected: FileKind..., of bytes: [UInt8], in path: String) throws(Problem) {
        guard let root = (try? JSONDocument(bytes))?.root, let found = found(root), !expected.contains(found.kind)
        else {
            return
        }
        let wanted = Self.alternatives(expected.map(\.words))
        throw Problem(
            PaymentFileRule.kind, at: root["airlock"] == nil ? path : "/kind",
            detail: "\(escaped(path, limit: 256)) is \(found.words); \(wanted) is expected"
        ).inFile(path)
    }

    /// Returns the kind of a file, and a name of the file for error messages. Returns `nil` if the kind cannot be
    /// recognised. In that case the code that reads the file reports what is wrong.
    private static func found(_ root: JSONValue) -> (kind: FileKind, words: String)? {
        if let kind = RequestKinds.recognise(root) { return (.request, kind.fileName) }
        if SafeRequest.recognises(root) { return (.request, "a Safe transaction") }
        if root["airlock"] != nil, let kind = root["kind"]?.string.flatMap(FileKind.init(rawValue:)), kind != .request {
            return (kind, kind.words)
        }
        return root["crypto"] != nil || root["Crypto"] != nil ? (.keystore, keystore.words) : nil
    }

    /// The name that error messages use for a file of this kind, with an article. Some commands also take requests that
    /// are not in the table of kinds, such as messages. Therefore the kinds are only examples of a request.
    private var words: String {
        switch self {
        case .request: "a request (such as \(Self.alternatives(RequestKinds.fileNames)))"
        case .keystore: "a keystore"
        case .conditions, .payment, .policy, .signature, .safeProof: "a \(rawValue) file"
        }
    }

    private static func alternatives(_ words: [String]) -> String {
        [words.dropLast().joined(separator: ", "), words.last ?? ""].filter { !$0.isEmpty }.joined(separator: " or ")
    }
}
