public import AirlockABI
public import AirlockEthereumTypes

/// A call as it stands in signed bytes, and what a payment file says beside it that no bytes tell.
public struct SignedCall: Sendable {
    public let chain: Chain
    /// Whose money it is.
    public let payer: Address
    public let to: Address
    public let value: UInt256
    public let data: [UInt8]
    /// What the request is called in the file.
    public let name: String
    /// Of a message alone: its nonce, and the domain that it was signed in.
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

/// A function of a contract and the arguments that it is called with.
public struct FunctionCall: Sendable {
    public let function: ABIFunction
    public let arguments: [ABIValue]

    public init(_ function: ABIFunction, _ arguments: [ABIValue]) {
        self.function = function
        self.arguments = arguments
    }
}

/// What a call does with its sender's money, told by its data alone: it need not pay a request, nor be right.
public struct Movement: Sendable {
    public let payee: Address
    public let takes: [Take]

    public init(payee: Address, takes: [Take]) {
        self.payee = payee
        self.takes = takes
    }
}

/// What a signed call turned out to be.
public struct ReadBack: Sendable {
    /// The request that it pays.
    public let request: any Request
    public let method: String
    /// What it must send in native currency; `nil` where any amount may be right.
    public let value: UInt256?
    /// Who may have to be approved before it.
    public let spenders: [Address]
    /// Of a message alone: what its call says was signed, by whom.
    public let message: Message?
    /// The function that is called, where the kind knows of the call no more than that; `nil` where it knows what is paid.
    public let called: String?
    /// What the receipt must hold when it is mined; `nil` where no receipt proves it.
    public let effect: Effect?
    /// Of a swap what a person chose: the most to spend, and the pool's fee tier; `nil` where nothing is swapped.
    public let swap: (most: UInt256, poolFee: UInt64)?

    public struct Message: Sendable {
        public let digest: Hash
        public let signature: [UInt8]
        public let signer: Address
        /// The token whose domain it must be.
        public let token: Address

        public init(digest: Hash, signature: [UInt8], signer: Address, token: Address) {
            self.digest = digest
            self.signature = signature
            self.signer = signer
            self.token = token
        }
    }

    public init(
        request: any Request, method: String, value: UInt256?, spenders: [Address] = [], message: Message? = nil,
        called: String? = nil, effect: Effect? = nil, swap: (most: UInt256, poolFee: UInt64)? = nil
    ) {
        self.request = request
        self.method = method
        self.value = value
        self.spenders = spenders
        self.message = message
        self.called = called
        self.effect = effect
        self.swap = swap
    }
}

/// What a successful transaction must leave in its receipt for the request to be settled.
public struct Effect: Sendable {
    /// An event that a contract must have logged.
    public struct Event: Sendable {
        public let contract: Address
        /// Judges a log of the contract; `nil` where it is another event.
        public let judge: @Sendable (_ topics: [Hash], _ data: [UInt8]) -> Judgement?

        public init(
            contract: Address, judge: @escaping @Sendable (_ topics: [Hash], _ data: [UInt8]) -> Judgement?
        ) {
            self.contract = contract
            self.judge = judge
        }
    }

    public enum Judgement: Sendable {
        case paid(PaidEvent)
        /// It is the event of the request, which is no payment.
        case seen(SeenEvent)
        /// It names the request, and says that what was asked for failed, although the transaction did not.
        case failed(String)
        /// It says something else, here each of the fields that differ. `isOurs` if it names the request all the same.
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

    /// Empty where the transaction's success is all the proof that there is, as of native currency.
    public let events: [Event]

    public init(events: [Event]) { self.events = events }
}

/// A contract's event that proves a request which is no payment.
public struct SeenEvent: Hashable, Sendable {
    public let contract: Address
    public let name: String
    /// What it names, and what that is called.
    public let subject: Hash
    public let subjectName: String

    public init(contract: Address, name: String, subject: (name: String, hash: Hash)) {
        self.contract = contract
        self.name = name
        self.subject = subject.hash
        subjectName = subject.name
    }

    /// Its members in JSON.
    public var members: [(name: String, value: String)] {
        [("name", name), ("contract", "\(contract)"), (subjectName, "\(subject)")]
    }
}

/// What a contract's event says was paid.
public struct PaidEvent: Hashable, Sendable {
    public let contract: Address
    public let recipient: Address
    /// Whose money it was.
    public let sender: Address
    public let spentAmount: UInt256
    /// The zero address is native currency.
    public let spentCurrency: Address
    /// What else the events of the first kind of request say.
    public let first: FirstForm.Event?

    public init(
        contract: Address, recipient: Address, sender: Address, spentAmount: UInt256, spentCurrency: Address,
        first: FirstForm.Event? = nil
    ) {
        self.contract = contract
        self.recipient = recipient
        self.sender = sender
        self.spentAmount = spentAmount
        self.spentCurrency = spentCurrency
        self.first = first
    }

    /// Its members in JSON.
    public var members: [(name: String, value: String)] {
        (first?.members ?? []) + [
            ("recipient", "\(recipient)"), ("sender", "\(sender)"), ("spentAmount", "\(spentAmount)"),
            ("spentCurrency", "\(spentCurrency)"),
        ]
    }
}
