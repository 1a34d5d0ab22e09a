import AirlockTokens
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockSamples
import AirlockSigning
import AirlockCharges

extension Conditions {
    /// The conditions that `prepare` measures for a permit: the token's nonce and domain separator, but no gas and no
    /// fees.
    static let permit: Conditions = {
        var conditions = Conditions(chain: .base, sender: SampleKey.payer.address)
        conditions.nonce = 0
        conditions.block = Conditions.sample.block
        conditions.method = TransferMethod.subsidizedTransferToken.rawValue
        conditions.token = .usdc()
        return conditions
    }()
}

extension Conditions.Token {
    /// Returns USDC on Base, with the domain separator of its permits.
    static func usdc(
        balance: UInt256 = 5_000_000, domain: Hash? = KnownTokens.on(.base)?.domainSeparator(of: SigningTests.usdc)
    ) -> Conditions.Token {
        Conditions.Token(
            address: SigningTests.usdc, symbol: "USDC", decimals: 6, balance: balance, domainSeparator: domain)
    }
}

extension Draft {
    /// Changes the draft to a payment by a permit of the token. Someone else sends the transaction.
    mutating func subsidize() {
        conditions = .permit
        edit { $0.method = "subsidizedTransferToken" }
    }

    /// Changes the draft to a payment by a permit of a token that Airlock does not know. The conditions give the
    /// token's domain separator.
    mutating func subsidize(unknown separator: Hash) {
        pay(in: unknownToken)
        subsidize()
        conditions?.token = Conditions.Token(
            address: unknownToken, symbol: "USDC", decimals: 6, balance: .max, domainSeparator: separator)
        currency("\(unknownToken)") { _ in }
    }
}

/// A token that Airlock does not know.
let unknownToken = Address(known: "0x0000000000000000000000000000000000001234")

enum RefusedPermits {
    private static let callData = UnverifiedCharge.callData

    private static func permit(
        _ name: String, _ refusals: Refusal..., change: @escaping @Sendable (inout Draft) -> Void
    ) -> RefusedRequest {
        RefusedRequest("by a permit \(name)", refusals: refusals) {
            $0.subsidize()
            change(&$0)
        }
    }

    static let all = [
        permit("without its token's domain", Refusal("sign.missing-value", "/token/domainSeparator")) {
            $0.conditions?.token = .usdc(domain: nil)
        },
        permit("without its token", Refusal("sign.missing-value", "/token/domainSeparator")) {
            $0.conditions?.token = nil
        },
        permit(
            "without conditions", Refusal("sign.missing-value", "nonce:"),
            Refusal("sign.missing-value", "conditions:")
        ) { $0.conditions = nil },
        permit("without a nonce", Refusal("sign.missing-value", "/nonce")) { $0.conditions?.nonce = nil },
        permit("with conditions of no known age", Refusal("sign.missing-value", "/block")) {
            $0.conditions?.block = nil
        },
        permit("in another token's domain", Refusal("conditions.other-domain", "/token/domainSeparator")) {
            $0.conditions?.token = .usdc(domain: .keccak([1]))
        },
        permit(
            "of a token that nobody knows in the domain of USDC on another chain",
            Refusal("conditions.other-domain", "/token/domainSeparator")
        ) { draft in
            guard let polygon = KnownTokens.on(.polygon) else { return }
            draft.subsidize(unknown: polygon.domainSeparator(of: polygon.usdc) ?? .zero)
        },
        permit(
            "of a token that nobody knows in the domain that the policy pins of another",
            Refusal("conditions.other-domain", "/token/domainSeparator")
        ) {
            $0.subsidize(unknown: .keccak([1]))
            let pinned = SampleFile.nativeCurrency.with("domainSeparator", quoted(Hash.keccak([1])))
            let currencies = SampleFile.currencies.with("\(wrapped)", pinned.json)
            $0.rules { $0["currencies"] = currencies.with("\(unknownToken)", SampleFile.tokenCurrency.json).json }
        },
        permit(
            "in another domain than the policy pins", Refusal("conditions.other-domain", "/token/domainSeparator")
        ) {
            $0.subsidize(unknown: .keccak([1]))
            $0.currency("\(unknownToken)") { $0["domainSeparator"] = quoted(Hash.keccak([2])) }
        },
        permit(
            "in the domain that the policy pins, where USDC has another",
            Refusal("conditions.other-domain", "/token/domainSeparator")
        ) {
            $0.conditions?.token = .usdc(domain: .keccak([1]))
            $0.currency("\(usdc)") { $0["domainSeparator"] = quoted(Hash.keccak([1])) }
        },
        permit("of another token", Refusal("conditions.other-token", "/token/address")) {
            $0.conditions?.token = Conditions.Token(
                address: wrapped, symbol: "WETH", decimals: 18, balance: .max, domainSeparator: .keccak([1]))
        },
        permit("with one unit too little of the token", Refusal("money.token-balance-too-low", "/token/balance")) {
            $0.conditions?.token = .usdc(balance: 1_049_999)
        },
        permit(
            "of native currency", Refusal("method.incorrect-currency", "\(callData)/recipient_currency")
        ) {
            $0.pay(in: .zero)
            $0.conditions?.token = .usdc()
        },
        permit("with the nonce of a transaction", Refusal("conditions.other-method", "/method")) {
            $0.conditions?.method = "transferTokenPreApproved"
        },
        permit("a second after the deadline", Refusal("charge.expired", "\(callData)/deadline")) {
            $0.now = Timestamp(seconds: SampleCharge.deadline + 1)
            $0.policy["maxConditionsAge"] = "\"4000\""
        },
        permit("above the cap per day", Refusal("policy.over-day-cap", "\(callData)/recipient_amount")) {
            $0.currency("\(usdc)") { $0["perDay"] = "\"1.049999\"" }
        },
        permit(
            "with all that only a transaction has", Refusal("method.signs-no-transaction", "gas:"),
            Refusal("method.signs-no-transaction", "maxFeePerGas:"),
            Refusal("method.signs-no-transaction", "maxPriorityFeePerGas:"),
            Refusal("method.signs-no-transaction", "approve:"), Refusal("method.signs-no-transaction", "rungs:"),
            Refusal("method.signs-no-transaction", "cancel:")
        ) {
            $0.edit { request in
                request.gas = 1
                request.maxFeePerGas = 1
                request.maxPriorityFeePerGas = 1
                request.approve = true
                request.rungs = 2
                request.cancel = true
            }
        },
        RefusedRequest(
            "by a transaction with the nonce of a permit", Refusal("conditions.other-method", "/method")
        ) {
            $0.conditions?.method = "subsidizedTransferToken"
        },
    ]
}
