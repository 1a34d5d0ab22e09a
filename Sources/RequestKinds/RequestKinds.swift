import AirlockCalls
import AirlockCharges
public import AirlockDiagnostics
import AirlockPaymentFiles
public import AirlockRequests
import AirlockSafes
public import AirlockStrictJSON
import AirlockTransfers
import Synchronization

/// The table of the kinds of request. A new kind is one module, and one line here.
public enum RequestKinds {
    /// A call is any transaction that no other kind knows, so it comes last.
    private static let kinds = Mutex<[any Request.Type]>([
        UnverifiedCharge.self, Transfer.self, UnverifiedCall.self,
    ])

    private static var all: [any Request.Type] { kinds.withLock { $0 } }

    /// Adds a kind for this process, when the program starts. A kind whose name is taken is ignored.
    package static func add(_ kind: any Request.Type) {
        kinds.withLock { kinds in
            guard !kinds.contains(where: { $0.kind == kind.kind }) else { return }
            kinds.insert(kind, at: kinds.count - 1)
        }
    }

    public static var names: [String] { all.map { $0.kind } }

    /// The rules of all kinds, for the catalogue.
    public static var rules: [any Rule.Type] { all.flatMap { $0.rules } + SafeRequest.rules }

    /// The lists that a policy may have for the named kinds.
    public static func policyLists(for kinds: [String] = names) -> [PolicyList] {
        all.filter { kinds.contains($0.kind) }.flatMap { $0.policyLists }
    }

    /// The kinds that a policy has rules for. A Safe transaction is signed as a message, and is no transaction of the
    /// signer's own, so that it is not in the table.
    public static var policyKinds: [String] { names + [SafeRequest.kind] }

    /// The members that a policy may have for the named kinds.
    public static func policySections(for kinds: [String] = policyKinds) -> [PolicySection] {
        all.filter { kinds.contains($0.kind) }.compactMap { $0.policySection }
            + (kinds.contains(SafeRequest.kind) ? [SafeRules.section] : [])
    }

    /// Is an operand a request itself, and not the name of a file?
    public static func isRequest(_ operand: String) -> Bool { PaymentURI.begins(operand) }

    /// Reads a request of any kind. The kind is inferred from the content.
    public static func read(_ bytes: [UInt8]) throws(ProblemList) -> any Request {
        let text = bytes.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        if PaymentURI.begins(String(decoding: text.prefix(16), as: UTF8.self)) {
            var line = String(decoding: text, as: UTF8.self)
            // A file may end with a line ending. PaymentURI refuses any other character after the URI.
            if let last = line.last, ["\n", "\r\n"].contains(last) { line.removeLast() }
            return try PaymentURI.transfer(line)
        }
        if isTransaction(text) { return try transaction(String(decoding: text, as: UTF8.self)) }
        let document: JSONDocument
        do throws(JSONError) { document = try JSONDocument(bytes) } catch {
            throw ProblemList(error.problems) ?? ProblemList(Problem(RequestRule.unknownKind))
        }
        return try readObject(document.root)
    }

    /// Reads a request within a larger document, where a URI is a string.
    public static func read(_ root: JSONValue) throws(ProblemList) -> any Request {
        guard let text = root.string else { return try readObject(root) }
        return try isTransaction(text.utf8) ? transaction(text) : PaymentURI.transfer(text)
    }

    private static func isTransaction(_ text: some Collection<UInt8>) -> Bool {
        text.starts(with: Array("0x".utf8)) || text.starts(with: Array("0X".utf8))
    }

    /// Reads a hexadecimal unsigned transaction. A plain transfer becomes a `Transfer`, anything else a call.
    private static func transaction(_ text: String) throws(ProblemList) -> any Request {
        // A file may end with a line ending. Any other character after the digits is refused.
        let end = text.last?.isNewline == true ? 1 : 0
        let transaction = try ProposedTransaction(hexadecimal: String(text.dropLast(end)))
        if let transfer = try transfer(transaction) { return transfer }
        return try UnverifiedCall(transaction)
    }

    /// The transfer that an unsigned transaction makes; `nil` if it does anything else. It is the same payment as one
    /// from a transfer file, with the same recipients and caps, and must not be signed once as each.
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
                    detail: "a Safe transaction is signed by itself", because: RequestCause.typedData))
        }
        guard root["types"] == nil || root["primaryType"] == nil else {
            throw ProblemList(
                Problem(
                    RequestRule.unknownKind, at: root.pointer,
                    detail: "typed data (EIP-712) are signed by themselves", because: RequestCause.typedData))
        }
        // A file without Airlock's head may be a charge, whose reader reports what is missing.
        guard root["airlock"] != nil else { return try UnverifiedCharge(root) }
        throw ProblemList(
            Problem(
                RequestRule.unknownKind, at: "\(root.pointer)/kind", saw: root["kind"]?.string ?? "",
                expected: "one of \(names.joined(separator: ", "))"))
    }

    /// The kind of request that a JSON file holds.
    static func recognise(_ root: JSONValue) -> (any Request.Type)? { all.first { $0.recognises(root) } }

    /// The names of the files of all kinds, each with an article.
    static var fileNames: [String] { all.map { $0.fileName } }

    /// The members of a line of a batch that may hold a request instead of `request`.
    public static var ownMembers: [String] { all.compactMap { $0.ownMember } }

    /// The help of the tools on all kinds.
    public static var help: [KindHelp] { all.map { $0.help } }

    /// The function that call data calls, by the first kind that knows it.
    public static func function(of data: [UInt8]) -> FunctionCall? {
        for kind in all { if let function = kind.function(of: data) { return function } }
        return nil
    }

    /// The errors that the contracts of each kind declare, and the two of Solidity that any contract can raise.
    public static var errors: [ContractError] { all.flatMap { $0.errors } + ContractError.solidity }

    /// The error of a reverted call; `nil` if it is not a known one.
    public static func revert(_ data: [UInt8]) -> ContractRevert? { ContractRevert(data, among: errors) }

    /// Reads a signed call back by the first kind that knows it; `nil` if none does.
    public static func reading(_ signed: SignedCall) -> ReadBack? {
        for kind in all { if let read = kind.reading(signed) { return read } }
        return nil
    }

    /// The transfer that a call makes of its sender's money; `nil` if no kind recognizes the function.
    public static func movement(_ call: SignedCall) -> Movement? {
        for kind in all { if let movement = kind.movement(call) { return movement } }
        return nil
    }
}

/// The kind of a file, told by its first members, so that the error on a wrong file can name it.
public enum FileKind: String, Sendable {
    case request, conditions, payment, policy, signature, keystore
    case safeProof = "safe-proof"

    /// Refuses a file that is clearly of another kind than expected.
    ///
    /// - Parameters:
    ///   - expected: the accepted kinds.
    ///   - bytes: the file's content.
    ///   - path: the name of the file on the command line.
    public static func require(_ expected: FileKind..., of bytes: [UInt8], in path: String) throws(Problem) {
        guard let root = (try? JSONDocument(bytes))?.root, let found = found(root), !expected.contains(found.kind)
        else {
            return
        }
        let all = expected.flatMap(\.words)
        let wanted = [all.dropLast().joined(separator: ", "), all.last ?? ""].filter { !$0.isEmpty }
            .joined(separator: " or ")
        throw Problem(
            PaymentFileRule.kind, at: root["airlock"] == nil ? path : "/kind",
            detail: "\(escaped(path, limit: 256)) is \(found.words); \(wanted) is expected"
        ).inFile(path)
    }

    /// Returns `nil` if it is none of these, or no JSON: its reader then reports what is wrong with it.
    private static func found(_ root: JSONValue) -> (kind: FileKind, words: String)? {
        if let kind = RequestKinds.recognise(root) { return (.request, kind.fileName) }
        if SafeRequest.recognises(root) { return (.request, "a Safe transaction") }
        if root["airlock"] != nil, let kind = root["kind"]?.string.flatMap(FileKind.init(rawValue:)), kind != .request {
            return (kind, kind.words.joined())
        }
        return root["crypto"] != nil || root["Crypto"] != nil ? (.keystore, keystore.words.joined()) : nil
    }

    /// The names of the kind of file, with an article; a request has one for each kind of request.
    private var words: [String] {
        switch self {
        case .request: RequestKinds.fileNames
        case .keystore: ["a keystore"]
        case .conditions, .payment, .policy, .signature, .safeProof: ["a \(rawValue) file"]
        }
    }
}
