import AirlockEthereumTypes
import AirlockSafes
import AirlockStrictJSON
import AirlockTypedData
import Testing

/// Test vectors for Safes: transactions from other libraries and from the chain, messages, and hashes that an
/// organisation published for its signers.
@Suite("Conformance: Safe", .needsVectors)
struct SafeVectors {
    private static func domain(_ value: JSONValue) throws -> SafeDomain {
        let chain = try #require(try UInt64(exactly: value.integer("chainId")))
        return try SafeDomain(
            chain: Chain(id: chain), safe: Address(anyCase: value.text("safe")),
            version: SafeVersion(value.text("version")))
    }

    private static func transaction(_ value: JSONValue) throws -> SafeTransaction {
        let operation = try #require(try UInt64(exactly: value.integer("operation")).flatMap { UInt8(exactly: $0) })
        return try SafeTransaction(
            to: Address(anyCase: value.text("to")), value: value.integer("value"), data: value.bytes("data"),
            operation: #require(SafeOperation(rawValue: operation)), safeTxGas: value.integer("safeTxGas"),
            baseGas: value.integer("baseGas"), gasPrice: value.integer("gasPrice"),
            gasToken: Address(anyCase: value.text("gasToken")),
            refundReceiver: Address(anyCase: value.text("refundReceiver")),
            nonce: #require(try UInt64(exactly: value.integer("nonce"))))
    }

    @Test("transactions of all versions have their three hashes, and their signatures are their owners'")
    func transactions() throws {
        conform("Safe transactions", try Vectors.json("safe/safetx.json").cases()) { value in
            let (domain, transaction) = try (Self.domain(value), Self.transaction(value))
            try same("the domain hash", "\(domain.hash)", value.text("domainHash"))
            try same("the message hash", "\(transaction.messageHash(domain.version))", value.text("messageHash"))
            let hash = transaction.hash(in: domain)
            try same("the hash", "\(hash)", value.text("safeTxHash"))
            for confirmation in value["confirmations"]?.elements ?? [] {
                let signed = try Confirmation(
                    owner: Address(anyCase: confirmation.text("owner")), signature: confirmation.bytes("signature"),
                    at: "")
                try same("the confirmation", signed.standing(hash), .signed)
            }
            for name in ["signatureEOA", "signatureETH_SIGN"] where value[name]?.string != nil {
                let signed = try Confirmation(
                    owner: Address(anyCase: value.text("owner")), signature: value.bytes(name), at: "")
                try same(name, signed.standing(hash), .signed)
            }
        }
    }

    @Test("messages have their hashes")
    func messages() throws {
        conform("Safe messages", try Vectors.json("safe/safemessage.json").cases()) { value in
            let domain = try Self.domain(value)
            let inner = try Hash(hex: value.text("innerHash"))
            try same("the domain hash", "\(domain.hash)", value.text("domainHash"))
            try same("the message hash", "\(SafeDomain.messageHash(of: inner))", value.text("messageHash"))
            try same(
                "the hash", "\(domain.digest(of: SafeDomain.messageHash(of: inner)))", value.text("safeMessageHash"))
        }
    }

    @Test("hashes that were published for signers have the domain of their Safe, and their digest")
    func published() throws {
        let file = try Vectors.json("safe/superchain-ops-domain-message-hashes.json")
        conform("published Safe hashes", try file.cases()) { value in
            let (domain, message) = try (Hash(hex: value.text("domainHash")), Hash(hex: value.text("messageHash")))
            try same(
                "the hash", "\(TypedDataDomain.digest(structHash: message, separator: domain))",
                value.text("safeTxHash"))
            guard value["domainFormula"]?.string == ">=1.3.0" else { return }
            let chain = try #require(try UInt64(exactly: value.integer("chainId")))
            let own = try SafeDomain(
                chain: Chain(id: chain), safe: Address(anyCase: value.text("safe")), version: SafeVersion("1.4.1"))
            try same("the domain hash", own.hash, domain)
            try same("the digest", "\(own.digest(of: message))", value.text("safeTxHash"))
        }
    }
}
