import AirlockABI
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockTransactions

/// The contract by which an OP-stack chain says what a transaction's data costs on Ethereum, outside of its gas.
enum L1FeeOracle {
    static let address = Address(known: "0x420000000000000000000000000000000000000F")

    static func isAsked(on chain: Chain) -> Bool { chain == .base || chain == .baseSepolia }

    /// What the transactions cost together. The fee is small, and the chain takes it whether it was known or not.
    static func fee(of calls: [CallRequest], under conditions: Conditions, _ node: EthereumNode) async -> UInt256? {
        var sum: UInt256? = .zero
        for call in calls {
            let fee = await fee(
                of: UnsignedTransaction(
                    nonce: conditions.nonce ?? 0, gas: conditions.gas ?? 0, to: call.to, value: call.value,
                    data: call.data,
                    form: .dynamicFee(
                        chainID: conditions.chain.id, maxPriorityFeePerGas: conditions.maxPriorityFeePerGas ?? .zero,
                        maxFeePerGas: conditions.maxFeePerGas ?? .zero, accessList: [])), node)
            sum = fee.flatMap { sum?.adding($0) }
        }
        return sum
    }

    /// The oracle wants the transaction before it is signed, and adds the signature's size itself. Nothing when there is
    /// no answer.
    private static func fee(of transaction: UnsignedTransaction, _ node: EthereumNode) async -> UInt256? {
        let data = ABIWriter.encode(Selector(signature: "getL1Fee(bytes)"), words: 1) { writer in
            writer.append(bytes: transaction.encoded.span)
        }
        do throws(NodeError) {
            return FixedBytes<32>(try await node.call(CallRequest(to: address, data: data))).map { UInt256($0) }
        } catch { return nil }
    }
}
