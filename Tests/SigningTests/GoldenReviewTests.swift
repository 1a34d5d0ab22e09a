import AirlockTokens
import AirlockEthereumTypes
import Foundation
import AirlockPaymentFiles
import AirlockSamples
import AirlockSigning
import Testing
import AirlockCharges
import AirlockTestSupport

@Suite("The review of each method")
struct GoldenReviewTests {
    static func review(_ method: TransferMethod, _ change: (inout Draft) -> Void = { _ in }) throws -> Review {
        try Draft.review {
            switch method {
            case .transferNative: $0.pay(in: .zero)
            case .wrapAndTransfer: $0.pay(in: wrapped)
            case .transferTokenPreApproved:
                $0.conditions?.approval = nil
                $0.edit {
                    $0.approve = true
                    $0.rungs = 2
                    $0.cancel = true
                }
            case .transferToken: $0.spend(usdc, by: method)
            case .subsidizedTransferToken: $0.subsidize()
            case .unwrapAndTransfer, .unwrapAndTransferPreApproved:
                $0.pay(in: .zero)
                $0.spend(wrapped, by: method)
            case .swapAndTransferUniswapV3Token, .swapAndTransferUniswapV3TokenPreApproved:
                $0.spend(wrapped, by: method)
                $0.edit { $0.value = 400_000_000_000_000 }
            case .swapAndTransferUniswapV3Native:
                $0.rules { $0["recipients"] = nil }
                $0.edit {
                    $0.method = method.rawValue
                    $0.value = 400_000_000_000_000
                }
            }
            change(&$0)
        }
    }

    @Test("in words is the text that a person has read and found good", arguments: [60, 80])
    func words(width: Int) throws {
        let folder = PackageRoot.url("packaging/erc7730").path
        let hash = try DescriptorFolder(folder, policy: nil, at: Timestamp(seconds: SampleCharge.deadline)).entries[0]
            .files[0].hash
        let review = try Draft.review {
            $0.policy["descriptors"] = "[\(quoted(hash))]"
            $0.edit {
                $0.descriptors = try? DescriptorFolder(
                    folder, policy: $0.policy, at: Timestamp(seconds: SampleCharge.deadline))
            }
        }
        #expect(review.payment != nil && review.rendering?.description != nil)
        if ProcessInfo.processInfo.environment["AIRLOCK_RECORD"] != nil {
            try Fixture.record(review.text(width: width), "reviews/words-\(width).txt")
        }
        let golden = try Fixture.bytes("reviews/words-\(width).txt")
        #expect(review.text(width: width) == String(decoding: golden, as: UTF8.self))
    }

    @Test("is the text that a person has read and found good", arguments: TransferMethod.allCases, [60, 80])
    func golden(method: TransferMethod, width: Int) throws {
        let review = try Self.review(method)
        #expect(review.payment != nil)
        // To record the expected texts again, run: AIRLOCK_RECORD=1 swift test --filter GoldenReviewTests. Then read
        // the recorded texts.
        if ProcessInfo.processInfo.environment["AIRLOCK_RECORD"] != nil {
            try Fixture.record(review.text(width: width), "reviews/\(method.rawValue)-\(width).txt")
        }
        let golden = try Fixture.bytes("reviews/\(method.rawValue)-\(width).txt")
        #expect(review.text(width: width) == String(decoding: golden, as: UTF8.self))
    }
}

extension Draft {
    /// Sets the payment method, and the token that the payer spends. The payer's balance and allowance of this token
    /// are sufficient.
    fileprivate mutating func spend(_ token: Address, by method: TransferMethod) {
        let symbol = token == wrapped ? "WETH" : "USDC"
        let decimals: UInt64 = token == wrapped ? 18 : 6
        conditions?.token = Conditions.Token(
            address: token, symbol: symbol, decimals: decimals, balance: 1_000_000_000_000_000_000)
        let spender = method.source == .permitted ? Permit2Transfer.contract : transfers
        conditions?.approval = Conditions.Approval(spender: spender, allowance: .max, resetFirst: false)
        edit { $0.method = method.rawValue }
    }
}
