import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockSafes
import AirlockSamples
import AirlockSecp256k1
import AirlockStrictJSON

/// A transaction of a Safe on Base. The Safe has three owners, whose private keys are public. A test can change the
/// values of the transaction.
struct SampleSafe: Sendable {
    static let safe = Address(known: "0x1c694Fc3006D81ff4a56F97E1b99529066a23725")
    static let usdc = Address(known: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913")
    static let alice = SampleKey("alice"), bob = SampleKey("bob"), carol = SampleKey("carol")
    static let owners = [alice.address, bob.address, carol.address]

    var safe = Self.safe
    var nonce: UInt64 = 71
    var value: UInt256 = 0
    var version = "1.4.1"
    var isExecuted = false
    var confirmations: [(owner: Address, signature: String)] = []
    /// The members of the JSON text that are replaced. A member is removed if its value is `nil`.
    var changes: [(String, JSONOutput?)] = []

    var transaction: SafeTransaction {
        SafeTransaction(
            to: Self.usdc, value: value,
            data: [0xa9, 0x05, 0x9c, 0xbb] + SampleKey("payee").address.bytes.bytes.padded
                + UInt256(1_050_000).word.bytes,
            nonce: nonce)
    }

    var hash: Hash {
        get throws {
            transaction.hash(in: SafeDomain(chain: .base, safe: safe, version: try SafeVersion(version)))
        }
    }

    func confirmed(by keys: SampleKey...) throws -> SampleSafe {
        var other = self
        for key in keys { other.confirmations.append((key.address, Hex.encode(try key.sign(hash).bytes))) }
        return other
    }

    func saying(_ name: String, _ value: JSONOutput?) -> SampleSafe {
        var other = self
        other.changes.append((name, value))
        return other
    }

    /// The transaction as JSON text, as the service sends it in version 2 of its interface.
    var json: String {
        get throws {
            var members: [(String, JSONOutput)] = [("safe", .string("\(safe)"))]
            members += transaction.fields.map { ($0.name, .string($0.value)) }
            members += [
                ("operation", 0), ("safeTxHash", .string("\(try hash)")), ("isExecuted", .boolean(isExecuted)),
                ("confirmationsRequired", 2), ("dataDecoded", ["method": "whatever the service says"]),
                (
                    "confirmations",
                    .array(
                        confirmations.map {
                            [
                                "owner": .string("\($0.owner)"), "signatureType": "EOA",
                                "signature": .string($0.signature),
                            ]
                        })
                ),
            ]
            for (name, value) in changes {
                members.removeAll { $0.0 == name }
                if let value { members.append((name, value)) }
            }
            var names: Set<String> = []
            let own = members.reversed().filter { names.insert($0.0).inserted }.reversed()
            // The white space is unusual, so that a test can check that every byte is kept.
            return "{ " + own.map { "\"\($0.0)\" :\($0.1.text)" }.joined(separator: ", ") + "\n}"
        }
    }

    /// Returns the content of the signature file that `airlock sign` writes for an owner.
    func signature(by key: SampleKey, of hash: Hash? = nil) throws -> String {
        let digest = try hash ?? self.hash
        return SignatureFile(
            request: "safe", chain: .base, safe: safe, safeNonce: nonce, digest: digest, signer: key.address,
            signature: try key.sign(digest).bytes, code: ComparisonCode.code(over: [digest])
        ).json.text
    }
}

extension [UInt8] {
    /// The bytes as a word of 32 bytes, with zeros on the left.
    var padded: [UInt8] { Array(repeating: 0, count: 32 - count) + self }
}
