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
            let fee = await fee(of: transaction(call, conditions, gas: conditions.gas), node)
            sum = fee.flatMap { sum?.adding($0) }
        }
        return sum
    }

    private static func transaction(
        _ call: CallRequest, _ conditions: Conditions, gas: UInt64?
    ) -> UnsignedTransaction {
        UnsignedTransaction(
            nonce: conditions.nonce ?? 0, gas: gas ?? 0, to: call.to, value: call.value, data: call.data,
            form: .dynamicFee(
                chainID: conditions.chain.id, maxPriorityFeePerGas: conditions.maxPriorityFeePerGas ?? .zero,
                maxFeePerGas: conditions.maxFeePerGas ?? .zero, accessList: call.accessList))
    }

    /// The highest of what each costs by itself; `nil` where the oracle does not answer for one of them.
    static func highest(of calls: [CallRequest], under conditions: Conditions, _ node: EthereumNode) async -> UInt256? {
        let questions = calls.map { question(transaction($0, conditions, gas: Simulation.mostGas)) }
        do throws(NodeError) {
            let answers = try await node.askInParts(questions)
            let fees = answers.compactMap { answer in
                (try? answer.get()).flatMap { FixedBytes<32>($0) }.map { UInt256($0) }
            }
            return fees.count == calls.count ? fees.max() : nil
        } catch { return nil }
    }

    /// The oracle wants the transaction before it is signed, and adds the signature's size itself. `nil` when there is
    /// no answer.
    private static func fee(of transaction: UnsignedTransaction, _ node: EthereumNode) async -> UInt256? {
        do throws(NodeError) {
            let (answer) = try await node.askTogether(question(transaction))
            return FixedBytes<32>(answer).map { UInt256($0) }
        } catch { return nil }
    }

    private static func question(_ transaction: UnsignedTransaction) -> NodeQuestion<[UInt8]> {
        let data = ABIWriter.encode(Selector(signature: "getL1Fee(bytes)"), words: 1) { writer in
            writer.append(bytes: transaction.encoded.span)
        }
        return .call(CallRequest(to: address, data: data))
    }
}
