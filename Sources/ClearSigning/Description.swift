public import AirlockABI
public import AirlockEthereumTypes
public import AirlockTypedData

/// A description of a call or message, which is shown to the user. Labels and other texts come from a descriptor. The
/// values in ``facts`` come from the signed bytes alone.
///
/// The descriptor is untrusted, and its texts may be wrong. The caller must escape these texts and show ``facts``
/// first.
public struct Description: Sendable {
    public enum Intent: Hashable, Sendable {
        public struct Part: Hashable, Sendable {
            public let label: String
            public let text: String
        }

        case text(String)
        case parts([Part])

        /// The purpose of the call or message, as one line of text. If the descriptor gives the purpose in several
        /// parts, commas separate the parts, and each part begins with its label.
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
        /// The label of the group to which the field belongs.
        public let group: String?
    }

    public indirect enum Value: Sendable {
        case text(String)
        /// The description of a call inside the described call or message.
        case nested(Description)
    }

    public let intent: Intent
    /// A sentence that describes the purpose of the call or message and contains its values. The sentence comes from a
    /// template in the descriptor. `nil` if the descriptor has no such template, or if a value cannot be inserted.
    public let interpolatedIntent: String?
    public let owner: String?
    public let contractName: String?
    public let fields: [Field]
    public let warnings: [Warning]
    /// The files of the descriptor that was used. The descriptor's own file comes first, and the included files follow.
    public let files: [Descriptor.File]
    /// The function or the message type as the descriptor writes it, with names for the arguments.
    public let key: String
    public let facts: Facts

    /// A warning that the description does not show a value, or shows it in a way that can mislead.
    public enum Warning: Hashable, Sendable {
        case unknownToken(Address)
        case noToken
        case unknownCurrency(chain: UInt256)
        case unknownEnumValue(String)
        case unknownBlockTime(UInt256)
        case noDescriptor(for: Address)
        case intentNotInterpolated
        /// The descriptor shows the word `Sender` instead of this address.
        case shownAsSender(Address)
        /// The descriptor shows its own message instead of this amount, because the amount is not below a limit that
        /// the descriptor sets.
        case shownAsText(amount: UInt256, String)
        /// The call sends native currency, but no field shows the amount.
        case valueNotShown(UInt256)
        /// A number is shown with a unit that the descriptor defines. The user could mistake the unit for the name of a
        /// token.
        case ownUnit(String)
        /// The description shows an amount of this token, or a token of this collection. The address of the token comes
        /// from the descriptor, not from the signed bytes, and it is not that of the called contract.
        case ownToken(Address)
        /// The description looks up a token on this chain. The chain comes from the descriptor, and it is not the chain
        /// of the call or message.
        case ownChain(UInt256)
        /// The field with this label shows a value that comes from the descriptor and not from the signed bytes.
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
            case .ownToken(let address):
                "the token \(address) of an amount is the descriptor's own, and nothing of what is signed"
            case .ownChain(let chain):
                "the chain \(chain) of a token is the descriptor's own, and nothing of what is signed"
            case .ownValue(let label):
                "the value of \"\(label)\" is the descriptor's own, and nothing of what is signed"
            }
        }
    }
}

/// What the signed bytes of a call or message contain: the target, the value, and the type and value of every argument.
/// Nothing here comes from a descriptor.
public struct Facts: Sendable {
    /// An elementary value, and its position in the call or message.
    public struct Argument: Hashable, Sendable {
        /// The position of the value. In a call, the position is made of numbers: `0.2` is the third part of the first
        /// argument, and `1[3]` is the fourth element of the second argument. It contains no names of arguments,
        /// because a function's selector does not cover them. In a message, the position is a path of member names,
        /// because the signature covers these names.
        public let place: String
        public let type: String
        /// The value. `nil` for an array without elements and for a struct without members.
        public let value: ABIValue?
    }

    public let target: Address?
    public let chain: UInt256?
    public let value: UInt256
    /// The canonical signature of the function, or the `encodeType` of the message.
    public let signature: String
    public let arguments: [Argument]

    /// Lists what a call to a known function contains. The call data must be exactly the encoding of the function's
    /// arguments.
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

/// A contract call that is to be described.
public struct ContractCall: Hashable, Sendable {
    public let chain: UInt256
    /// The sender of the call. `nil` if the sender is not known.
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

/// The digests of ERC-8213. The user compares the digests that Airlock shows with the digests that another device
/// shows.
public enum SigningDigests {
    /// The digest of call data. It is the hash of two parts: the length of the call data as 32 bytes, and then the call
    /// data itself.
    public static func callData(_ data: [UInt8]) -> Hash { .keccak(UInt256(UInt64(data.count)).word.bytes + data) }

    /// The three digests of a message: the hash of its domain, the hash of its content, and the digest that is signed.
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
