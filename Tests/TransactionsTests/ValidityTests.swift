import AirlockEthereumTypes
import AirlockDiagnostics
import Testing
import AirlockTransactions

@Suite("What any node refuses")
struct ValidityTests {
    private static func transaction(
        nonce: UInt64 = 0, gas: UInt64 = 10_000_000, to: Address? = .zero, data: [UInt8] = [],
        form: UnsignedTransaction.Form = .legacy(chainID: 1, gasPrice: 1)
    ) -> UnsignedTransaction {
        UnsignedTransaction(nonce: nonce, gas: gas, to: to, value: 0, data: data, form: form)
    }

    private static func fees(chainID: UInt64 = 1, _ priority: UInt256, _ max: UInt256) -> UnsignedTransaction.Form {
        .dynamicFee(chainID: chainID, maxPriorityFeePerGas: priority, maxFeePerGas: max, accessList: [])
    }

    private static let initcode = [UInt8](repeating: 0, count: 49_152)

    @Test(
        "is said, all of it at once",
        arguments: [
            (transaction(), []),
            (transaction(nonce: .max - 1), []),
            (transaction(nonce: .max), [.lastNonce]),
            (transaction(form: .legacy(chainID: nil, gasPrice: 1)), []),
            (transaction(form: .legacy(chainID: 0, gasPrice: 1)), [.noChain]),
            (transaction(form: fees(chainID: 0, 1, 1)), [.noChain]),
            (transaction(form: fees(7, 7)), []),
            (transaction(form: fees(8, 7)), [.priorityAboveMax]),
            (transaction(gas: 1 << 63, form: .legacy(chainID: 1, gasPrice: .max)), [.feeOverflow]),
            (transaction(gas: 1 << 63, form: fees(1, UInt256.max.half)), [.feeOverflow]),
            (transaction(gas: 21_000), []),
            (transaction(gas: 20_999), [.gasTooLow]),
            (transaction(to: nil, data: initcode), []),
            (transaction(to: nil, data: initcode + [0]), [.initcodeTooLong]),
            (transaction(to: .zero, data: initcode + [0]), []),
            (
                transaction(nonce: .max, gas: 0, to: nil, data: initcode + [0], form: fees(chainID: 0, 1, 0)),
                [.noChain, .lastNonce, .priorityAboveMax, .gasTooLow, .initcodeTooLong]
            ),
        ] as [(UnsignedTransaction, [TransactionRule])])
    func problems(transaction: UnsignedTransaction, rules: [TransactionRule]) {
        #expect(transaction.problems.map(\.code) == rules.map(\.rawValue))
    }

    @Test("names the figures")
    func messages() {
        let low = Self.transaction(gas: 20_999).problems
        #expect(low.map(\.message) == [TransactionRule.gasTooLow.meaning + "; saw 20999; expected at least 21000"])
        let priority = Self.transaction(form: Self.fees(8, 7)).problems
        #expect(
            priority.map(\.message)
                == [TransactionRule.priorityAboveMax.meaning + "; saw 8 wei; expected at most 7 wei"])
    }

    /// The expected gas was computed by hand from the EIPs.
    @Test(
        "counts the gas that a transaction costs before it does anything",
        arguments: [
            (.zero, 0, 0, [], 21_000, 21_000),
            // EIP-2028: 4 gas for a zero byte, 16 gas for any other byte. The floor of EIP-7623: 10 gas for a zero
            // byte, 40 gas for any other byte.
            (.zero, 1, 0, [], 21_004, 21_010),
            (.zero, 0, 1, [], 21_016, 21_040),
            (.zero, 68, 32, [], 21_784, 22_960),
            // EIP-2: 32000 gas for a contract creation. EIP-3860: 2 gas for each 32 bytes; an incomplete group of 32
            // bytes counts as a whole one.
            (nil, 0, 0, [], 53_000, 21_000),
            (nil, 1, 0, [], 53_006, 21_010),
            (nil, 32, 0, [], 53_130, 21_320),
            (nil, 33, 0, [], 53_136, 21_330),
            // A contract creation whose intrinsic gas (53000 + 2000 · 4 · 4 + 63 · 2) is below its floor (21000 + 2000
            // · 40).
            (nil, 0, 2_000, [], 85_126, 101_000),
            // EIP-2930: 2400 gas for each address and 1900 for each storage key. A repeated entry costs the same again.
            (.zero, 0, 0, [0], 23_400, 21_000),
            (.zero, 0, 0, [2, 0, 1], 33_900, 21_000),
        ] as [(Address?, Int, Int, [Int], UInt64, UInt64)])
    func gas(to: Address?, zeros: Int, others: Int, keys: [Int], intrinsic: UInt64, floor: UInt64) {
        let accessList = keys.map {
            AccessListEntry(address: .zero, storageKeys: [FixedBytes<32>](repeating: .zero, count: $0))
        }
        let transaction = Self.transaction(
            to: to, data: [UInt8](repeating: 0, count: zeros) + [UInt8](repeating: 9, count: others),
            form: .accessList(chainID: 1, gasPrice: 1, accessList: accessList))
        #expect(transaction.intrinsicGas == intrinsic)
        #expect(transaction.floorGas == floor)
        #expect(transaction.minimumGas == max(intrinsic, floor))
    }

    @Test("counts the most that gas can cost")
    func networkFee() {
        #expect(Self.transaction(gas: 21_000, form: Self.fees(1, 3)).maxNetworkFee == 63_000)
        #expect(Self.transaction(gas: 1, form: Self.fees(1, .max)).maxNetworkFee == .max)
        #expect(Self.transaction(gas: 2, form: Self.fees(1, .max)).maxNetworkFee == nil)
    }
}

extension UInt256 {
    fileprivate var half: UInt256 { quotientAndRemainder(dividingBy: 2)?.quotient ?? 0 }
}
