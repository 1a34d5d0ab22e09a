public import AirlockABI
import AirlockEthereumTypes
import AirlockStrictJSON

extension TypedData {
    /// One value of the domain or of the message: what a person has to see before signing.
    public struct Member: Sendable {
        /// Where it stands: `message.details[0].token`.
        public let path: String
        /// Its type as it is hashed: `address`, and `PermitDetails[]` for an array without elements.
        public let type: String
        /// `nil` for an array without elements and a struct without members.
        public let value: ABIValue?
    }

    /// A value of the message with all that is in it, each with its type as it is hashed.
    public indirect enum Value: Sendable {
        case elementary(type: String, ABIValue)
        case array(type: String, [Value])
        case structure(type: String, [(name: String, value: Value)])
    }

    /// Every value of the domain and of the message, in the order of their types.
    public var members: [Member] {
        var members: [Member] = []
        append(value(.structure(Self.domainType), [], Self.domainType, domainJSON), "domain", to: &members)
        if primaryType != Self.domainType { append(messageValue, "message", to: &members) }
        return members
    }

    /// The message; where the domain itself is signed, the domain.
    public var messageValue: Value {
        value(
            .structure(primaryType), [], primaryType, primaryType == Self.domainType ? domainJSON : message)
    }

    private func append(_ value: Value, _ path: String, to members: inout [Member]) {
        switch value {
        case .elementary(let type, let value): members.append(Member(path: path, type: type, value: value))
        case .array(let type, let elements):
            if elements.isEmpty { members.append(Member(path: path, type: type, value: nil)) }
            for (index, element) in elements.enumerated() { append(element, "\(path)[\(index)]", to: &members) }
        case .structure(let type, let parts):
            if parts.isEmpty { members.append(Member(path: path, type: type, value: nil)) }
            for part in parts { append(part.value, "\(path).\(part.name)", to: &members) }
        }
    }

    /// It was read before, when the digest was made: whatever the types name is there, and is of its type.
    private func value(
        _ base: MemberType.Base, _ lengths: ArraySlice<Int?>, _ type: String, _ json: JSONValue
    ) -> Value {
        if !lengths.isEmpty {
            let element = type.lastIndex(of: "[").map { String(type[..<$0]) } ?? type
            return .array(
                type: type, (json.elements ?? []).map { value(base, lengths.dropLast(), element, $0) })
        }
        switch base {
        case .structure(let name):
            let parts = (types.structs[name] ?? []).compactMap { member in
                json[member.name].map {
                    (member.name, value(member.type.base, member.type.lengths[...], member.text, $0))
                }
            }
            return .structure(type: name, parts)
        case .elementary(let type):
            var reader = MessageReader(types)
            guard let value = try? reader.value(type, json) else { return .structure(type: "\(type)", []) }
            return .elementary(type: "\(type)", value)
        }
    }
}
