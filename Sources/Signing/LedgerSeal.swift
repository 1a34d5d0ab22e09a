import AirlockEthereumTypes
import AirlockGcrypt
import Glibc
import AirlockSecp256k1
import AirlockSecretKeys

/// Authenticates the index of a ledger with what only the signing key can make, so that nobody else can have an entry
/// left out of it: a signature over a text of its own, which never leaves the process, is the key of an HMAC.
final class LedgerSeal: Sendable {
    let address: Address
    private let secret: SecureBytes

    init(_ key: borrowing SecretKey) throws {
        address = key.address
        var bytes = try key.sign(.keccak(Array("airlock ledger index 1".utf8))).bytes
        defer {
            unsafe bytes.withUnsafeMutableBytes { memory in
                if let start = memory.baseAddress { unsafe explicit_bzero(start, memory.count) }
            }
        }
        secret = try SecureBytes(copying: bytes.span)
    }

    func code(of bytes: [UInt8]) throws -> [UInt8] {
        try secret.withBytes { key in
            try MessageDigest.authenticate(.sha256, key: key, bytes.span).withBytes { code in
                code.indices.map { code[$0] }
            }
        }
    }
}
