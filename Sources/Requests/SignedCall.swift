public import AirlockABI
public import AirlockEthereumTypes

/// A call that was read from signed bytes. Some of its values are not in the signed bytes, and are taken from the
/// payment file.
public struct SignedCall: Sendable {
    public let chain: Chain
    /// The account that pays.
    public let payer: Address
    public let to: Address
    public let value: UInt256
    public let data: [UInt8]
    /// The request's name or its reference, as stated in the payment file.
    public let name: String
    /// The nonce and the domain separator of the message, if only a message was signed. `nil` if a transaction was
    /// signed.
    public let message: (nonce: UInt64, domainSeparator: Hash)?

    public init(
        chain: Chain, payer: Address, to: Address, value: UInt256, data: [UInt8], name: String,
        message: (nonce: UInt64, domainSeparator: Hash)? = nil
    ) {
        self.chain = chain
        self.payer = payer
        self.to = to
        self.value = value
        self.data = data
        self.name = name
        self.message = message
    }
}

/// A contract's function and the arguments with which it is called.
public struct FunctionCall: Sendable {
    public let function: ABIFunction
    public let arguments: [ABIValue]

    public init(_ function: ABIFunction, _ arguments: [ABIValue]) {
        self.function = function
        self.arguments = arguments
    }
}

/// The tokens that a call takes from its sender's account, and the payee. Both are read from the call data alone. The
/// call can still revert, and it is possible that it belongs to no request.
public struct CallOutflow: Sendable {
    public let payee: Address
    public let takes: [TokenOutflow]

    public init(payee: Address, takes: [TokenOutflow]) {
        self.payee = payee
        self.takes = takes
    }
}

/// A request that was recognised in a signed call.
public struct RecognisedCall: Sendable {
    /// The request that the signed call fulfils.
    public let request: any Request
    public let method: String
    /// The amount of native currency that the call must send; `nil` if the request allows any amount.
    public let value: UInt256?
    /// The message that the payer signed instead of a transaction. The call data contains the signature of this
    /// message. `nil` if the payer signed a transaction, even if the call data of this transaction contains a
    /// signature.
    public let message: Message?
    /// The signature of the called function, as text for the user. If Airlock does not know the function, this text
    /// states that the function is not known. `nil` if the request itself shows which payment the call makes.
    public let called: String?
    /// The events that the receipt must contain; `nil` if no receipt can prove the payment.
    public let effect: Effect?
    /// The user's choices for a swap: the maximum amount to spend, and the fee tier of the pool. `nil` if the call
    /// swaps nothing.
    public let swap: (most: UInt256, poolFee: UInt64)?

    public struct Message: Sendable {
        public let digest: Hash
        public let signature: [UInt8]
        public let signer: Address
        /// The token contract whose domain separator the message must use.
        public let token: Address

        public init(digest: Hash, signature: [UInt8], signer: Address, token: Address) {
            self.digest = digest
            self.signature = signature
            self.signer = signer
            self.token = token
        }
    }

    public init(
        request: any Request, method: String, value: UInt256?, message: Message? = nil, called: String? = nil,
        effect: Effect? = nil, swap: (most: UInt256, poolFee: UInt64)? = nil
    ) {
        self.request = request
        self.method = method
        self.value = value
        self.message = message
        self.called = called
        self.effect = effect
        self.swap = swap
    }
}

/// What the receipt of a successful transaction must contain to prove that the request is settled.
public struct Effect: Sendable {
    /// An event that a contract must have logged.
    public struct Event: Sendable {
        public let contract: Address
        /// A function that checks whether a log of the contract is the expected event, and compares the fields of the
        /// event with the request. It returns `nil` if the log is a different event.
        public let judge: @Sendable (_ topics: [Hash], _ data: [UInt8]) -> Outcome?

        public init(
            contract: Address, judge: @escaping @Sendable (_ topics: [Hash], _ data: [UInt8]) -> Outcome?
        ) {
            self.contract = contract
            self.judge = judge
        }
    }

    public enum Outcome: Sendable {
        case paid(PaidEvent)
        /// The request is not a payment, and the log is the event that proves that the request was fulfilled.
        case seen(SeenEvent)
        /// The log identifies the request, and reports that the request failed although the transaction succeeded.
        case failed(String)
        /// The listed fields of the log differ from the request. `isOurs` tells whether the log belongs to this request
        /// despite the differences.
        case other([Difference], isOurs: Bool)
    }

    public struct Difference: Sendable {
        public let field: String
        public let saw: String
        public let expected: String

        public init(_ field: String, saw: String, expected: String) {
            self.field = field
            self.saw = saw
            self.expected = expected
        }
    }

    /// The events that the receipt must contain. Empty if only the success of the transaction can prove the payment, as
    /// for native currency.
    public let events: [Event]

    public init(events: [Event]) { self.events = events }
}

/// An event that proves that a request other than a payment was fulfilled. An example is the event with which a Safe
/// reports that it has executed a transaction.
public struct SeenEvent: Hashable, Sendable {
    public let contract: Address
    public let name: String
    /// A hash that the event contains. `subjectName` is the name of this hash in the event, such as `safeTxHash`.
    public let subject: Hash
    public let subjectName: String

    public init(contract: Address, name: String, subject: (name: String, hash: Hash)) {
        self.contract = contract
        self.name = name
        self.subject = subject.hash
        subjectName = subject.name
    }

    /// The fields of the event as JSON members.
    public var members: [(name: String, value: String)] {
        [("name", name), ("contract", "\(contract)"), (subjectName, "\(subject)")]
    }
}

/// A payment, as reported by a contract's event.
public struct PaidEvent: Hashable, Sendable {
    public let contract: Address
    public let recipient: Address
    /// The account that paid.
    public let sender: Address
    public let spentAmount: UInt256
    /// The currency of the amount. The zero address stands for native currency.
    public let spentCurrency: Address
    /// Additional fields of the event, which exist only for a request of the oldest kind (see ``LegacyMembers``). `nil`
    /// for other kinds of request.
    public let first: LegacyMembers.Event?

    public init(
        contract: Address, recipient: Address, sender: Address, spentAmount: UInt256, spentCurrency: Address,
        first: LegacyMembers.Event? = nil
    ) {
        self.contract = contract
        self.recipient = recipient
        self.sender = sender
        self.spentAmount = spentAmount
        self.spentCurrency = spentCurrency
        self.first = first
    }

    /// The fields of the event as JSON members.
    public var members: [(name: String, value: String)] {
        (first?.members ?? []) + [
            ("recipient", "\(recipient)"), ("sender", "\(sender)"), ("spentAmount", "\(spentAmount)"),
            ("spentCurrency", "\(spentCurrency)"),
        ]
    }
}
