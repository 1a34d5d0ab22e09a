public import AirlockABI
public import AirlockEthereumTypes
public import AirlockTypedData

/// A call or message described with a descriptor's wording, and the facts that its bytes alone establish.
///
/// The texts of a descriptor are untrusted and may be wrong: escape them, and show ``facts`` first.
public struct Description: Sendable {
    public enum Intent: Hashable, Sendable {
        public struct Part: Hashable, Sendable {
            public let label: String
            public let text: String
        }

        case text(String)
        case parts([Part])

        /// In one line.
        public var text: String {
            switch self {
            case .text(let text): text
            case .parts(let parts): parts.map { "\($0.label): \($0.text)" }.joined(separator: ", ")
            }
        }
    }

    public struct Field: Sendable {
        public let label: String
        public let value: Value
        /// The label of the field's group.
        public let group: String?
    }

    public indirect enum Value: Sendable {
        case text(String)
        /// A call inside the call.
        case nested(Description)
    }

    public let intent: Intent
    /// The intent with values in it; `nil` if the descriptor has none, or if a value could not be shown.
    public let interpolatedIntent: String?
    public let owner: String?
    public let contractName: String?
    public let fields: [Field]
    public let warnings: [Warning]
    /// The files that the texts come from, the descriptor's own first.
    public let files: [Descriptor.File]
    /// The function or the message type as the descriptor writes it, with its names for the arguments.
    public let key: String
    public let facts: Facts

    /// A warning about the values that the description shows or omits.
    public enum Warning: Hashable, Sendable {
        case unknownToken(Address)
        case noToken
        case unknownCurrency(chain: UInt256)
        case unknownEnumValue(String)
        case unknownBlockTime(UInt256)
        case noDescriptor(for: Address)
        case intentNotInterpolated
        /// The descriptor chose the text for this address, or for amounts from a threshold on.
        case shownAsSender(Address)
        case shownAsText(amount: UInt256, String)
        /// The call sends native currency, and no field shows how much.
        case valueNotShown(UInt256)
        /// The unit of a number is the descriptor's own text, which could be the name of a token.
        case ownUnit(String)
        /// The field with this label shows a value from the descriptor, not from the signed bytes.
        case ownValue(label: String)

        public var text: String {
            switch self {
            case .unknownToken(let address): "the token \(address) is not known: the amount is in its smallest unit"
            case .noToken: "the descriptor does not say of which token an amount is: it is in the smallest unit"
            case .unknownCurrency(let chain):
                "the currency of chain \(chain) is not known: the amount is in its smallest unit"
            case .unknownEnumValue(let value): "the descriptor has no name for the value \(value)"
            case .unknownBlockTime(let number): "the time of block \(number) is not known"
            case .noDescriptor(let address): "no descriptor describes the call of \(address) inside of this one"
            case .intentNotInterpolated: "the descriptor's sentence could not be filled in"
            case .shownAsSender(let address): "the descriptor shows \(address) as the sender"
            case .shownAsText(let amount, let text): "the descriptor shows the amount \(amount) as \(text)"
            case .valueNotShown(let value): "the call sends \(value) wei, which the descriptor does not mention"
            case .ownUnit(let unit): "the unit \(unit) is the descriptor's own word, and no currency of the policy"
            case .ownValue(let label):
                "the value of \"\(label)\" is the descriptor's own, and nothing of what is signed"
            }
        }
    }
}

/// The facts of a call or message without a descriptor: the target, the value, and every argument with its type.
public struct Facts: Sendable {
    /// An elementary value.
    public struct Argument: Hashable, Sendable {
        /// For a call, the position: `0.2` is the third part of the first argument, and `1[3]` an element of an array.
        /// Names are not used, because they are not part of a function. For a message, the path of names, which are
        /// signed.
        public let place: String
        public let type: String
        /// `nil` for an array without elements and a struct without members.
        public let value: ABIValue?
    }

    public let target: Address?
    public let chain: UInt256?
    public let value: UInt256
    /// The function with its types, or the message's `encodeType`.
    public let signature: String
    public let arguments: [Argument]

    /// The facts of a call of a known function. The data must encode exactly its arguments.
    public init(_ call: ContractCall, _ function: ABIFunction) throws(ABIError) {
        self.init(call, function, try function.decodeCall(call.data))
    }

    init(_ call: ContractCall, _ function: ABIFunction, _ values: [ABIValue]) {
        target = call.to
        chain = call.chain
        value = call.value
        signature = function.signature
        var arguments: [Argument] = []
        for (index, (parameter, value)) in zip(function.inputs.elements, values).enumerated() {
            Self.append(parameter.type, value, "\(index)", to: &arguments)
        }
        self.arguments = arguments
    }

    public init(_ message: TypedData) {
        target = message.domain.verifyingContract
        chain = message.domain.chainId
        value = .zero
        signature = message.encodeType
        arguments = message.members.map { Argument(place: $0.path, type: $0.type, value: $0.value) }
    }

    private static func append(
        _ type: ABIType, _ value: ABIValue, _ place: String, to arguments: inout [Argument]
    ) {
        switch (type.kind, value) {
        case (.tuple(let parameters), .tuple(let values)) where !values.isEmpty:
            for (index, (parameter, value)) in zip(parameters.elements, values).enumerated() {
                append(parameter.type, value, "\(place).\(index)", to: &arguments)
            }
        case (.array(let element, _), .array(let values)) where !values.isEmpty,
            (.list(let element), .array(let values)) where !values.isEmpty:
            for (index, value) in values.enumerated() { append(element, value, "\(place)[\(index)]", to: &arguments) }
        case (.tuple, _), (.array, _), (.list, _):
            arguments.append(Argument(place: place, type: "\(type)", value: nil))
        default: arguments.append(Argument(place: place, type: "\(type)", value: value))
        }
    }
}

/// A contract call to describe.
public struct ContractCall: Hashable, Sendable {
    public let chain: UInt256
    /// The sender; `nil` if it is not known.
    public let from: Address?
    public let to: Address
    public let value: UInt256
    public let data: [UInt8]

    public init(chain: UInt256, from: Address?, to: Address, value: UInt256, data: [UInt8]) {
        self.chain = chain
        self.from = from
        self.to = to
        self.value = value
        self.data = data
    }
}

/// The digests of ERC-8213, for comparing two screens.
public enum SigningDigests {
    /// The digest of call data: the hash of their length as 32 bytes, followed by the data.
    public static func callData(_ data: [UInt8]) -> Hash { .keccak(UInt256(UInt64(data.count)).word.bytes + data) }

    /// The digests of a message.
    public struct Message: Hashable, Sendable {
        public let domainHash: Hash
        public let messageHash: Hash
        public let digest: Hash

        public init(_ message: TypedData) {
            domainHash = message.domainSeparator
            messageHash = message.structHash
            digest = message.digest
        }
    }
}
