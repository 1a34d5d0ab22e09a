import AirlockBroadcast
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockRequests
import AirlockSamples
import AirlockSecp256k1
import AirlockTokens
import AirlockTransactions
import AirlockCharges
import AirlockTransfers

/// Valid charges, and payments of these charges. A test can change their values.
enum SamplePayment {
    static let usdc = Address(known: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913")

    static func charge(_ change: (inout SampleCharge) -> Void = { _ in }) throws -> Charge {
        var charge = SampleCharge()
        change(&charge)
        return try Charge(charge.signed().bytes)
    }

    static func preparation() throws -> Preparation {
        let charge = try charge()
        return Preparation(charge.contents, from: charge.contents.sender)
    }

    /// Creates a charge in native currency.
    static func nativeCharge() throws -> Charge {
        try charge { $0["recipient_currency"] = quoted(Address.zero) }
    }

    static func call(_ charge: Charge) throws -> PaymentCall {
        let method: TransferMethod =
            charge.contents.intent.recipientCurrency.isZero ? .transferNative : .transferTokenPreApproved
        return try PaymentCall(paying: charge, by: method, value: nil, poolFee: nil, wrappedNative: nil)
    }

    static func signed(
        nonce: UInt64 = 7, to: Address?, value: UInt256 = 0, data: [UInt8] = [], chainID: UInt64 = 8453,
        fee: UInt256 = 30_000_000, by key: SampleKey = .payer
    ) throws -> SignedTransaction {
        let transaction = UnsignedTransaction(
            nonce: nonce, gas: 200_000, to: to, value: value, data: data,
            form: .dynamicFee(chainID: chainID, maxPriorityFeePerGas: 1, maxFeePerGas: fee, accessList: []))
        return try SignedTransaction(transaction, key.sign(transaction.signingHash))
    }

    static func pay(_ charge: Charge, nonce: UInt64 = 7, fee: UInt256 = 30_000_000) throws -> SignedTransaction {
        let call = try call(charge)
        return try signed(nonce: nonce, to: call.to, value: call.value, data: call.data, fee: fee)
    }

    /// Creates the payment file of a permit. Somebody else sends the call that contains the permit. If `digest` is
    /// given, the payer has signed this digest instead of the permit's.
    static func permit(
        _ charge: Charge, digest other: Hash? = nil, code: String? = nil, method: TransferMethod? = nil
    ) throws -> Payment {
        let call = try PaymentCall(
            paying: charge, by: .subsidizedTransferToken, value: nil, poolFee: nil, wrappedNative: nil)
        let (contents, separator) = (charge.contents, Hash.keccak([2]))
        let own = TokenPermit(
            owner: contents.sender, spender: call.to, value: contents.needed, nonce: 0,
            deadline: contents.intent.deadline, domainSeparator: separator)
        let digest = other ?? own.digest
        let signature = try SampleKey.payer.sign(digest).bytes
        let permit = Payment.Permit(
            signature: signature, domainSeparator: separator, to: call.to, data: call.permitted(by: signature).data)
        return Payment(
            .first(name: contents.id, id: contents.intent.id, method: (method ?? call.method).rawValue),
            chain: contents.chain, from: contents.sender, expires: contents.deadline, policyHash: .zero,
            ledgerHead: nil, code: code ?? ComparisonCode.code(over: [digest]),
            transactions: [Payment.Transaction(permit, nonce: 0, digest: digest)])
    }

    /// Creates the payment file of a charge from the transactions that pay the charge.
    static func file(
        _ charge: Charge, _ transactions: [(Payment.Role, SignedTransaction)], ledgerHead: Hash? = nil
    ) throws -> Payment {
        let contents = charge.contents
        return Payment(
            .first(name: contents.id, id: contents.intent.id, method: try call(charge).method.rawValue),
            chain: contents.chain,
            from: contents.sender, expires: contents.deadline, policyHash: .zero,
            ledgerHead: ledgerHead,
            code: ComparisonCode.code(over: transactions.map(\.1.transaction.signingHash)),
            transactions: transactions.map { role, signed in
                Payment.Transaction(
                    role: role, rung: role == .cancel ? nil : 0, nonce: signed.transaction.nonce, hash: signed.hash,
                    raw: signed.raw)
            })
    }

    /// Creates the signed payment of a transfer of 5 atomic units, in native currency or in a token. If `expires` is
    /// given, the payment file contains this deadline.
    static func transfer(of token: Address? = nil, expires: Timestamp? = nil) throws -> SignedPayment {
        let transfer = try Transfer(
            chain: Chain(id: 8453), from: SampleKey.payer.address, to: SampleCharge.recipient, token: token, amount: 5)
        let signed = try signed(to: transfer.target, value: transfer.value, data: transfer.data)
        let reference = transfer.reference(payer: SampleKey.payer.address)
        return try SignedPayment(
            Payment(
                .request(kind: Transfer.kind, key: reference.key, reference: ""), chain: transfer.chain,
                from: SampleKey.payer.address, expires: expires, policyHash: .zero, ledgerHead: nil,
                code: ComparisonCode.code(over: [signed.transaction.signingHash]),
                transactions: [
                    Payment.Transaction(role: .pay, rung: 0, nonce: 7, hash: signed.hash, raw: signed.raw)
                ]))
    }

    /// Creates the signed payment of a charge in native currency.
    static func signedPayment() throws -> SignedPayment {
        let charge = try nativeCharge()
        return try SignedPayment(file(charge, [(.pay, pay(charge))]))
    }
}

extension SignedPayment {
    /// The charge that this payment fulfils, as read from its transactions; `nil` if the payment is not for a charge.
    var charge: UnverifiedCharge? { reading?.request as? UnverifiedCharge }
}
