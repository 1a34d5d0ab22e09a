public import AirlockDiagnostics

/// Which key of a tree (BIP-32): `m/44'/60'/0'/0/0`.
public struct DerivationPath: Hashable, Sendable {
    /// From the master key down; the hardened ones have the highest bit.
    public let indices: [UInt32]

    /// The first account of Ethereum (BIP-44, coin type 60), which all wallets begin with.
    public static let firstAccount = DerivationPath([44 | hardened, 60 | hardened, hardened, 0, 0])

    /// BIP-32, "Extended keys": the indices from 2^31 on are the hardened ones.
    static let hardened: UInt32 = 1 << 31

    private init(_ indices: [UInt32]) { self.indices = indices }

    /// Reads a path: `m`, and each index after a slash; `'` or `h` marks a hardened one.
    public init(_ text: String) throws(Problem) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts[0] == "m" else { throw Problem(DerivationPathRule.noMaster, saw: text) }
        // BIP-32, "Serialization format": the depth is one byte.
        guard parts.count <= 256 else { throw Problem(DerivationPathRule.tooDeep, detail: "\(parts.count - 1) levels") }
        var indices: [UInt32] = []
        for part in parts.dropFirst() { indices.append(try Self.index(part)) }
        self.indices = indices
    }

    private static func index(_ part: Substring) throws(Problem) -> UInt32 {
        let isHardened = part.hasSuffix("'") || part.hasSuffix("h")
        let digits = isHardened ? part.dropLast() : part
        // "+1" and "01" would be read as numbers too, and one key would have two names.
        guard let first = digits.utf8.first, digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
            first != UInt8(ascii: "0") || digits.utf8.count == 1
        else { throw Problem(DerivationPathRule.notIndex, saw: String(part)) }
        guard let index = UInt32(digits), index < hardened else {
            throw Problem(DerivationPathRule.tooLarge, saw: String(part))
        }
        return isHardened ? index | hardened : index
    }
}

extension DerivationPath: CustomStringConvertible {
    public var description: String {
        indices.reduce("m") { text, index in
            text + "/\(index & ~Self.hardened)" + (index & Self.hardened == 0 ? "" : "'")
        }
    }
}

/// The rules of derivation paths.
public enum DerivationPathRule: String, Rule {
    case noMaster = "path.no-master"
    case notIndex = "path.not-index"
    case tooLarge = "path.index-too-large"
    case tooDeep = "path.too-deep"

    public var meaning: String {
        switch self {
        case .noMaster: "a derivation path begins with m"
        case .notIndex: "a part of the derivation path is no index"
        case .tooLarge: "an index of the derivation path is not below 2^31"
        case .tooDeep: "the derivation path has more than 255 levels"
        }
    }
}
