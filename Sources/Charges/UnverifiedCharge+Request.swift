import AirlockABI
public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockRequests
public import AirlockStrictJSON

extension UnverifiedCharge: Request {
    public static let kind = "charge"
    public static let fileName = "a charge"
    public static let rules: [any Rule.Type] = [ChargeRule.self, ChargePinRule.self, PaymentRule.self]
    /// The name of the member that contains the charge in a batch of the old form. That form is from the time when
    /// charges were the only kind of request.
    public static let ownMember: String? = "charge"

    /// Whether a JSON file is a charge. A charge file is the unchanged answer of the payment service, so it has no
    /// member that names the kind of request.
    public static func recognises(_ root: JSONValue) -> Bool {
        root["airlock"] == nil && root["data"]?["web3_data"] != nil
    }

    public static func read(_ root: JSONValue) throws(ProblemList) -> UnverifiedCharge { try UnverifiedCharge(root) }

    public var form: String { "strict JSON, and every field that is used is there and well-formed" }

    public var terms: Terms {
        Terms(
            chain: chain, payer: sender, payee: intent.recipient,
            owed: [Terms.Amount(currency: intent.recipientCurrency, amount: needed)], expires: deadline,
            places: Self.places)
    }

    private static let places = Terms.Places(
        chain: "\(metadata)/chain_id", payer: "\(metadata)/sender", payee: "\(callData)/recipient",
        currency: "\(callData)/recipient_currency", amount: "\(callData)/recipient_amount",
        expires: "\(callData)/deadline", reference: "\(callData)/id")

    /// The reference of the charge. The ledger uses the intent's id as the key, because the contract pays an intent
    /// only once, and because every ledger entry for a charge contains the id.
    public func reference(payer: Address) -> Reference {
        let id = intent.id
        return Reference(kind: Self.kind, text: self.id, key: Hash { $0 < 16 ? id[$0] : 0 }, legacy: id)
    }

    public static let policyLists = [
        PolicyList("contracts", isRequired: true) {
            Deployment.on($0)?.transfers
        } toFillIn: {
            "contracts: the Transfers contract on \($0)"
        } sentence: {
            sentence("contract", $0, $1)
        },
        PolicyList("operators", isRequired: true) { chain in
            Deployment.current.contains { $0.chain == chain } ? Deployment.operator : nil
        } toFillIn: { _ in
            "operators: the address that signs the charges"
        } sentence: {
            sentence("operator", $0, $1)
        },
    ]

    private static func sentence(_ what: String, _ names: [String], _ chain: Chain) -> String {
        names.isEmpty
            ? "On \(chain) no \(what) is allowed, so no charge can be paid there."
            : "On \(chain) the \(what) must be \(names.joined(separator: ", "))."
    }

    public var pins: [Pin] {
        [
            Pin(list: "contracts", address: contract, isRequired: true, finding: "the contract is listed") {
                [contract] in
                Problem(
                    ChargePinRule.contract, at: "\(Self.metadata)/contract_address", saw: "\(contract)", expected: $0)
            },
            Pin(list: "operators", address: intent.operator, isRequired: true, finding: "the operator is listed") {
                [payee = intent.operator] in
                Problem(ChargePinRule.operator, at: "\(Self.callData)/operator", saw: "\(payee)", expected: $0)
            },
        ]
    }

    public func isPlace(_ field: String) -> Bool { field.hasPrefix("/data/") }

    public func referenced(_ text: String) throws(Problem) -> any Request {
        throw Problem(RequestRule.argumentUnused, at: .reference, detail: "a charge has its intent's id")
    }

    public func requireMethod(_ name: String) throws(Problem) { _ = try TransferMethod.choice(name) }

    /// Whether the contract refuses a second or late payment of the request. This is always true, because the contract
    /// refuses an intent that has been paid before or has expired.
    public static var isKeptByContract: Bool { true }

    public var hasMethods: Bool { true }

    public func signsMessageAlone(method: String?) -> Bool {
        method.flatMap(TransferMethod.init(rawValue:))?.isSubsidized ?? false
    }

    public func takesValueInToken(method: String?) -> Bool {
        method.flatMap(TransferMethod.init(rawValue:)).map { $0.isSwap && !$0.spendsNative } ?? false
    }

    /// Reads the maximum amount that a swap is allowed to spend. The amount is in the token `token` if the method swaps
    /// a token and `token` is not `nil`. In all other cases, it is in native currency.
    public func value(
        _ text: String, method: String?, token: (symbol: String, decimals: Int)?
    ) throws(ValueError) -> UInt256 {
        // An integer without a unit is always in the smallest unit, whether the amount is in a token or in native
        // currency.
        if let plain = UInt256(decimal: text.utf8Span.span) { return plain }
        guard takesValueInToken(method: method), let token else { return try Amount.parseNative(text, on: chain) }
        return try Amount.parseToken(text, symbol: token.symbol, decimals: token.decimals)
    }

    public func prove() throws(ProblemList) -> any ProvedRequest { try Charge(verifying: self) }

    public func facts(_ words: PolicyFormatter) -> Facts {
        func said(_ amount: UInt256) -> String { words.amount(amount, intent.recipientCurrency) }
        let fee = said(intent.feeAmount)
        let share = said(intent.recipientAmount)
        var sharing: (@Sendable (String) -> String)?
        if !intent.feeAmount.isZero { sharing = { "of it \(fee) to the operator as a fee and \(share) to \($0)" } }
        let (contract, payee) = ("\(contract)", "\(intent.operator)")
        return Facts(
            identity: [("charge", [escaped(id)]), ("intent", [intent.id.description])],
            shares: [("of it", ["\(share) to the recipient", "\(fee) fee to the operator"])],
            parties: [("operator", [payee]), ("contract", [contract])],
            sharing: sharing,
            caution: isFeeHigh ? "of it \(fee) to the operator as a fee" : nil,
            members: [
                ("chargeId", id), ("intentId", intent.id.description), ("contract", contract), ("operator", payee),
                ("recipientAmount", intent.recipientAmount.description), ("feeAmount", intent.feeAmount.description),
            ])
    }

    /// Whether the operator's fee is more than a tenth of the total. If so, the user gets a warning, because a policy
    /// can restrict the recipient without restricting the fee.
    private var isFeeHigh: Bool {
        needed.quotientAndRemainder(dividingBy: 10).map { intent.feeAmount > $0.quotient } ?? true
    }

    public func warnings(_ words: PolicyFormatter) -> [String] {
        guard isFeeHigh else { return [] }
        func said(_ amount: UInt256) -> String { words.amount(amount, intent.recipientCurrency) }
        return [
            "the operator takes \(said(intent.feeAmount)) of \(said(needed)) as a fee, more than a tenth: the recipient "
                + "gets \(said(intent.recipientAmount))"
        ]
    }
}

/// The rules that a charge breaks if the policy does not list its contract or its operator.
public enum ChargePinRule: String, Rule {
    case contract = "policy.contract-not-listed"
    case `operator` = "policy.operator-not-listed"

    public var meaning: String {
        switch self {
        case .contract: "the policy does not list the contract"
        case .operator: "the policy does not list the operator"
        }
    }
}

extension UnverifiedCharge {
    /// The custom errors of the payment contract, and of the contracts that it calls.
    public static let errors = [
        ContractError(
            "InvalidSignature()", "the operator's signature does not hold for this payer, chain and contract"),
        ContractError("ExpiredIntent()", "the intent's deadline has passed"),
        ContractError("NullRecipient()", "the recipient is the zero address"),
        ContractError("AlreadyProcessed()", "this intent has been paid already"),
        ContractError("OperatorNotRegistered()", "the operator is not registered with the contract"),
        ContractError("InvalidNativeAmount(int256)", "the value sent is not what the charge needs"),
        ContractError("InsufficientBalance(uint256)", "the payer has too little of the token"),
        ContractError(
            "InsufficientAllowance(uint256)", "the payer has not approved the contract for enough of the token",
            isAllowance: true),
        ContractError("IncorrectCurrency(address)", "the method does not pay in the currency of the charge"),
        ContractError("InvalidTransferDetails()", "the permit does not pay what the charge needs"),
        ContractError("InexactTransfer()", "the token moved another amount than asked"),
        ContractError("SwapFailedString(string)", "the swap failed"),
        ContractError("SwapFailedBytes(bytes)", "the swap failed"),
        ContractError("NativeTransferFailed(address,uint256,bool,bytes)", "a receiver refused native currency"),
        ContractError("PermitCallFailed()", "the token refused the permit"),
        ContractError("V3InvalidSwap()", "the pool cannot make this swap"),
        ContractError("V3TooLittleReceived()", "the swap brought too little"),
        ContractError("V3TooMuchRequested()", "the swap would cost more than the most that it may spend"),
        ContractError("V3InvalidAmountOut()", "the pool gave another amount than asked"),
        ContractError("V3InvalidCaller()", "the pool is not the one that was called"),
        ContractError("ExecutionFailed(uint256,bytes)", "a step of the swap failed"),
        ContractError("TransactionDeadlinePassed()", "the swap came too late"),
        ContractError("InsufficientETH()", "the swap had too little native currency"),
        ContractError("InsufficientToken()", "the swap had too little of the token"),
        ContractError("SignatureExpired(uint256)", "the permit has expired"),
        ContractError("InvalidNonce()", "the permit's nonce is used"),
        ContractError("InvalidAmount(uint256)", "the permit allows less than was asked"),
        ContractError("InvalidSigner()", "the permit was signed by another key"),
        ContractError("InvalidSignatureLength()", "the permit's signature is not whole"),
    ]

    /// Whether a revert means that the token refused the permit. The contract then reverts with the custom error
    /// `PermitCallFailed`. Older releases of the contract pass on the error message of the token instead. `Pausable:
    /// paused` is the only error message that such a release sends itself, so every other error message comes from the
    /// token.
    public static func refusesSignature(_ revert: ContractRevert) -> Bool {
        switch revert.error.name {
        case "PermitCallFailed": true
        case "Error": revert.arguments != [.string("Pausable: paused")]
        default: false
        }
    }
}
