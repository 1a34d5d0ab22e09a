import EthereumTypes
import Gcrypt
import Secp256k1
import SecretKeys

/// Authenticates the index of a ledger with what only the signing key can make, so that nobody else can have an entry
/// left out of it: a signature over a text of its own, which never leaves the process, is the key of an HMAC.
struct LedgerSeal: Sendable {
    let address: Address
    private let secret: [UInt8]

    init(_ key: borrowing SecretKey) throws {
        address = key.address
        secret = try key.sign(.keccak(Array("airlock ledger index 1".utf8))).bytes
    }

    func code(of bytes: [UInt8]) throws -> [UInt8] {
        try MessageDigest.authenticate(.sha256, key: secret.span, bytes.span).withBytes { code in
            code.indices.map { code[$0] }
        }
    }
}
