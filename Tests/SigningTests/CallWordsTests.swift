import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockPolicies
import AirlockRequestKinds
import AirlockSamples
import AirlockSigning
import AirlockTestSupport
import Foundation
import Testing

/// Calls whose reviews a treasurer must be able to understand. The descriptors were written for these tests.
enum SampleCall: String, CaseIterable, Sendable {
    case swap
    case deposit

    static let router = Address(known: "0x2626664c2603336E57B271c5C0b26F421741e481")
    static let vault = Address(known: "0x54235780057CC828C92aA40e3b02053881990153")
    private static let payer = SampleKey.payer.address
    private static let swapType =
        "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))"

    var request: String {
        let head = "\"airlock\":1,\"kind\":\"call\",\"chainId\":\"8453\",\"from\":\"\(Self.payer)\""
        return switch self {
        case .swap:
            """
            {\(head),"to":"\(Self.router)","value":"0","function":"\(Self.swapType)","arguments":[["\(usdc)",
            "\(wrapped)","500","\(Self.payer)","1500000","400000000000000","0"]],"reference":"rebalance 12"}
            """
        case .deposit:
            """
            {\(head),"to":"\(Self.vault)","value":"0","function":"deposit(uint256,address)",
            "arguments":["1500000","\(Self.payer)"],"reference":"vault, November"}
            """
        }
    }

    /// The policy's rules for the called contract.
    var rules: String {
        switch self {
        case .swap:
            """
            {"\(Self.router)":{"name":"Uniswap router","functions":{"\(Self.swapType)":{
            "arguments":{"0.3":["\(Self.payer)"]},"spends":{"token":"\(usdc)","argument":"0.4"}}}}}
            """
        case .deposit:
            """
            {"\(Self.vault)":{"name":"USDC vault","functions":{"deposit(uint256,address)":{
            "spends":{"token":"\(usdc)","argument":"0"}}}}}
            """
        }
    }

    var descriptor: String {
        let (contract, key, intent, sentence, fields) =
            switch self {
            case .swap:
                (
                    Self.router,
                    """
                    exactInputSingle((address tokenIn,address tokenOut,uint24 fee,address recipient,uint256 amountIn,\
                    uint256 amountOutMinimum,uint160 sqrtPriceLimitX96) params)
                    """, "Swap", "Swap {params.amountIn} for at least {params.amountOutMinimum}",
                    """
                    {"path":"params.amountIn","label":"Give","format":"tokenAmount","params":{"tokenPath":"params.tokenIn"}},
                    {"path":"params.amountOutMinimum","label":"Receive at least","format":"tokenAmount",
                    "params":{"tokenPath":"params.tokenOut"}},
                    {"path":"params.recipient","label":"Receiver","format":"addressName"},
                    {"path":"params.fee","label":"Pool fee","format":"unit","params":{"base":"%","decimals":4}}
                    """
                )
            case .deposit:
                (
                    Self.vault, "deposit(uint256 assets,address receiver)", "Deposit into the vault",
                    "Deposit {assets} for {receiver}",
                    """
                    {"path":"assets","label":"Deposit","format":"tokenAmount","params":{"token":"\(usdc)"}},
                    {"path":"receiver","label":"Shares to","format":"addressName"}
                    """
                )
            }
        return """
            {"$schema":"erc7730-v2.schema.json",
            "context":{"contract":{"deployments":[{"chainId":8453,"address":"\(contract)"}]}},
            "display":{"formats":{"\(key)":{"intent":"\(intent)","interpolatedIntent":"\(sentence)","fields":[\(fields)]}}}}
            """
    }

    /// Returns the review under a policy that lists the call and trusts the descriptor.
    func review() throws -> Review {
        let scratch = try Scratch()
        scratch.file("calldata-\(rawValue).json", descriptor)
        var rules = SampleFile.rules
        rules["calls"] = self.rules
        rules["recipients"] =
            "{\(quoted(Self.payer)):\"Treasury\",\(quoted(Self.router)):\"Uniswap router\",\(quoted(Self.vault)):\"USDC vault\"}"
        let policy = SampleFile.policy.with("chains", "{\"8453\":\(rules.json)}")
            .with("descriptors", "[\(quoted(try SampleDescriptor.hash(descriptor)))]")
        var request = PaymentRequest(
            try RequestKinds.read(Array(self.request.utf8)), now: Timestamp(seconds: SampleCharge.deadline - 3600))
        request.conditions = .sample
        request.conditions?.approval = nil
        request.policy = try Policy(policy.bytes, origin: "policy.json")
        request.key = Self.payer
        request.descriptors = try DescriptorFolder(
            scratch.path, policy: request.policy, at: Timestamp(seconds: SampleCharge.deadline))
        return Review(request)
    }
}

@Suite("The review of a call in words")
struct CallWordsTests {
    @Test("is the text that a person has read and found good", arguments: SampleCall.allCases, [60, 80])
    func golden(call: SampleCall, width: Int) throws {
        let review = try call.review()
        #expect(review.problems.isEmpty, "\(review.problems)")
        #expect(review.rendering?.description != nil)
        if ProcessInfo.processInfo.environment["AIRLOCK_RECORD"] != nil {
            try Fixture.record(review.text(width: width), "reviews/call-\(call.rawValue)-\(width).txt")
        }
        let golden = try Fixture.bytes("reviews/call-\(call.rawValue)-\(width).txt")
        #expect(review.text(width: width) == String(decoding: golden, as: UTF8.self))
    }
}
