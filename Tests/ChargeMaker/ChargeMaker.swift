public import AirlockEthereumTypes
public import AirlockSecretKeys
public import AirlockStrictJSON
public import AirlockCharges

/// Makes charges like those of the service, signed by an operator of the caller's choice. The demo, the benchmarks and
/// the tests use it; the tools do not.
public enum ChargeMaker {
    /// Makes a charge for an intent. The operator's address and signature come from `operatorKey`. `others` are
    /// additional members, which real charges have and Airlock ignores.
    public static func charge(
        over intent: TransferIntent, chain: Chain, contract: Address, sender: Address,
        expires: String = "2026-01-03T00:00:00Z", signedBy operatorKey: borrowing SecretKey,
        others: [(String, JSONOutput)] = []
    ) throws -> [UInt8] {
        let unsigned = TransferIntent(
            recipientAmount: intent.recipientAmount, deadline: intent.deadline, recipient: intent.recipient,
            recipientCurrency: intent.recipientCurrency, refundDestination: intent.refundDestination,
            feeAmount: intent.feeAmount, id: intent.id, operator: operatorKey.address, signature: [],
            prefix: intent.prefix)
        let hash = unsigned.hash(chain: chain, sender: sender, contract: contract)
        let signature = try operatorKey.sign(unsigned.signedDigest(of: hash))
        let metadata: JSONOutput = [
            "chain_id": .number("\(chain.id)"), "contract_address": .string("\(contract)"),
            "sender": .string("\(sender)"),
        ]
        let callData: JSONOutput = [
            "recipient_amount": .string("\(unsigned.recipientAmount)"),
            "deadline": .string("\(Timestamp(seconds: UInt64(exactly: unsigned.deadline) ?? .max))"),
            "recipient": .string("\(unsigned.recipient)"),
            "recipient_currency": .string("\(unsigned.recipientCurrency)"),
            "refund_destination": .string("\(unsigned.refundDestination)"),
            "fee_amount": .string("\(unsigned.feeAmount)"), "id": .string("\(unsigned.id)"),
            "operator": .string("\(unsigned.operator)"), "signature": .string("\(signature)"),
            "prefix": .string(Hex.encode(unsigned.prefix)),
        ]
        let data: [(String, JSONOutput)] = [
            ("id", "6d1f2c1e-5b0a-4c55-9d7e-0a4b2f3c8e91"), ("created_at", "2026-01-01T00:00:00Z"),
            ("expires_at", .string(expires)),
            ("web3_data", ["transfer_intent": ["metadata": metadata, "call_data": callData]]),
        ]
        return JSONOutput.object([("data", .object(data + others))]).bytes
    }

    /// Makes a policy that allows payments only with the given chain, contract, operator, recipient and currency.
    /// `perPayment` is the maximum amount of one payment, in whole units of the currency.
    public static func policy(
        on chain: Chain, contract: Address, operator: Address, recipient: Address, currency: Address, symbol: String,
        decimals: Int, perPayment: String
    ) -> [UInt8] {
        func entry(_ symbol: String, _ decimals: Int, _ perPayment: String) -> JSONOutput {
            [
                "symbol": .string(symbol), "decimals": .string("\(decimals)"), "perPayment": .string(perPayment),
            ]
        }
        var currencies = [("\(currency)", entry(symbol, decimals, perPayment))]
        // The policy also lists the native currency, because a swap spends it.
        if !currency.isZero { currencies.append(("0x0", entry(chain.nativeSymbol, 18, "0.001"))) }
        let rules: JSONOutput = [
            "contracts": [.string("\(contract)")], "operators": [.string("\(`operator`)")],
            "recipients": .object([("\(recipient)", "Demo shop")]),
            "currencies": .object(currencies),
            "maxNativeValue": "1000000000000000", "maxNetworkFee": "10000000000000000",
        ]
        let policy: JSONOutput = ["airlock": 1, "kind": "policy", "chains": .object([("\(chain.id)", rules)])]
        return policy.bytes
    }
}
