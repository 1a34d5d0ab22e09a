public import AirlockEthereumTypes

/// What a successful transaction must leave in its receipt for the request to be settled.
public struct Effect: Sendable {
    /// An event that a contract must have logged, equal in every topic and in its data.
    public struct Log: Sendable {
        public let contract: Address
        /// The event's name.
        public let event: String
        public let topics: [Hash]
        public let data: [UInt8]
        /// What an event of this name says, in words.
        public let words: @Sendable (_ topics: [Hash], _ data: [UInt8]) -> String

        public init(
            contract: Address, event: String, topics: [Hash], data: [UInt8],
            words: @escaping @Sendable (_ topics: [Hash], _ data: [UInt8]) -> String
        ) {
            self.contract = contract
            self.event = event
            self.topics = topics
            self.data = data
            self.words = words
        }
    }

    /// Empty where the transaction's success is all the proof that there is, as of native currency.
    public let logs: [Log]

    public init(logs: [Log]) { self.logs = logs }
}
