public import AirlockDiagnostics
import AirlockPaymentFiles
import AirlockRequests
import AirlockSafes
import AirlockStrictJSON

/// What a file is, by what it begins with, so that a wrong one is named and not taken apart.
public enum FileKind: String, Sendable {
    case request, conditions, payment, policy, signature, keystore
    case safeProof = "safe-proof"

    /// Refuses a file that is plainly another one than is expected.
    ///
    /// - Parameters:
    ///   - expected: what it may be.
    ///   - bytes: the file's content.
    ///   - path: what the file is called on the command line.
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

    /// `nil` where it is none of these, or no JSON: its reader says what is wrong with it.
    private static func found(_ root: JSONValue) -> (kind: FileKind, words: String)? {
        if let kind = RequestKinds.recognise(root) { return (.request, kind.fileName) }
        if SafeRequest.recognises(root) { return (.request, "a Safe transaction") }
        if root["airlock"] != nil, let kind = root["kind"]?.string.flatMap(FileKind.init(rawValue:)), kind != .request {
            return (kind, kind.words.joined())
        }
        return root["crypto"] != nil || root["Crypto"] != nil ? (.keystore, keystore.words.joined()) : nil
    }

    /// What it is called, with an article; a request is called by any of the kinds.
    private var words: [String] {
        switch self {
        case .request: RequestKinds.fileNames
        case .keystore: ["a keystore"]
        case .conditions, .payment, .policy, .signature, .safeProof: ["a \(rawValue) file"]
        }
    }
}
