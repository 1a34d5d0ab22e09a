import AirlockEthereumTypes
public import AirlockGcrypt
import AirlockSecp256k1
import AirlockSecretKeys

/// The public half of a key of a mnemonic, with what others need to derive its children: which addresses belong together, and
/// nothing that could sign.
public struct Account: Hashable, Sendable {
    public let path: DerivationPath
    /// 33 bytes: the compressed point (SEC 1, 2.3.3).
    public let publicKey: [UInt8]
    /// 32 bytes (BIP-32).
    public let chainCode: [UInt8]
    /// The fingerprint of the master key; never 0.
    public let sourceFingerprint: UInt32
    /// The fingerprint of the key above; `nil` of the master key itself.
    public let parentFingerprint: UInt32?
}

extension ExtendedKey {
    /// SEC 1, 2.3.3: x after 02 or 03, which tells whether y is odd.
    var compressedPoint: [UInt8] {
        let point = key.publicKey.bytes.bytes
        return [2 | (point[63] & 1)] + point.prefix(32)
    }

    /// BIP-32, "Key identifiers": the first bytes of the RIPEMD-160 of the SHA-256 of the point.
    var fingerprint: UInt32 {
        get throws {
            let identifier = try MessageDigest.hash(.sha256, compressedPoint.span).withBytes {
                try MessageDigest.hash(.ripemd160, $0)
            }
            return identifier.withBytes { bytes in (0..<4).reduce(0) { $0 << 8 | UInt32(bytes[$1]) } }
        }
    }

    /// The account at the end of a path.
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

extension Mnemonic {
    /// The account at the end of a path.
    public borrowing func account(passphrase: borrowing SecureBytes, at path: DerivationPath) throws -> Account {
        try ExtendedKey.account(seed: seed(passphrase: passphrase), at: path)
    }
}
