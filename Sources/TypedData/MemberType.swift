import AirlockABI
import AirlockDiagnostics

/// The type of a struct's member: an elementary type or a struct, in any number of arrays.
struct MemberType {
    /// How many dimensions an array may have.
    static let maximumDepth = 64

    enum Base {
        case elementary(ABIType)
        case structure(String)
    }

    let base: Base
    /// The length of each array, `nil` where it is free; the outermost is the last.
    let lengths: [Int?]

    /// Reads `Person[2][]`. Whether a struct is defined is for the caller to say.
    init(_ text: String) throws(Problem) {
        var rest = text[...]
        var lengths: [Int?] = []
        while rest.last == "]" {
            guard lengths.count < Self.maximumDepth else { throw Problem(TypedDataRule.tooDeep, saw: text) }
            guard let opening = rest.lastIndex(of: "[") else {
                throw Problem(TypedDataRule.wrongArrayLength, saw: text)
            }
            let digits = rest[rest.index(after: opening)...].dropLast()
            let length = Int(digits)
            guard digits.isEmpty || length.map({ String($0) == digits && $0 >= 0 }) == true else {
                throw Problem(TypedDataRule.wrongArrayLength, saw: text)
            }
            lengths.insert(length, at: 0)
            rest = rest[..<opening]
        }
        self.lengths = lengths
        let name = String(rest)
        if let type = Self.elementary(name) { base = .elementary(type) } else { base = .structure(name) }
    }

    /// The types of the ABI that EIP-712 has, too. There are no aliases: `uint` is none of them.
    static func elementary(_ name: String) -> ABIType? {
        guard let type = try? ABIType(name), type.description == name else { return nil }
        switch type.kind {
        case .uint, .int, .address, .bool, .fixedBytes, .bytes, .string: return type
        case .function, .array, .list, .tuple: return nil
        }
    }
}
