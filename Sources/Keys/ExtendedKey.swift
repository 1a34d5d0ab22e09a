public import AirlockDiagnostics
import AirlockEthereumTypes
public import AirlockGcrypt
import AirlockSecp256k1
public import AirlockSecretKeys

/// A secret key and the chain code from which its children are derived (BIP-32).
struct ExtendedKey: ~Copyable {
    let key: SecretKey
    let chainCode: SecureBytes

    /// Derives the master key from a seed (BIP-32, "Master key generation").
    init(seed: borrowing SecureBytes) throws {
        let master = Array("Bitcoin seed".utf8)
        try self.init(seed.withBytes { try MessageDigest.authenticate(.sha512, key: master.span, $0) }) { left in
            try SecretKey(SecureBytes(copying: left))
        }
    }

    /// Makes an extended key from a digest of 64 bytes, as BIP-32 requires. The right half of the digest is the chain
    /// code.
    ///
    /// - Parameter key: a closure that makes the key from the left half of `digest`.
    private init(_ digest: consuming SecureBytes, key: (Span<UInt8>) throws -> SecretKey) throws {
        // With a probability below 2^-127, the left half is not a valid key. For this case, BIP-32 tells the caller to
        // use the next index. A wallet that silently used the next index would show another account than the one at the
        // given path. So this function throws an error.
        let left = try digest.withBytes { try key($0.extracting(first: 32)) }
        let right = try digest.withBytes { try SecureBytes(copying: $0.extracting(last: 32)) }
        self.key = left
        self.chainCode = right
    }

    /// Derives the child key with this index (BIP-32, "Private parent key → private child key").
    borrowing func child(_ index: UInt32) throws -> ExtendedKey {
        var data = try SecureBytes(count: 37)
        if index & DerivationPath.hardened != 0 {
            key.withBytes { key in data.withMutableBytes { $0.copy(key, at: 1) } }
        } else {
            let point = compressedPoint
            data.withMutableBytes { $0.copy(point.span, at: 0) }
        }
        data.withMutableBytes { data in
            for place in 0..<4 { data[33 + place] = UInt8(truncatingIfNeeded: index >> (24 - 8 * UInt32(place))) }
        }
        let digest = try chainCode.withBytes { code in
            try data.withBytes { try MessageDigest.authenticate(.sha512, key: code, $0) }
        }
        return try ExtendedKey(digest) { try key.adding($0) }
    }

    /// Derives the key at a derivation path from the master key of a seed.
    static func key(seed: borrowing SecureBytes, at path: DerivationPath) throws -> SecretKey {
        var node = try ExtendedKey(seed: seed)
        for index in path.indices { node = try node.child(index) }
        return node.key
    }
}

extension Mnemonic {
    /// Derives the key at a derivation path from the master key of this mnemonic.
    public borrowing func key(passphrase: borrowing SecureBytes, at path: DerivationPath) throws -> SecretKey {
        try ExtendedKey.key(seed: seed(passphrase: passphrase), at: path)
    }
}

extension MutableSpan<UInt8> {
    /// Copies `bytes` into this span. The first byte goes to the index `start`.
    mutating func copy(_ bytes: Span<UInt8>, at start: Int) {
        for index in bytes.indices { self[start + index] = bytes[index] }
    }
}

/// A path in a tree of keys (BIP-32), such as `m/44'/60'/0'/0/0`.
public struct DerivationPath: Hashable, Sendable {
    /// The indices on the path from the master key to the child key. In a hardened index, the highest bit is 1.
    public let indices: [UInt32]

    /// The path to the first Ethereum account (BIP-44, coin type 60). Most wallets use this path by default.
    public static let firstAccount = DerivationPath([44 | hardened, 60 | hardened, hardened, 0, 0])

    /// The lowest hardened index. All indices from 2^31 on are hardened (BIP-32, "Extended keys").
    static let hardened: UInt32 = 1 << 31

    private init(_ indices: [UInt32]) { self.indices = indices }

    /// Reads a path, such as `m/44'/60'/0'/0/0`. A slash precedes each index. A `'` or an `h` after an index marks a
    /// hardened index.
    public init(_ text: String) throws(Problem) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts[0] == "m" else { throw Problem(DerivationPathRule.noMaster, saw: text) }
        // In BIP-32, "Serialization format", the depth is one byte, so a path has at most 255 levels.
        guard parts.count <= 256 else { throw Problem(DerivationPathRule.tooDeep, detail: "\(parts.count - 1) levels") }
        var indices: [UInt32] = []
        for part in parts.dropFirst() { indices.append(try Self.index(part)) }
        self.indices = indices
    }

    private static func index(_ part: Substring) throws(Problem) -> UInt32 {
        let isHardened = part.hasSuffix("'") || part.hasSuffix("h")
        let digits = isHardened ? part.dropLast() : part
        // `UInt32` would also accept "+1" and "01". These forms are refused here. If they were accepted, several paths
        // would lead to the same key.
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

/// The rules that a derivation path must satisfy.
public enum DerivationPathRule: String, Rule {
    case noMaster = "path.no-master"
    case notIndex = "path.not-index"
    case tooLarge = "path.index-too-large"
    case tooDeep = "path.too-deep"

    public var meaning: String {
        switch self {
        case .noMaster: "a derivation path begins with m"
        case .notIndex: "a part of the derivation path is not an index"
        case .tooLarge: "an index of the derivation path is not below 2^31"
        case .tooDeep: "the derivation path has more than 255 levels"
        }
    }
}

/// An extended public key of a mnemonic. Whoever knows an extended public key can derive the addresses of its children,
/// but cannot sign for them.
public struct Account: Hashable, Sendable {
    public let path: DerivationPath
    /// The public key as a compressed point of 33 bytes (SEC 1, 2.3.3).
    public let publicKey: [UInt8]
    /// The chain code (BIP-32), 32 bytes.
    public let chainCode: [UInt8]
    /// The fingerprint of the master key.
    public let sourceFingerprint: UInt32
    /// The fingerprint of the parent key. `nil` for the master key, because it has no parent.
    public let parentFingerprint: UInt32?
}

extension ExtendedKey {
    /// The public key as a compressed point (SEC 1, 2.3.3): the prefix 02 if y is even or 03 if y is odd, and then x.
    var compressedPoint: [UInt8] {
        let point = key.publicKey.bytes.bytes
        return [2 | (point[63] & 1)] + point.prefix(32)
    }

    /// The first four bytes of the key identifier, which is the RIPEMD-160 hash of the SHA-256 hash of the point
    /// (BIP-32, "Key identifiers").
    var fingerprint: UInt32 {
        get throws {
            let identifier = try MessageDigest.hash(.sha256, compressedPoint.span).withBytes {
                try MessageDigest.hash(.ripemd160, $0)
            }
            return identifier.withBytes { bytes in (0..<4).reduce(0) { $0 << 8 | UInt32(bytes[$1]) } }
        }
    }

    /// Derives the extended public key at a derivation path from the master key of a seed.
    static func account(seed: borrowing SecureBytes, at path: DerivationPath) throws -> Account {
        var node = try ExtendedKey(seed: seed)
        let source = try node.fingerprint
        var parent: UInt32?
        for index in path.indices {
            parent = try node.fingerprint
            node = try node.child(index)
        }
        return Account(
            path: path, publicKey: node.compressedPoint,
            chainCode: node.chainCode.withBytes { bytes in bytes.indices.map { bytes[$0] } },
            sourceFingerprint: source, parentFingerprint: parent)
    }
}
