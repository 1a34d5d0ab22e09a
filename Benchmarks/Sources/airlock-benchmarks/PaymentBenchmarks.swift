import ABI
import EthereumTypes
import Gcrypt
import Secp256k1
import SecretKeys
import StrictJSON
import Transactions
import TransferProtocol

/// A payment's steps, each alone and all together.
enum PaymentBenchmarks {
    static func all(ledger: String) throws -> [Benchmark] {
        let payment = try SwapPayment(ledger: ledger)
        let transaction = try SignedTransaction(
            payment.transaction, payment.payer.sign(payment.transaction.signingHash))
        let lists = try ListBenchmarks.all(raw: transaction.raw, call: payment.call)
        return try transactions(transaction) + lists + calls(payment) + charges(payment) + curve(payment, transaction)
    }

    /// The hash of the same transaction by eth-account, over call data by eth-abi.
    private static let reference = "0x8116b1b23a6d4ea456ce2a064983b0679d2339f5f17cc19a6e53032476352475"

    /// RLP both ways.
    private static func transactions(_ transaction: SignedTransaction) throws -> [Benchmark] {
        let raw = transaction.raw
        var buffer: [UInt8] = []
        transaction.encode(into: &buffer)
        try verify("rlp/encode", raw.count == 702 && Hash.keccak(raw) == Hash(hex: reference))
        try verify("rlp/encode/reused", buffer == raw)
        try verify("rlp/decode", SignedTransaction(raw: raw) == transaction)
        return [
            Benchmark("rlp/encode/702B") { transaction.raw },
            Benchmark("rlp/encode/702B/reused") { transaction.encode(into: &buffer) },
            Benchmark("rlp/decode/702B") { try? SignedTransaction(raw: raw) },
        ]
    }

    /// The swap's call data.
    private static func calls(_ payment: SwapPayment) throws -> [Benchmark] {
        let intent = payment.call.charge.contents.intent
        let selector = payment.call.method.function.selector
        try verify("abi/encode/swap", swap(intent, selector) == payment.call.data)
        return [Benchmark("abi/encode/swap") { swap(intent, selector) }]
    }

    private static func swap(_ intent: TransferIntent, _ selector: Selector) -> [UInt8] {
        ABIWriter.encode(selector, words: 2) { writer in
            writer.tuple(words: 10) { writer in
                writer.append(intent.recipientAmount)
                writer.append(intent.deadline)
                writer.append(intent.recipient)
                writer.append(intent.recipientCurrency)
                writer.append(intent.refundDestination)
                writer.append(intent.feeAmount)
                writer.append(intent.id)
                writer.append(intent.operator)
                writer.append(bytes: intent.signature.span)
                writer.append(bytes: intent.prefix.span)
            }
            writer.append(TransferMethod.defaultPoolFee)
        }
    }

    /// The charge's text: as JSON alone, and as the fields that are used.
    private static func charges(_ payment: SwapPayment) throws -> [Benchmark] {
        let charge = payment.charge
        try verify("json/charge", JSONDocument(charge).root["data"]?["web3_data"]?["transfer_intent"] != nil)
        try verify("charge/read", UnverifiedCharge(charge) == payment.call.charge.contents)
        return [
            Benchmark("json/charge") { try? JSONDocument(charge) },
            Benchmark("charge/read") { try? UnverifiedCharge(charge) },
        ]
    }

    /// Signing, and the whole payment beside the curve operations that it cannot do without.
    private static func curve(_ payment: SwapPayment, _ transaction: SignedTransaction) throws -> [Benchmark] {
        let digest = transaction.transaction.signingHash
        let signature = transaction.signature
        let publicKey = payment.payer.publicKey
        func secondEngine() -> Bool {
            (try? ECDSA.verifies(
                digest: digest.inline.span, r: signature.r.inline.span, s: signature.s.inline.span,
                publicKey: publicKey.bytes.inline.span)) ?? false
        }
        func operations() -> Bool {
            // The signature, the operator recovered, the sender recovered, and the second engine's opinion.
            _ = try? payment.payer.sign(digest)
            _ = try? signature.recoverAddress(digest: digest)
            _ = try? signature.recoverAddress(digest: digest)
            return secondEngine()
        }
        try verify("sign", transaction.sender == payment.payer.address)
        try verify("recover", signature.recoverAddress(digest: digest) == payment.payer.address)
        try verify("second engine", secondEngine())
        try verify("payment", payment.pay() == Hex.encode(transaction.raw))
        return [
            Benchmark("sign") { try? payment.payer.sign(digest) },
            Benchmark("recover") { try? signature.recoverAddress(digest: digest) },
            Benchmark("payment", { try? payment.pay() }, against: "its own curve operations", operations),
        ]
    }
}
