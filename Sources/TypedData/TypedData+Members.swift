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

    /// Every value of the domain and of the message, in the order of their types.
    public var members: [Member] {
        var members: [Member] = []
        append(Self.domainType, domainJSON, "domain", to: &members)
        if primaryType != Self.domainType { append(primaryType, message, "message", to: &members) }
        return members
    }

    private func append(_ name: String, _ json: JSONValue, _ path: String, to members: inout [Member]) {
        let declared = types.structs[name] ?? []
        if declared.isEmpty { members.append(Member(path: path, type: name, value: nil)) }
        for member in declared {
            guard let value = json[member.name] else { continue }
            append(
                member.type.base, member.type.lengths[...], member.text, value, "\(path).\(member.name)", to: &members)
        }
    }

    private func append(
        _ base: MemberType.Base, _ lengths: ArraySlice<Int?>, _ type: String, _ json: JSONValue, _ path: String,
        to members: inout [Member]
    ) {
        if !lengths.isEmpty {
            let elements = json.elements ?? []
            if elements.isEmpty { members.append(Member(path: path, type: type, value: nil)) }
            let element = type.lastIndex(of: "[").map { String(type[..<$0]) } ?? type
            for (index, value) in elements.enumerated() {
                append(base, lengths.dropLast(), element, value, "\(path)[\(index)]", to: &members)
            }
            return
        }
        switch base {
        case .structure(let name): append(name, json, path, to: &members)
        case .elementary(let type):
            var reader = MessageReader(types)
            // It was read before, when the digest was made.
            members.append(Member(path: path, type: "\(type)", value: try? reader.value(type, json)))
        }
    }
}
