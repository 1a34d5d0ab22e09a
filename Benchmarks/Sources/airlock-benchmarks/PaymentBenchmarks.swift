import AirlockPolicies
import AirlockEthereumTypes
import AirlockGcrypt
import Operations
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSecp256k1
import AirlockSecretKeys
import AirlockSigning
import AirlockTransactions
import AirlockCharges

/// A payment that is made in this process. For comparison, the curve operations that it needs are measured too.
final class PaymentBenchmarks {
    private let payment: SwapPayment
    private let policy: Policy
    private let now: Timestamp
    /// The ledger. It is in memory, so that no disk is measured. The first run records the payment in the ledger; every
    /// later run finds it there.
    private let ledger: LedgerFile

    init(_ payment: consuming SwapPayment, ledger: String) throws {
        policy = try Policy(payment.policy, origin: "benchmarks")
        self.payment = payment
        self.ledger = LedgerFile(ledger)
        now = try Timestamp(SwapPayment.now)
    }

    /// One signature, the yardstick for the speed of a machine.
    var signature: Operation {
        let digest = payment.transaction.signingHash
        return Operation("sign") { [self] in try? payment.payer.sign(digest) }
    }

    /// The curve operations that every payment needs: one signature, and the recovery of the operator's address and of
    /// the sender's address.
    var curve: Operation {
        let digest = payment.transaction.signingHash
        let signature = payment.transaction.signature
        return Operation(Peer.curve) { [self] in
            _ = try? payment.payer.sign(digest)
            _ = try? signature.recoverAddress(digest: digest)
            return try? signature.recoverAddress(digest: digest)
        }
    }

    func all() throws -> [Benchmark] {
        let digest = payment.transaction.signingHash
        let signature = payment.transaction.signature
        let hex = Hex.encode(payment.transaction.raw)
        try verify("recover", signature.recoverAddress(digest: digest) == payment.payer.address)
        try verify("second engine", confirmed())
        try verify("payment", pay() == hex)
        try verify("payment/recorded", payAndRecord() == hex)
        let both = { [self] in (curve.work(1), confirmed()) }
        return [
            Benchmark(self.signature),
            Benchmark("recover") { try? signature.recoverAddress(digest: digest) },
            Benchmark("second engine") { [self] in confirmed() },
            Benchmark("payment") { [self] in try? pay() }.against(curve),
            Benchmark(
                "payment/second engine, ledger", { [self] in try? payAndRecord() },
                against: "curve operations, second engine", both),
        ]
    }

    /// Makes a payment, from the bytes of the charge to the raw transaction in hexadecimal. The charge is read,
    /// verified, checked and reviewed. The transaction is signed and decoded again, and its sender is recovered. The
    /// second engine and the ledger are not used.
    private func pay() throws -> String {
        let planned = try reviewed().plan[0]
        let raw = try SignedTransaction.Content(planned.transaction, payment.payer.sign(planned.signingHash)).raw
        let decoded = try SignedTransaction(raw: raw)
        guard decoded.content.raw == raw, decoded.transaction == planned.transaction,
            try decoded.sender == payment.payer.address
        else {
            throw WrongResult(description: "payment: the signature is wrong")
        }
        return Hex.encode(raw)
    }

    /// Makes the payment as the tool does, with the second engine and the ledger.
    private func payAndRecord() throws -> String {
        let reviewed = try reviewed()
        let signed = try ConsentedPayment.ofPolicy(for: reviewed).sign(with: payment.payer, recordingIn: ledger)
        return Hex.encode(signed.transactions[0].raw ?? [])
    }

    private func reviewed() throws -> ReviewedPayment {
        var request = PaymentRequest(try UnverifiedCharge(payment.charge), now: now)
        request.policy = policy
        request.method = "swapAndTransferUniswapV3Native"
        request.value = SwapPayment.value
        request.nonce = SwapPayment.nonce
        request.gas = SwapPayment.gas
        request.maxFeePerGas = SwapPayment.maxFeePerGas
        request.maxPriorityFeePerGas = SwapPayment.maxPriorityFeePerGas
        request.key = payment.payer.address
        let review = Review(request)
        guard let reviewed = review.payment else {
            throw WrongResult(description: review.problems.map(\.message).joined(separator: "\n"))
        }
        return reviewed
    }

    private func confirmed() -> Bool {
        let digest = payment.transaction.signingHash
        let signature = payment.transaction.signature
        return
            (try? ECDSA.verifies(
                digest: digest.inline.span, r: signature.r.inline.span, s: signature.s.inline.span,
                publicKey: payment.payer.publicKey.bytes.inline.span)) ?? false
    }
}
