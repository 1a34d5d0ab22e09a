public import AirlockDiagnostics
import AirlockStrictJSON

/// What a file is, by what it begins with, so that a wrong one is named and not taken apart.
public enum FileKind: String, Sendable {
    case charge, transfer, conditions, payment, policy, keystore

    /// `nil` where it is none of these, or no JSON: its reader says what is wrong with it.
    init?(_ root: JSONValue) {
        if root["airlock"] != nil, let kind = root["kind"]?.string.flatMap(FileKind.init(rawValue:)) {
            self = kind
        } else if root["data"]?["web3_data"] != nil {
            self = .charge
        } else if root["crypto"] != nil || root["Crypto"] != nil {
            self = .keystore
        } else {
            return nil
        }
    }

    /// In words, with an article.
    private var words: String {
        switch self {
        case .charge: "a charge"
        case .keystore: "a keystore"
        case .transfer, .conditions, .payment, .policy: "a \(rawValue) file"
        }
    }

    /// Refuses a file that is plainly another one than is expected.
    ///
    /// - Parameters:
    ///   - expected: what it may be.
    ///   - bytes: the file's content.
    ///   - path: what the file is called on the command line.
    public static func require(_ expected: FileKind..., of bytes: [UInt8], in path: String) throws(Problem) {
        guard let root = (try? JSONDocument(bytes))?.root, let kind = FileKind(root), !expected.contains(kind) else {
            return
        }
        let all = expected.map(\.words)
        let wanted = [all.dropLast().joined(separator: ", "), all.last ?? ""].filter { !$0.isEmpty }
            .joined(separator: " or ")
        throw Problem(
            PaymentFileRule.kind, at: root["airlock"] == nil ? path : "/kind",
            detail: "\(escaped(path, limit: 256)) is \(kind.words); \(wanted) is expected"
        ).inFile(path)
    }
}
