import EthereumTypes
import PaymentFiles
import Samples
import Signing
import Testing
import TransferProtocol

@Suite("The review of each method")
struct GoldenReviewTests {
    private static func review(_ method: TransferMethod) throws -> Review {
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
            case .swapAndTransferUniswapV3Native:
                $0.rules { $0["recipients"] = nil }
                $0.edit {
                    $0.method = .named(method)
                    $0.value = 400_000_000_000_000
                }
            }
        }
    }

    @Test("is the text that a person has read and found good", arguments: TransferMethod.allCases, [60, 80])
    func golden(method: TransferMethod, width: Int) throws {
        let review = try Self.review(method)
        #expect(review.payment != nil)
        let golden = try Fixture.bytes("reviews/\(method.rawValue)-\(width).txt")
        #expect(review.text(width: width) == String(decoding: golden, as: UTF8.self))
    }
}
