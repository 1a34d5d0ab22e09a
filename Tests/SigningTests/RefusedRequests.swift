import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockSamples
import AirlockSigning
import AirlockCharges

/// A request that is refused, with all the problems that must be reported.
struct RefusedRequest: CustomStringConvertible, Sendable {
    let description: String
    let refusals: [Refusal]
    let change: @Sendable (inout Draft) -> Void

    init(_ name: String, _ refusals: Refusal..., change: @escaping @Sendable (inout Draft) -> Void) {
        self.init(name, refusals: refusals, change: change)
    }

    init(_ name: String, refusals: [Refusal], change: @escaping @Sendable (inout Draft) -> Void) {
        self.description = name
        self.refusals = refusals
        self.change = change
    }

    init(_ name: String, _ code: String, _ field: String?, change: @escaping @Sendable (inout Draft) -> Void) {
        self.init(name, Refusal(code, field), change: change)
    }
}

private let callData = UnverifiedCharge.callData
private let metadata = UnverifiedCharge.metadata

enum RefusedRequests {
    static let all =
        charges + policies + times + keys + conditions + methods + swaps + money + missing + RefusedPermits.all
        + together

    private static let charges = [
        RefusedRequest("of a charge that somebody else signed", "charge.signature-mismatch", "\(callData)/signature") {
            $0.signer = .stranger
        },
        RefusedRequest("of another chain, typed", "conditions.other-chain", "chain:") {
            $0.edit { $0.chain = .ethereum }
        },
        RefusedRequest("with conditions of another chain", "conditions.other-chain", "/chainId") {
            $0.conditions?.chain = .polygon
        },
        RefusedRequest("with conditions of another sender", "conditions.other-sender", "/sender") {
            $0.conditions?.sender = SampleKey.stranger.address
        },
    ]

    private static let policies = [
        RefusedRequest("on a chain that is not listed", "policy.chain-not-listed", "\(metadata)/chain_id") {
            $0.policy["chains"] = "{\"1\":\(SampleFile.rules.json)}"
        },
        RefusedRequest("of a policy without a chain", "policy.chain-not-listed", "\(metadata)/chain_id") {
            $0.policy["chains"] = "{}"
        },
        RefusedRequest(
            "by a contract that is not listed", "policy.contract-not-listed", "\(metadata)/contract_address"
        ) { $0.rules { $0["contracts"] = "[\(quoted(usdc))]" } },
        RefusedRequest(
            "under a policy without contracts", "policy.contract-not-listed", "\(metadata)/contract_address"
        ) { $0.rules { $0["contracts"] = nil } },
        RefusedRequest("of an operator who is not listed", "policy.operator-not-listed", "\(callData)/operator") {
            $0.rules { $0["operators"] = "[\(quoted(SampleKey.stranger.address))]" }
        },
        RefusedRequest("under a policy without operators", "policy.operator-not-listed", "\(callData)/operator") {
            $0.rules { $0["operators"] = "[]" }
        },
        RefusedRequest("to a recipient who is not listed", "policy.recipient-not-listed", "\(callData)/recipient") {
            $0.rules { $0["recipients"] = "{\(quoted(usdc)):\"somebody\"}" }
        },
        RefusedRequest("to nobody who is listed", "policy.recipient-not-listed", "\(callData)/recipient") {
            $0.rules { $0["recipients"] = "{}" }
        },
        RefusedRequest(
            "in a currency that is not listed", "policy.currency-not-listed", "\(callData)/recipient_currency"
        ) { $0.rules { $0["currencies"] = SampleFile.currencies.with("\(usdc)", nil).json } },
        RefusedRequest("one unit above the cap", "policy.over-payment-cap", "\(callData)/recipient_amount") {
            $0.currency("\(usdc)") { $0["perPayment"] = "\"1.049999\"" }
        },
        RefusedRequest(
            "with a fee that brings it above the cap", "policy.over-payment-cap", "\(callData)/recipient_amount"
        ) { $0.currency("\(usdc)") { $0["perPayment"] = "\"1.0395\"" } },
        RefusedRequest("above a cap of nothing", "policy.over-payment-cap", "\(callData)/recipient_amount") {
            $0.currency("\(usdc)") { $0["perPayment"] = "\"0\"" }
        },
        RefusedRequest("above the cap per day", "policy.over-day-cap", "\(callData)/recipient_amount") {
            $0.currency("\(usdc)") { $0["perDay"] = "\"1.049999\"" }
        },
        RefusedRequest("of a swap above the native cap per day", "policy.over-day-cap", "value:") {
            $0.currency("0x0") { $0["perDay"] = "\"0.0001\"" }
            $0.edit {
                $0.method = "swapAndTransferUniswapV3Native"
                $0.value = 100_000_000_000_001
            }
        },
        RefusedRequest("by a swap of native currency that is not listed", "policy.currency-not-listed", "value:") {
            $0.rules { $0["currencies"] = SampleFile.currencies.with("0x0", nil).json }
            $0.edit {
                $0.method = "swapAndTransferUniswapV3Native"
                $0.value = 1
            }
        },
        RefusedRequest("that wraps native currency that is not listed", "policy.currency-not-listed", "method:") {
            $0.pay(in: wrapped)
            $0.rules { $0["currencies"] = SampleFile.currencies.with("0x0", nil).json }
        },
        RefusedRequest(
            "of more native currency than the cap", "policy.over-native-cap",
            "/data/web3_data/transfer_intent/call_data/recipient_amount"
        ) {
            $0.pay(in: .zero)
            $0.rules { $0["maxNativeValue"] = "\"1049999\"" }
        },
        RefusedRequest("of more wrapped currency than the native cap", "policy.over-native-cap", "value:") {
            $0.pay(in: wrapped)
            $0.rules { $0["maxNativeValue"] = "\"0\"" }
        },
        RefusedRequest("of a swap above the cap of the native currency", "policy.over-native-cap", "value:") {
            $0.currency("0x0") { $0["perPayment"] = "\"0.0001\"" }
            $0.edit {
                $0.method = "swapAndTransferUniswapV3Native"
                $0.value = 100_000_000_000_001
            }
        },
        RefusedRequest("with an L1 fee one wei above the cap of fees", "policy.over-network-fee-cap", "/l1Fee") {
            $0.rules { $0["maxNetworkFee"] = "\"5402499999999\"" }
        },
        RefusedRequest("with a network fee one wei above the cap", "policy.over-network-fee-cap", "/maxFeePerGas") {
            $0.rules { $0["maxNetworkFee"] = "\"5399999999999\"" }
        },
    ]

    private static let times = [
        RefusedRequest("a second after the deadline", "charge.expired", "\(callData)/deadline") {
            $0.now = Timestamp(seconds: SampleCharge.deadline + 1)
            $0.policy["maxConditionsAge"] = "\"4000\""
        },
        RefusedRequest("before the deadline, by a block after it", "charge.expired", "\(callData)/deadline") {
            $0.now = Timestamp(seconds: SampleCharge.deadline)
            $0.conditions?.block = block(SampleCharge.deadline + 1)
        },
        RefusedRequest("with conditions that are a second too old", "conditions.too-old", "/block/timestamp") {
            $0.policy["maxConditionsAge"] = "\"59\""
        },
        RefusedRequest("with conditions of the future", "conditions.from-the-future", "/block/timestamp") {
            $0.conditions?.block = block(SampleCharge.deadline - 3600 + 901)
        },
        RefusedRequest("by a block of the far future", "conditions.from-the-future", "/block/timestamp") {
            $0.conditions?.block = block(.max)
        },
        RefusedRequest(
            "by a block of the far future, whatever age is allowed", "conditions.from-the-future", "/block/timestamp"
        ) {
            $0.policy["maxConditionsAge"] = nil
            $0.conditions?.block = block(.max)
        },
        RefusedRequest("with conditions of no known age", "sign.missing-value", "/block") {
            $0.conditions?.block = nil
        },
    ]

    private static let keys = [
        RefusedRequest("by another key", "key.not-the-payer", "\(metadata)/sender") {
            $0.edit { $0.key = SampleKey.stranger.address }
        }
    ]

    private static let conditions = [
        RefusedRequest("with conditions of another token", "conditions.other-token", "/token/address") {
            $0.conditions?.token = Conditions.Token(address: wrapped, symbol: "WETH", decimals: 18, balance: .max)
            $0.edit { $0.method = "transferTokenPreApproved" }
        },
        RefusedRequest(
            "with other decimals of the token than the policy's", "conditions.other-decimals", "/token/decimals"
        ) {
            $0.conditions?.token = Conditions.Token(address: usdc, symbol: "USDC", decimals: 18, balance: 5_000_000)
        },
        RefusedRequest("with an allowance to another", "conditions.other-spender", "/approval/spender") {
            $0.conditions?.approval = Conditions.Approval(spender: usdc, allowance: .max, resetFirst: false)
            $0.edit { $0.method = "transferTokenPreApproved" }
        },
        RefusedRequest("with one unit too little of the token", "money.token-balance-too-low", "/token/balance") {
            $0.conditions?.token = Conditions.Token(address: usdc, symbol: "USDC", decimals: 6, balance: 1_049_999)
            $0.edit { $0.method = "transferTokenPreApproved" }
        },
        RefusedRequest("with one unit too little allowed", "money.allowance-too-low", "/approval/allowance") {
            $0.conditions?.approval = Conditions.Approval(
                spender: transfers, allowance: 1_049_999, resetFirst: false)
            $0.edit { $0.method = "transferTokenPreApproved" }
        },
        RefusedRequest(
            "with too little of the token for an approval to help", "money.token-balance-too-low", "/token/balance"
        ) {
            $0.conditions?.token = Conditions.Token(address: usdc, symbol: "USDC", decimals: 6, balance: 0)
            $0.edit {
                $0.method = "transferTokenPreApproved"
                $0.approve = true
            }
        },
    ]

    private static let methods = [
        RefusedRequest("that leaves a choice, without a balance", "method.none-fits", "method:") {
            $0.conditions?.token = nil
        },
        RefusedRequest("that leaves a choice, without enough of a balance", "method.none-fits", "method:") {
            $0.conditions?.token = Conditions.Token(address: usdc, symbol: "USDC", decimals: 6, balance: 1_049_999)
        },
        RefusedRequest("that leaves a choice, with a balance of another token", "method.none-fits", "method:") {
            $0.conditions?.token = Conditions.Token(address: wrapped, symbol: "WETH", decimals: 18, balance: .max)
        },
        RefusedRequest("that leaves a choice, without an allowance", "method.none-fits", "method:") {
            $0.conditions?.approval = nil
        },
        RefusedRequest("that leaves a choice, without conditions", "method.none-fits", "method:") {
            $0.conditions = nil
            $0.edit(typeAll)
        },
        RefusedRequest(
            "in native currency of a token", "method.incorrect-currency", "\(callData)/recipient_currency"
        ) { $0.edit { $0.method = "transferNative" } },
        RefusedRequest(
            "wrapping on a chain whose wrapped currency nobody knows", "method.wrapped-native-unknown",
            "\(callData)/recipient_currency"
        ) {
            $0.charge[metadata: "chain_id"] = "31337"
            $0.conditions?.chain = Chain(id: 31337)
            $0.policy["chains"] = "{\"31337\":\(SampleFile.rules.with("wrappedNative", nil).json)}"
            $0.edit { $0.method = "wrapAndTransfer" }
        },
        RefusedRequest("with a value that is not exact", "method.value-not-exact", "value:") {
            $0.pay(in: .zero)
            $0.edit { $0.value = 1_050_001 }
        },
        RefusedRequest("with a pool fee and no swap", "method.pool-fee-without-swap", "poolFee:") {
            $0.edit { $0.poolFee = 500 }
        },
    ]

    private static let swaps = [
        swap("by a swap without a value", "method.swap-without-value", "value:") { _ in },
        swap("by a swap of nothing", "method.swap-with-zero-value", "value:") { $0.edit { $0.value = 0 } },
        swap("by a swap in a pool that there is not", "method.unknown-pool-fee", "poolFee:") {
            $0.edit {
                $0.value = 1
                $0.poolFee = 499
            }
        },
        swap("by a proposed swap in a pool that there is not", "method.unknown-pool-fee", "poolFee:") {
            $0.conditions?.poolFee = 1
            $0.edit { $0.value = 1 }
        },
        // The policy's highest price is 4e14 wei for each token, which is 4.2e14 wei for 1.05 tokens.
        swap("by a proposed swap one wei above the policy's price", "policy.over-price-cap", "/value") {
            $0.conditions?.value = 420_000_000_000_001
        },
        swap("by a proposed swap of more than can be multiplied", "policy.over-price-cap", "/value") {
            $0.conditions?.value = .max
        },
        swap("by a proposed swap, without a price in the policy", "method.swap-without-value", "value:") {
            $0.conditions?.value = 1
            $0.rules { $0["maxNativePerToken"] = nil }
        },
        RefusedRequest(
            "by a proposed swap in a currency whose decimals nobody knows",
            Refusal("policy.currency-not-listed", "\(callData)/recipient_currency"),
            Refusal("method.swap-without-value", "value:")
        ) {
            $0.conditions?.value = 1
            $0.rules { $0["currencies"] = SampleFile.currencies.with("\(usdc)", nil).json }
            $0.edit { $0.method = "swapAndTransferUniswapV3Native" }
        },
    ]

    private static func swap(
        _ name: String, _ code: String, _ field: String, _ change: @escaping @Sendable (inout Draft) -> Void
    ) -> RefusedRequest {
        RefusedRequest(name, code, field) {
            change(&$0)
            $0.edit { $0.method = "swapAndTransferUniswapV3Native" }
        }
    }

    private static let money = [
        // The fees are 180000 gas at 30000000 wei, plus the L1 fee for the data. A payment in USDC spends native
        // currency only for these fees.
        RefusedRequest("with one wei too little for the fees", "money.native-balance-too-low", "/nativeBalance") {
            $0.conditions?.nativeBalance = 5_402_499_999_999
        },
        RefusedRequest("with one wei too little for value and fees", "money.native-balance-too-low", "/nativeBalance") {
            $0.pay(in: .zero)
            $0.conditions?.nativeBalance = 5_402_501_049_999
        },
        RefusedRequest("with more gas than a transaction may use", "money.gas-above-limit", "/gas") {
            $0.conditions?.gas = 16_777_217
        },
        RefusedRequest("with less gas than any call of its size costs", "transaction.gas-below-intrinsic", "/gas") {
            $0.conditions?.gas = 21_000
        },
        RefusedRequest("with the last nonce of all", "transaction.last-nonce", "/nonce") {
            $0.conditions?.nonce = .max
        },
        RefusedRequest(
            "with a priority fee above the highest fee", "transaction.priority-fee-above-max-fee", "/maxFeePerGas"
        ) {
            $0.conditions?.maxPriorityFeePerGas = 30_000_001
        },
        RefusedRequest("with nonces beyond the last", "transaction.last-nonce", "nonce:") {
            $0.conditions?.approval = Conditions.Approval(spender: transfers, allowance: 5, resetFirst: true)
            $0.edit {
                $0.approve = true
                $0.nonce = .max - 1
            }
        },
        RefusedRequest("with fees beyond 256 bits", "transaction.network-fee-overflow", "/maxFeePerGas") {
            $0.conditions?.maxFeePerGas = .max
        },
        RefusedRequest("with a fee for data beyond 256 bits", "money.overflow", "/l1Fee") {
            $0.conditions?.l1Fee = .max
        },
        RefusedRequest(
            "with value and fees beyond 256 bits", Refusal("money.overflow", "/maxFeePerGas"),
            Refusal("policy.over-day-cap", "value:")
        ) {
            $0.edit {
                $0.method = "swapAndTransferUniswapV3Native"
                $0.value = .max
            }
        },
        RefusedRequest("with a cancel whose fee is beyond 256 bits", "money.overflow", "/maxFeePerGas") {
            $0.conditions?.maxFeePerGas = .max
            $0.edit { $0.cancel = true }
        },
    ]

    private static let missing = [
        RefusedRequest("without a nonce", "sign.missing-value", "/nonce") { $0.conditions?.nonce = nil },
        RefusedRequest("without gas", "sign.missing-value", "/gas") { $0.conditions?.gas = nil },
        RefusedRequest("without a highest fee", "sign.missing-value", "/maxFeePerGas") {
            $0.conditions?.maxFeePerGas = nil
        },
        RefusedRequest("without a priority fee", "sign.missing-value", "/maxPriorityFeePerGas") {
            $0.conditions?.maxPriorityFeePerGas = nil
        },
        RefusedRequest("without the gas of an approval", "sign.missing-value", "/approveGas") {
            $0.conditions?.approveGas = nil
            $0.conditions?.approval = nil
            $0.edit { $0.approve = true }
        },
        RefusedRequest(
            "without anything", Refusal("sign.missing-value", "nonce:"), Refusal("sign.missing-value", "gas:"),
            Refusal("sign.missing-value", "maxFeePerGas:"), Refusal("sign.missing-value", "maxPriorityFeePerGas:")
        ) {
            $0.conditions = nil
            $0.pay(in: .zero)
        },
    ]

    /// A request with many faults. All of them must be reported at once, in the order of the checks.
    private static let together = [
        RefusedRequest(
            "that is wrong in every way", Refusal("conditions.other-chain", "chain:"),
            Refusal("conditions.other-chain", "/chainId"), Refusal("conditions.other-sender", "/sender"),
            Refusal("policy.contract-not-listed", "\(metadata)/contract_address"),
            Refusal("policy.operator-not-listed", "\(callData)/operator"),
            Refusal("policy.recipient-not-listed", "\(callData)/recipient"),
            Refusal("policy.currency-not-listed", "\(callData)/recipient_currency"),
            Refusal("charge.expired", "\(callData)/deadline"), Refusal("conditions.too-old", "/block/timestamp"),
            Refusal("key.not-the-payer", "\(metadata)/sender"),
            Refusal("money.token-balance-too-low", "/token/balance"),
            Refusal("money.allowance-too-low", "/approval/allowance"),
            Refusal("transaction.priority-fee-above-max-fee", "/maxFeePerGas"),
            Refusal("money.gas-above-limit", "/gas"), Refusal("policy.over-network-fee-cap", "/maxFeePerGas"),
            Refusal("money.native-balance-too-low", "/nativeBalance"), Refusal("ledger.missing", "/ledgerHead")
        ) {
            $0.now = Timestamp(seconds: SampleCharge.deadline + 3600)
            $0.conditions?.chain = .ethereum
            $0.conditions?.sender = SampleKey.stranger.address
            $0.conditions?.gas = 20_000_000
            $0.conditions?.maxPriorityFeePerGas = 40_000_000
            $0.conditions?.nativeBalance = 0
            $0.conditions?.token = Conditions.Token(address: usdc, symbol: "USDC", decimals: 6, balance: 0)
            $0.conditions?.approval = Conditions.Approval(spender: transfers, allowance: 0, resetFirst: false)
            $0.conditions?.ledgerHead = .keccak([9])
            $0.rules {
                $0 = SampleFile(members: [("recipients", "{}"), ("maxNetworkFee", "\"1\"")])
            }
            $0.edit {
                $0.chain = .polygon
                $0.method = "transferTokenPreApproved"
                $0.key = SampleKey.stranger.address
            }
        }
    ]

    private static func block(_ seconds: UInt64) -> Conditions.Block {
        Conditions.Block(number: 1, hash: .keccak([]), timestamp: Timestamp(seconds: seconds))
    }

    /// Sets the nonce, the gas limit and the fees, as if the user had typed them. Without this call, they are taken
    /// from the conditions file.
    @Sendable static func typeAll(_ request: inout PaymentRequest) {
        request.nonce = 7
        request.gas = 180_000
        request.maxFeePerGas = 30_000_000
        request.maxPriorityFeePerGas = 1_000_000
    }
}
