import AirlockABI
import AirlockEthereumTypes
import AirlockStrictJSON
import AirlockTransactions
import AirlockCharges

/// The operations of the codecs in a payment: on its transaction, its call data and its charge.
public enum PaymentOperations {
    public static func all(_ payment: borrowing SwapPayment) throws -> [Operation] {
        try transactions(payment.transaction.content) + calls(payment.call) + charges(payment.charge, payment.call)
    }

    /// Returns the operations that encode and decode the transaction in RLP.
    private static func transactions(_ transaction: SignedTransaction.Content) throws -> [Operation] {
        let raw = transaction.raw
        var buffer: [UInt8] = []
        transaction.encode(into: &buffer)
        try verify("rlp/encode", raw.count == 702 && Hash.keccak(raw) == Hash(hex: SwapPayment.reference))
        try verify("rlp/encode/reused", buffer == raw)
        try verify("rlp/decode", SignedTransaction.Content(raw: raw) == transaction)
        return [
            Operation("rlp/encode/702B") { transaction.raw },
            Operation(name: "rlp/encode/702B/reused") { count in
                // `buffer` is declared inside the closure. If it were a captured variable, Swift would check every
                // access to it, and these checks would take time.
                var buffer: [UInt8] = []
                for _ in 0..<count {
                    transaction.encode(into: &buffer)
                    keep { buffer }
                }
            },
            Operation(name: "rlp/decode/702B") { count in
                // `Operation.init(_:isElsewhere:_:)` is not used here, because its loop would copy the large result two
                // more times.
                for _ in 0..<count { keep { try SignedTransaction.Content(raw: raw) } }
            },
        ]
    }

    /// Returns the operations that encode and decode the call data of the swap.
    private static func calls(_ call: PaymentCall) throws -> [Operation] {
        let intent = call.charge.contents.intent
        let function = call.method.function
        let selector = function.selector
        try verify("abi/encode/swap", swap(intent, selector) == call.data)
        try verify("abi/decode/swap", function.encodeCall(function.decodeCall(call.data)) == call.data)
        let (read, _) = try fields(call.data, selector)
        try verify("abi/decode/swap/typed", read == intent && swap(read, selector) == call.data)
        return [
            Operation("abi/encode/swap") { swap(intent, selector) },
            Operation("abi/decode/swap") { try function.decodeCall(call.data) },
            Operation("abi/decode/swap/typed") { try fields(call.data, selector) },
        ]
    }

    /// Returns the intent and the pool fee that the call data contains.
    private static func fields(_ data: [UInt8], _ selector: Selector) throws -> (TransferIntent, UInt64) {
        var reader = try ABIReader(data, after: selector, words: 2)
        let outside = try reader.enterTuple(words: 10)
        let intent = TransferIntent(
            recipientAmount: try reader.uint256(), deadline: try reader.uint256(), recipient: try reader.address(),
            recipientCurrency: try reader.address(), refundDestination: try reader.address(),
            feeAmount: try reader.uint256(), id: try reader.fixedBytes(), operator: try reader.address(),
            signature: try reader.bytes(), prefix: try reader.bytes())
        reader.leave(to: outside)
        let fee = try reader.uint64(bits: 24)
        try reader.finish()
        return (intent, fee)
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

    /// Returns two operations that read the charge. The first reads it only as JSON. The second also reads all the
    /// fields that Airlock uses.
    private static func charges(_ charge: [UInt8], _ call: PaymentCall) throws -> [Operation] {
        try verify("json/charge", JSONDocument(charge).root["data"]?["web3_data"]?["transfer_intent"] != nil)
        try verify("charge/read", UnverifiedCharge(charge) == call.charge.contents)
        return [
            Operation("json/charge") { try JSONDocument(charge) },
            Operation("charge/read") { try UnverifiedCharge(charge) },
        ]
    }
}
