import AirlockTokens
import AirlockABI
import AirlockEthereumTypes
import Testing
import AirlockCharges

@Suite("The contract's functions and deployments")
struct TransferMethodTests {
    /// The function selector of each method, copied from the contract's source code.
    private static let selectors: [TransferMethod: String] = [
        .transferNative: "0xfc8f31e0", .transferToken: "0x6614eb71", .transferTokenPreApproved: "0x04e0fc36",
        .wrapAndTransfer: "0x47a8c964", .unwrapAndTransfer: "0x80747a83",
        .unwrapAndTransferPreApproved: "0xe5368147", .swapAndTransferUniswapV3Native: "0x8bf122da",
        .swapAndTransferUniswapV3Token: "0xccba8aac", .swapAndTransferUniswapV3TokenPreApproved: "0xf2fda4ae",
        .subsidizedTransferToken: "0x1d7f10ac",
    ]

    @Test("have the selectors that are known of them", arguments: TransferMethod.allCases)
    func selector(method: TransferMethod) {
        #expect(method.function.selector.description == Self.selectors[method])
        #expect(method.function.name == method.rawValue)
        #expect(method.spendsNative == (method.function.mutability == .payable))
        #expect(!method.summary.isEmpty)
    }

    @Test("pool fees are Uniswap's four tiers")
    func poolFees() {
        #expect(TransferMethod.poolFees == [100, 500, 3000, 10000])
        #expect(TransferMethod.defaultPoolFee == 500)
    }

    @Test(
        "deployments are those that were published",
        arguments: [
            (
                1, "0x1FA57f879417e029Ef57D7Ce915b0aA56A507C31", "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
                "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"
            ),
            (
                137, "0x288844216a63638381784E0C1081A3826fD5a2E4", "0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359",
                "0x0d500B1d8E8eF31E21C99d1Db9A6444d3ADf1270"
            ),
            (
                8453, "0x03059433BCdB6144624cC2443159D9445C32b7a8", "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
                "0x4200000000000000000000000000000000000006"
            ),
            (
                11_155_111, "0x96A08D8e8631b6dB52Ea0cbd7232d9A85d239147",
                "0x1c7D4B196Cb0C7B01d743Fbc6116a902379C7238", "0xfFf9976782d46CC05630D1f6eBAb18b2324d6B14"
            ),
            (
                84_532, "0x96A08D8e8631b6dB52Ea0cbd7232d9A85d239147", "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
                "0x4200000000000000000000000000000000000006"
            ),
        ] as [(UInt64, String, String, String)])
    func deployment(chain: UInt64, transfers: String, usdc: String, wrapped: String) throws {
        let deployment = try #require(Deployment.on(Chain(id: chain)))
        #expect(deployment.chain.id == chain)
        #expect(deployment.transfers.description == transfers)
        let tokens = try #require(KnownTokens.on(Chain(id: chain)))
        #expect(tokens.usdc.description == usdc)
        #expect(tokens.wrappedNative.description == wrapped)
    }

    @Test("no other chain has one, and the operator is known")
    func others() {
        #expect((Deployment.current + Deployment.rehearsal).map(\.chain.id) == [1, 137, 8453, 11_155_111, 84_532])
        #expect(Deployment.on(Chain(id: 10)) == nil)
        #expect(Deployment.operator.description == "0x8fcCC78Dae0a8f93B0fE6799de888d4C57e273db")
    }
}
