import AirlockEthereumTypes
import Foundation
import Testing
import AirlockToolSupport

private let callData = "/data/web3_data/transfer_intent/call_data"

@Suite("Conditions under which nothing is signed")
struct ConditionRefusals {
    @Test("are those of another payment", arguments: ofAnotherPayment)
    func others(refusal: RefusedRun) throws { try refusal.check() }

    @Test("are those in which something is missing: it is named, and never guessed", arguments: missingValues)
    func missing(refusal: RefusedRun) throws { try refusal.check() }

    @Test("are those of no form that Airlock writes", arguments: malformed)
    func form(refusal: RefusedRun) throws { try refusal.check() }

    @Test("are those that no node would take, or that would revert", arguments: hopeless)
    func values(refusal: RefusedRun) throws { try refusal.check() }

    @Test("are those under which the method does not fit", arguments: methods)
    func choice(refusal: RefusedRun) throws { try refusal.check() }
}

private let ofAnotherPayment = [
    RefusedRun("another chain", 10, ["conditions.other-chain": "/chainId"]) {
        try $0.edit("conditions.json", "\"8453\"", "\"1\"")
    },
    RefusedRun("another sender", 10, ["conditions.other-sender": "/sender"]) {
        try $0.edit("conditions.json", "\(SamplePayment.payer)", "\(SamplePayment.operator)")
    },
    RefusedRun("another token", 10, ["conditions.other-token": "/token/address"]) {
        $0.set("-m", "transferTokenPreApproved")
        try $0.edit("conditions.json", "\(SamplePayment.usdc)", "\(SamplePayment.wrappedNative)")
        try $0.edit("conditions.json", "\"decimals\":\"6\"", "\"decimals\":\"18\"")
    },
    RefusedRun("a token with other decimals than the policy's", 10, ["conditions.other-decimals": "/token/decimals"]) {
        try $0.edit("conditions.json", "\"decimals\":\"6\"", "\"decimals\":\"18\"")
    },
    RefusedRun("another spender", 10, ["conditions.other-spender": "/approval/spender"]) {
        $0.set("-m", "transferTokenPreApproved")
        try $0.edit("conditions.json", "\(SamplePayment().contract)", "\(SamplePayment.payer)")
    },
    RefusedRun("another chain by hand", 10, ["conditions.other-chain": "--chain"]) { $0.set("--chain", "polygon") },
    RefusedRun("measured too long ago", 10, ["conditions.too-old": "/block/timestamp"]) {
        try $0.edit("conditions.json", "1773131359", "1773127848")
    },
    RefusedRun("measured in the future", 10, ["conditions.from-the-future": "/block/timestamp"]) {
        try $0.edit("conditions.json", "1773131359", "1773132350")
    },
]

/// Returns a change that removes a member from the conditions file.
private func without(_ field: String, _ value: String) -> @Sendable (Workspace) throws -> Void {
    { try $0.edit("conditions.json", "\"\(field)\":\"\(value)\",", "") }
}

private let quantities = [
    ("nonce", "7", "--nonce"), ("gas", "180000", "--gas"), ("maxFeePerGas", "30000000", "--max-fee"),
    ("maxPriorityFeePerGas", "1000000", "--priority-fee"),
]

private let missingValues: [RefusedRun] =
    quantities.map { field, value, _ in
        RefusedRun("no \(field) in the file", 64, ["sign.missing-value": "/\(field)"], without(field, value))
    }
    + quantities.map { _, _, missing in
        RefusedRun("no \(missing) by hand", 64, ["sign.missing-value": missing]) { workspace in
            byHand(workspace)
            workspace.drop(missing)
        }
    }
    + [
        RefusedRun(
            "all four of the file", 64,
            [
                "sign.missing-value": "/nonce", "sign.missing-value": "/gas", "sign.missing-value": "/maxFeePerGas",
                "sign.missing-value": "/maxPriorityFeePerGas",
            ]
        ) { workspace in
            for (field, value, _) in quantities { try without(field, value)(workspace) }
        },
        RefusedRun(
            "all four by hand", 64,
            [
                "sign.missing-value": "--nonce", "sign.missing-value": "--gas", "sign.missing-value": "--max-fee",
                "sign.missing-value": "--priority-fee",
            ]
        ) { workspace in
            byHand(workspace)
            workspace.drop("--nonce", "--gas", "--max-fee", "--priority-fee")
        },
        RefusedRun("no block, where the policy asks how old", 64, ["sign.missing-value": "/block"]) { workspace in
            let text = try workspace.content("conditions.json")
            let start = try #require(text.range(of: "\"block\"")).lowerBound
            let end = try #require(text.range(of: "\"nativeBalance\"")).lowerBound
            workspace.write("conditions.json", String(text[..<start] + text[end...]))
        },
        RefusedRun(
            "the key and the nonce", 64, ["usage.missing-value": "--key", "sign.missing-value": "/nonce"]
        ) { workspace in
            workspace.drop("-k")
            try without("nonce", "7")(workspace)
        },
    ]

/// Removes the conditions file from the command line. Gives the payment method, the nonce, the gas limit and the fees
/// as options instead.
private func byHand(_ workspace: Workspace) {
    workspace.drop("-c")
    workspace.set("-m", "transferTokenPreApproved")
    workspace.set("--nonce", "7")
    workspace.set("--gas", "180000")
    workspace.set("--max-fee", "0.03gwei")
    workspace.set("--priority-fee", "0.001gwei")
}

private let malformed = [
    RefusedRun("a member that nobody knows", 65, ["json.unknown-field": "/gasPrice"]) {
        try $0.edit("conditions.json", "\"nonce\":", "\"gasPrice\":\"1\",\"nonce\":")
    },
    RefusedRun("a member given twice", 65, ["json.duplicate-key": "/nonce"]) {
        try $0.edit("conditions.json", "\"nonce\":\"7\"", "\"nonce\":\"7\",\"nonce\":\"8\"")
    },
    RefusedRun("a nonce that is a number", 65, ["json.wrong-type": "/nonce"]) {
        try $0.edit("conditions.json", "\"nonce\":\"7\"", "\"nonce\":7")
    },
    RefusedRun("a nonce of 2^64", 65, ["value.too-large": "/nonce"]) {
        try $0.edit("conditions.json", "\"nonce\":\"7\"", "\"nonce\":\"18446744073709551616\"")
    },
    RefusedRun("a fee in gwei", 65, ["value.not-a-decimal-integer": "/maxFeePerGas"]) {
        try $0.edit("conditions.json", "\"30000000\"", "\"0.03gwei\"")
    },
    RefusedRun("another version", 65, ["format.unknown-version": "/airlock"]) {
        try $0.edit("conditions.json", "\"airlock\":1", "\"airlock\":2")
    },
    RefusedRun("another kind", 65, ["format.unknown-kind": "/kind"]) {
        try $0.edit("conditions.json", "\"kind\":\"conditions\"", "\"kind\":\"payment\"")
    },
    RefusedRun("no version and no kind", 65, ["json.missing-field": "/airlock", "json.missing-field": "/kind"]) {
        try $0.edit("conditions.json", "\"airlock\":1,\"kind\":\"conditions\",", "")
    },
    RefusedRun("the charge again", 65, ["format.unknown-kind": "charge.json"]) { $0.set("-c", "charge.json") },
    RefusedRun(
        "two files that are malformed", 65,
        ["json.missing-field": "\(callData)/prefix", "json.missing-field": "/chainId"]
    ) {
        try $0.edit("charge.json", "\"prefix\":", "\"other\":")
        try $0.edit("conditions.json", "\"chainId\":\"8453\",", "")
    },
]

private let hopeless = [
    RefusedRun("the last nonce", 65, ["transaction.last-nonce": "--nonce"]) { $0.set("--nonce", "\(UInt64.max)") },
    RefusedRun("too little gas", 65, ["transaction.gas-below-intrinsic": "--gas"]) { $0.set("--gas", "21000") },
    RefusedRun("more gas than any transaction may use", 10, ["money.gas-above-limit": "--gas"]) {
        $0.set("--gas", "16777217")
    },
    RefusedRun("a priority fee above the maximum", 65, ["transaction.priority-fee-above-max-fee": "--priority-fee"]) {
        $0.set("--priority-fee", "30000001")
    },
    RefusedRun("a fee that overflows", 65, ["transaction.network-fee-overflow": "--max-fee"]) {
        $0.set("--max-fee", "\(UInt256.max)")
    },
    RefusedRun("a value and a fee that overflow", 10, ["money.overflow": "/maxFeePerGas"]) { workspace in
        workspace.set("-m", "swapAndTransferUniswapV3Native")
        workspace.set("--value", "\(UInt256.max)")
    },
    RefusedRun("a total that overflows", 10, ["money.overflow": "/l1Fee"]) {
        try $0.edit("conditions.json", "\"nativeBalance\":", "\"l1Fee\":\"\(UInt256.max)\",\"nativeBalance\":")
    },
    RefusedRun("a network fee above the policy's cap", 10, ["policy.over-network-fee-cap": "--max-fee"]) {
        $0.set("--max-fee", "56gwei")
    },
    RefusedRun("too little of the token", 10, ["money.token-balance-too-low": "/token/balance"]) {
        $0.set("-m", "transferTokenPreApproved")
        try $0.edit("conditions.json", "\"5000000\"", "\"1049999\"")
    },
    RefusedRun("too small an allowance", 10, ["money.allowance-too-low": "/approval/allowance"]) {
        $0.set("-m", "transferTokenPreApproved")
        try $0.edit("conditions.json", "\"2000000\"", "\"1049999\"")
    },
    RefusedRun("too little native money for the fee", 10, ["money.native-balance-too-low": "/nativeBalance"]) {
        try $0.edit("conditions.json", "\"50000000000000000\"", "\"5399999999999\"")
    },
    RefusedRun("too little native money for the L1 fee", 10, ["money.native-balance-too-low": "/nativeBalance"]) {
        try $0.edit("conditions.json", "\"50000000000000000\"", "\"5400000000000\",\"l1Fee\":\"1\"")
    },
]

private let methods = [
    RefusedRun("the balance is not known", 10, ["method.none-fits": "--method"]) { workspace in
        byHand(workspace)
        workspace.drop("-m")
    },
    RefusedRun("the allowance is too small", 10, ["method.none-fits": "--method"]) {
        try $0.edit("conditions.json", "\"2000000\"", "\"1049999\"")
    },
    RefusedRun("native money for a token", 10, ["method.incorrect-currency": "\(callData)/recipient_currency"]) {
        $0.set("-m", "transferNative")
    },
    RefusedRun(
        "a token for native money", 10,
        ["method.incorrect-currency": "\(callData)/recipient_currency"]
    ) {
        try $0.charge { $0.recipientCurrency = Address.zero }
        $0.set("-m", "transferTokenPreApproved")
    },
    RefusedRun("wrapping for another token", 10, ["method.incorrect-currency": "\(callData)/recipient_currency"]) {
        $0.set("-m", "wrapAndTransfer")
    },
    RefusedRun("a swap for the wrapped currency", 10, ["method.incorrect-currency": "\(callData)/recipient_currency"]) {
        try $0.charge { $0.recipientCurrency = SamplePayment.wrappedNative }
        $0.set("-m", "swapAndTransferUniswapV3Native")
        $0.set("--value", "0.001eth")
    },
    RefusedRun("a swap without a value", 64, ["method.swap-without-value": "--value"]) {
        $0.set("-m", "swapAndTransferUniswapV3Native")
    },
    RefusedRun("a swap for nothing", 10, ["method.swap-with-zero-value": "--value"]) {
        $0.set("-m", "swapAndTransferUniswapV3Native")
        $0.set("--value", "0")
    },
    RefusedRun("a swap above the policy's cap", 10, ["policy.over-native-cap": "--value"]) {
        $0.set("-m", "swapAndTransferUniswapV3Native")
        $0.set("--value", "0.005000000000000001eth")
    },
    RefusedRun("a proposed swap above the policy's price", 10, ["policy.over-price-cap": "/value"]) {
        $0.set("-m", "swapAndTransferUniswapV3Native")
        try $0.edit("policy.json", "\"maxNativeV", "\"maxNativePerToken\":\"400000000000000\",\"maxNativeV")
        try $0.edit("conditions.json", "\"nativeBalance\":", "\"value\":\"420000000000001\",\"nativeBalance\":")
    },
    RefusedRun("a value that is not what the charge needs", 10, ["method.value-not-exact": "--value"]) {
        $0.set("--value", "1")
    },
    RefusedRun("a pool that does not exist", 64, ["method.unknown-pool-fee": "--pool-fee"]) {
        $0.set("-m", "swapAndTransferUniswapV3Native")
        $0.set("--value", "0.001eth")
        $0.set("--pool-fee", "501")
    },
    RefusedRun("a pool without a swap", 64, ["method.pool-fee-without-swap": "--pool-fee"]) {
        $0.set("--pool-fee", "500")
    },
]
