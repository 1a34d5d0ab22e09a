public import AirlockEthereumTypes

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
