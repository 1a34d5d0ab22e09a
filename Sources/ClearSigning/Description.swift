public import AirlockABI
public import AirlockEthereumTypes
public import AirlockTypedData

/// A call or a message in the words of a descriptor, and the same without any words, from the bytes alone.
///
/// All texts are foreign: show them through the escaper, and show `facts` before them. The words may be wrong.
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
        /// The label of the group that the field stands in.
        public let group: String?
    }

    public indirect enum Value: Sendable {
        case text(String)
        /// A call inside of the call.
        case nested(Description)
    }

    public let intent: Intent
    /// The intent with values in it; `nil` where the descriptor has none, or a value of it could not be shown.
    public let interpolatedIntent: String?
    public let owner: String?
    public let contractName: String?
    public let fields: [Field]
    public let warnings: [Warning]
    /// The files that the words come from, the descriptor's own first.
    public let files: [Descriptor.File]
    /// The function or the message type as the descriptor writes it, with the names that it gives the arguments.
    public let key: String
    public let facts: Facts

    /// What the words leave open.
    public enum Warning: Hashable, Sendable {
        case unknownToken(Address)
        case noToken
        case unknownCurrency(chain: UInt256)
        case unknownEnumValue(String)
        case unknownBlockTime(UInt256)
        case noDescriptor(for: Address)
        case intentNotInterpolated
        /// The descriptor's author chose the words for this address, and for amounts from a threshold on.
        case shownAsSender(Address)
        case shownAsText(amount: UInt256, String)
        /// The call sends native currency, and no field shows how much.
        case valueNotShown(UInt256)
        /// The unit of a number is a word of the descriptor's, which could be the name of a token.
        case ownUnit(String)
        /// The field with this label shows a value of the descriptor's, and none of what is signed.
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

/// What a call or message is without a descriptor: whom it is for, what it sends, and every value by its type.
public struct Facts: Sendable {
    /// A value that has no parts.
    public struct Argument: Hashable, Sendable {
        /// Of a call the position, `0.2` for the third part of the first argument and `1[3]` for an array's element: names
        /// are not part of a function. Of a message the path with its names, which are signed.
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

    /// Of a call of a known function, which the data must encode exactly.
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

/// A call of a contract, to be described.
public struct ContractCall: Hashable, Sendable {
    public let chain: UInt256
    /// Who sends it; `nil` where that is not known.
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

/// The digests of ERC-8213, by which two screens are compared.
public enum SigningDigests {
    /// Of call data: the hash of their length as 32 bytes, and of them.
    public static func callData(_ data: [UInt8]) -> Hash { .keccak(UInt256(UInt64(data.count)).word.bytes + data) }

    /// Of a message.
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
