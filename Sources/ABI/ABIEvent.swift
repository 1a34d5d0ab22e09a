public import AirlockEthereumTypes
import AirlockKeccak

/// An event of a contract. Encodes and decodes the topics and the data of logs of this event.
public struct ABIEvent: Hashable, Sendable {
    /// The topics and the data of a log, as a node returns them.
    public struct Log: Hashable, Sendable {
        public let topics: [Hash]
        public let data: [UInt8]

        public init(topics: [Hash], data: [UInt8]) {
            self.topics = topics
            self.data = data
        }
    }

    public let name: String
    /// All parameters of the event, in the order of the declaration.
    public let inputs: ABIParameters
    /// For each parameter in `inputs`, whether this parameter is indexed. The value of an indexed parameter is a topic
    /// of the log.
    public let isIndexed: [Bool]
    /// Whether the event is anonymous. The logs of an anonymous event do not begin with the hash of the signature.
    public let isAnonymous: Bool
    /// The hash of the event's signature.
    public let topic: Hash

    /// The parameters whose values are in the data of the log, not in its topics.
    let unindexed: ABIParameters

    init?(_ name: String, _ inputs: ABIParameters, isIndexed: [Bool], isAnonymous: Bool) {
        // The EVM allows at most four topics in a log (LOG0 to LOG4).
        guard isIndexed.count(where: { $0 }) <= (isAnonymous ? 4 : 3) else { return nil }
        self.name = name
        self.inputs = inputs
        self.isIndexed = isIndexed
        self.isAnonymous = isAnonymous
        topic = .topic(signature: "\(name)\(inputs)")
        unindexed = ABIParameters(zip(inputs.elements, isIndexed).filter { !$1 }.map(\.0))
    }

    /// Reads the declaration of an event, such as `event Transfer(address indexed from, address indexed to, uint256
    /// value)`. The word `event` is optional.
    public init(_ text: String) throws(ABIError) {
        var parser = SignatureParser(text)
        let name = try parser.declaredName("event")
        let start = parser.position
        let list = try parser.eventParameters()
        var isAnonymous = false
        if let word = parser.modifier() {
            guard word == "anonymous" else { throw parser.syntax(at: word, expected: "anonymous") }
            isAnonymous = true
        }
        try parser.finish()
        let event = ABIEvent(
            name, ABIParameters(list.map(\.parameter)), isIndexed: list.map(\.isIndexed), isAnonymous: isAnonymous)
        guard let event else { throw ABIError(.tooManyIndexed, at: .offset(start)) }
        self = event
    }

    /// The canonical signature of the event, such as `Transfer(address,address,uint256)`. The first topic of the
    /// event's logs is the hash of this signature.
    public var signature: String { "\(name)\(inputs)" }

    /// Decodes the arguments of a log, in the order of the declaration. If an indexed argument does not fit in a word,
    /// the log contains only the hash of this argument, and the method returns this hash as `fixedBytes`.
    public func decode(_ log: Log) throws(ABIError) -> [ABIValue] {
        var topics = log.topics[...]
        let expected = isIndexed.count { $0 } + (isAnonymous ? 0 : 1)
        guard topics.count == expected else {
            throw ABIError(.wrongTopicCount, at: .value("/topics"), saw: "\(topics.count)", expected: "\(expected)")
        }
        if !isAnonymous, let first = topics.popFirst(), first != topic {
            throw ABIError(.wrongTopic, at: .value("/topics/0"), saw: first.description, expected: topic.description)
        }
        var unindexed = try unindexed.decode(log.data)[...]
        var values: [ABIValue] = []
        for (parameter, isIndexed) in zip(inputs.elements, isIndexed) {
            if !isIndexed {
                values += unindexed.prefix(1)
                unindexed = unindexed.dropFirst()
            } else if let word = topics.first {
                do throws(ABIError) { values.append(try parameter.type.value(ofTopic: word)) } catch {
                    let place = ABIError.Place.value("/topics/\(topics.startIndex)")
                    throw ABIError(error.rule, at: place, saw: error.saw, expected: error.expected)
                }
                topics = topics.dropFirst()
            }
        }
        return values
    }

    /// Encodes the arguments as a log.
    public func encode(_ arguments: [ABIValue]) throws(ABIError) -> Log {
        try inputs.check(arguments)
        let all = zip(zip(inputs.elements, arguments), isIndexed)
        var topics: [Hash] = isAnonymous ? [] : [topic]
        for ((parameter, value), isIndexed) in all where isIndexed {
            topics.append(try parameter.type.topic(of: value))
        }
        return Log(topics: topics, data: try unindexed.encode(all.filter { !$1 }.map(\.0.1)))
    }
}

extension FixedBytes<32> {
    /// Returns the first topic of an event's logs: the hash of the event's signature. The signature must be canonical,
    /// but the function does not check this.
    public static func topic(signature: String) -> Hash { .keccak(Array(signature.utf8)) }
}
