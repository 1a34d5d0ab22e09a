import AirlockEthereumTypes
public import AirlockGcrypt
import AirlockSecp256k1
public import AirlockSecretKeys

/// A secret key and the chain code with which its children are made (BIP-32).
struct ExtendedKey: ~Copyable {
    let key: SecretKey
    let chainCode: SecureBytes

    /// BIP-32, "Master key generation".
    init(seed: borrowing SecureBytes) throws {
        let master = Array("Bitcoin seed".utf8)
        try self.init(seed.withBytes { try MessageDigest.authenticate(.sha512, key: master.span, $0) }) { left in
            try SecretKey(SecureBytes(copying: left))
        }
    }

    /// - Parameter key: makes the key of the left half of `digest`; the right half is the chain code.
    private init(_ digest: consuming SecureBytes, key: (Span<UInt8>) throws -> SecretKey) throws {
        // A half that makes no key has a chance below 2^-127. BIP-32 lets the caller go on to the next index; a wallet
        // that did so silently would show another account than the path says.
        let left = try digest.withBytes { try key($0.extracting(first: 32)) }
        let right = try digest.withBytes { try SecureBytes(copying: $0.extracting(last: 32)) }
        self.key = left
        self.chainCode = right
    }

    /// BIP-32, "Private parent key → private child key".
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

    /// The key at the end of a path.
    static func key(seed: borrowing SecureBytes, at path: DerivationPath) throws -> SecretKey {
        var node = try ExtendedKey(seed: seed)
        for index in path.indices { node = try node.child(index) }
        return node.key
    }
}

extension Mnemonic {
    /// The key at the end of a path.
    public borrowing func key(passphrase: borrowing SecureBytes, at path: DerivationPath) throws -> SecretKey {
        try ExtendedKey.key(seed: seed(passphrase: passphrase), at: path)
    }
}

extension MutableSpan<UInt8> {
    /// Writes `bytes` from `start` on.
    mutating func copy(_ bytes: Span<UInt8>, at start: Int) {
        for index in bytes.indices { self[start + index] = bytes[index] }
    }
}
