import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockSamples
import AirlockSecp256k1
import AirlockSecretKeys
import Testing
import AirlockTransactions
import AirlockCharges

@testable import AirlockSigning

/// An error that is planted after the signature and before the output, and the rule that must catch it.
private struct Planted: CustomTestStringConvertible, Sendable {
    let name: String
    let rule: SelfCheckRule
    /// Changes the input of the self-check.
    let plant: @Sendable (inout Signed) throws -> Void

    init(_ name: String, _ rule: SelfCheckRule, _ plant: @escaping @Sendable (inout Signed) throws -> Void) {
        self.name = name
        self.rule = rule
        self.plant = plant
    }

    var testDescription: String { name }
}

/// The input of the self-check.
private struct Signed {
    var raw: [UInt8]
    var reviewed: UnsignedTransaction
    var payer = SampleKey.payer.address
    var publicKey = SampleKey.payer.secret.publicKey
    var decode: ([UInt8]) throws(TransactionError) -> SignedTransaction = SignedTransaction.init(raw:)

    init() throws {
        reviewed = try #require(try Draft.review().transaction)
        raw = try Self.signed(reviewed)
    }

    static func signed(_ transaction: UnsignedTransaction, by key: SampleKey = .payer) throws -> [UInt8] {
        try SignedTransaction(transaction, key.sign(transaction.signingHash)).raw
    }

    func verify() throws -> SignedTransaction {
        try SelfCheck.verify(raw, of: reviewed, from: payer, publicKey: publicKey, decode: decode)
    }
}

@Suite("The self-check")
struct SelfCheckTests {
    @Test("lets out what was reviewed and signed by the payer")
    func holds() throws {
        let signed = try Signed()
        #expect(try signed.verify().raw == signed.raw)
    }

    private static let planted: [Planted] = [
        Planted("nothing", .notDecodable) { $0.raw = [] },
        Planted("one byte less", .notDecodable) { $0.raw.removeLast() },
        Planted("one byte more", .notDecodable) { $0.raw.append(0) },
        Planted("the unsigned bytes", .notDecodable) { $0.raw = $0.reviewed.encoded },
        Planted("the bytes wrapped in a string", .notDecodable) {
            $0.raw = [0xb9, UInt8($0.raw.count >> 8), UInt8($0.raw.count & 0xff)] + $0.raw
        },
        Planted("a high s", .notDecodable) { signed in
            // The last 32 bytes are s. With its first bit set, s is above half of the order.
            signed.raw[signed.raw.count - 32] |= 0x80
        },
        Planted("a decoder that takes one byte more", .otherEncoding) {
            $0.raw.append(0)
            $0.decode = { bytes throws(TransactionError) in try SignedTransaction(raw: bytes.dropLast()) }
        },
        Planted("another recipient of the call", .otherTransaction) {
            $0.raw = try Signed.signed(altered($0.reviewed) { $0.to = SampleKey.stranger.address })
        },
        Planted("one wei more", .otherTransaction) {
            $0.raw = try Signed.signed(altered($0.reviewed) { $0.value = 1 })
        },
        Planted("the next nonce", .otherTransaction) {
            $0.raw = try Signed.signed(altered($0.reviewed) { $0.nonce += 1 })
        },
        Planted("one gas more", .otherTransaction) {
            $0.raw = try Signed.signed(altered($0.reviewed) { $0.gas += 1 })
        },
        Planted("one bit of the call data", .otherTransaction) {
            $0.raw = try Signed.signed(altered($0.reviewed) { $0.data[300] ^= 1 })
        },
        Planted("another chain", .otherTransaction) {
            $0.raw = try Signed.signed(
                altered($0.reviewed) {
                    $0.form = .dynamicFee(
                        chainID: 1, maxPriorityFeePerGas: $0.maxPriorityFeePerGas, maxFeePerGas: $0.maxFeePerGas,
                        accessList: [])
                })
        },
        Planted("another fee", .otherTransaction) {
            $0.raw = try Signed.signed(
                altered($0.reviewed) {
                    $0.form = .dynamicFee(
                        chainID: 8453, maxPriorityFeePerGas: $0.maxPriorityFeePerGas, maxFeePerGas: 30_000_001,
                        accessList: [])
                })
        },
        Planted("another type", .otherTransaction) {
            $0.raw = try Signed.signed(
                altered($0.reviewed) { $0.form = .legacy(chainID: 8453, gasPrice: $0.maxFeePerGas) })
        },
        Planted("another key", .otherSender) { $0.raw = try Signed.signed($0.reviewed, by: .stranger) },
        Planted("the other parity", .otherSender) {
            let decoded = try SignedTransaction(raw: $0.raw)
            let signature = decoded.signature
            $0.raw = try SignedTransaction(
                decoded.transaction, Signature(r: signature.r, s: signature.s, yParity: 1 - signature.yParity)
            ).raw
        },
        Planted("a signature of another hash", .otherSender) {
            $0.raw = try SignedTransaction($0.reviewed, SampleKey.payer.sign(.keccak([1]))).raw
        },
        Planted("an r that is on no point", .otherSender) {
            let s = try SignedTransaction(raw: $0.raw).signature.s
            $0.raw = try SignedTransaction($0.reviewed, Signature(r: UInt256(5).word, s: s, yParity: 0)).raw
        },
        Planted("another payer", .otherSender) { $0.payer = SampleKey.stranger.address },
        // The first engine recovers the public key from the signature. Only the second engine is given the public key,
        // so only the second engine can find this error.
        Planted("another public key", .secondEngine) { $0.publicKey = SampleKey.stranger.secret.publicKey },
    ]

    private static func altered(
        _ transaction: UnsignedTransaction, _ change: (inout UnsignedTransaction) -> Void
    ) -> UnsignedTransaction {
        var altered = transaction
        change(&altered)
        return altered
    }

    @Test("catches every planted error by its rule, and says that it is a bug", arguments: planted)
    fileprivate func catches(planted: Planted) throws {
        var signed = try Signed()
        try planted.plant(&signed)
        let found = problems { _ = try signed.verify() }
        #expect(found.map(\.code) == [planted.rule.rawValue])
    }

    @Test("has every rule reached")
    func complete() {
        #expect(Set(Self.planted.map(\.rule)) == Set(SelfCheckRule.allCases))
    }
}
