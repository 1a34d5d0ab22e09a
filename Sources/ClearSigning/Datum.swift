public import AirlockABI
import AirlockEthereumTypes
import AirlockTypedData

/// A value of the call or message that is described. The parts of the value have names, because the paths in a
/// descriptor use names.
indirect enum Datum {
    case leaf(ABIValue)
    /// A constant that the descriptor contains.
    case literal(String)
    case list([Datum])
    case structure([(name: String, value: Datum)])

    init(_ type: ABIType, _ value: ABIValue) {
        switch (type.kind, value) {
        case (.tuple(let parameters), .tuple(let values)): self.init(parameters, values)
        case (.array(let element, _), .array(let values)), (.list(let element), .array(let values)):
            self = .list(values.map { Datum(element, $0) })
        default: self = .leaf(value)
        }
    }

    init(_ parameters: ABIParameters, _ values: [ABIValue]) {
        self = .structure(zip(parameters.elements, values).map { ($0.name, Datum($0.type, $1)) })
    }

    init(_ value: TypedData.Value) {
        switch value {
        case .elementary(_, let value): self = .leaf(value)
        case .array(_, let elements): self = .list(elements.map { Datum($0) })
        case .structure(_, let parts): self = .structure(parts.map { ($0.name, Datum($0.value)) })
        }
    }

    // MARK: Conversions for the display formats

    /// The value as an integer: its sign and its absolute value. Bytes are read as a big-endian number. `nil` if the
    /// value is not an integer.
    var number: (isNegative: Bool, magnitude: UInt256)? {
        switch self {
        case .leaf(.uint(let value)): (false, value)
        case .leaf(.int(let value)): (value.isNegative, value.magnitude)
        case .leaf(.bytes(let bytes)), .leaf(.fixedBytes(let bytes)):
            bytes.isEmpty ? nil : UInt256(bigEndian: bytes.span).map { (false, $0) }
        case .literal(let text): UInt256(literal: text).map { (false, $0) }
        default: nil
        }
    }

    /// The value as an unsigned integer. `nil` if the value is negative or not an integer.
    var unsigned: UInt256? { number.flatMap { $0.isNegative ? nil : $0.magnitude } }

    /// The value as an address. The address is the last 20 bytes of the value if the value is an unsigned integer or
    /// has more than 20 bytes.
    var address: Address? {
        switch self {
        case .leaf(.address(let address)): address
        case .leaf(.uint(let value)): Address(lowBytesOf: value.word)
        case .leaf(.bytes(let bytes)), .leaf(.fixedBytes(let bytes)):
            FixedBytes<20>(Array(bytes.suffix(20))).map { Address($0) }
        case .literal(let text): try? Address(anyCase: text)
        default: nil
        }
    }

    var bytes: [UInt8]? {
        switch self {
        case .leaf(.bytes(let bytes)), .leaf(.fixedBytes(let bytes)): bytes
        case .literal(let text): try? Hex.decode(text)
        default: nil
        }
    }

    /// The value as the display format `raw` shows it. `nil` for an array or a struct.
    var text: String? {
        switch self {
        case .leaf(let value): value.plainText
        case .literal(let text): text
        case .list, .structure: nil
        }
    }

    /// The bytes from which a slice of the value is taken. For an unsigned integer, they are the 32 bytes of its ABI
    /// word. For a string, an address or bytes, they are the value's own bytes. For a constant of the descriptor in
    /// hexadecimal, they are the decoded bytes. `nil` for any other value.
    private var sliceable: [UInt8]? {
        switch self {
        case .leaf(.string(let text)): Array(text.utf8)
        case .leaf(.uint(let value)): value.word.bytes
        case .leaf(.address(let address)): address.bytes.bytes
        default: bytes
        }
    }

    func slice(_ from: Int?, _ to: Int?) -> Datum? {
        guard let bytes = sliceable, let range = Self.range(from, to, of: bytes.count) else { return nil }
        return .leaf(.bytes(Array(bytes[range])))
    }

    /// Returns the range of elements that a slice selects. The start of the slice is included, and its end is excluded.
    /// Negative bounds count from the end. Returns `nil` if the slice is out of bounds.
    static func range(_ from: Int?, _ to: Int?, of count: Int) -> Range<Int>? {
        let start = from.map { $0 < 0 ? count + $0 : $0 } ?? 0
        let end = to.map { $0 < 0 ? count + $0 : $0 } ?? count
        return 0 <= start && start <= end && end <= count ? start..<end : nil
    }

    /// Whether the value equals a literal in a visibility rule. A literal for a number that is not negative can be
    /// decimal or hexadecimal. A literal for an address or for bytes can have upper-case and lower-case digits.
    func equals(_ literal: String) -> Bool {
        switch self {
        case .leaf(.uint), .leaf(.int):
            if case .leaf(.int(let value)) = self, value.description == literal { return true }
            return unsigned != nil && unsigned == UInt256(literal: literal)
        case .leaf(.address(let address)): return (try? Address(anyCase: literal)) == address
        case .leaf(.bytes(let bytes)), .leaf(.fixedBytes(let bytes)): return (try? Hex.decode(literal)) == bytes
        case .leaf(.bool(let value)): return literal == "\(value)"
        case .leaf(.string(let text)), .literal(let text): return text.utf8.elementsEqual(literal.utf8)
        case .leaf, .list, .structure: return false
        }
    }
}

extension UInt256 {
    /// Reads decimal digits, or `0x` and hexadecimal digits with any number of leading zeros.
    init?(literal text: String) {
        guard text.hasPrefix("0x") else {
            guard let value = try? UInt256(decimal: text) else { return nil }
            self = value
            return
        }
        let digits = text.dropFirst(2).drop { $0 == "0" }
        let isZero = digits.isEmpty && text.utf8.count > 2
        guard let value = try? UInt256(quantity: isZero ? "0x0" : "0x\(digits)") else { return nil }
        self = value
    }
}

extension ABIValue {
    /// A single value as text: an integer in decimal, an address with its checksum, bytes in hexadecimal.
    public var plainText: String? {
        switch self {
        case .uint(let value): value.description
        case .int(let value): value.description
        case .address(let address): address.description
        case .bool(let value): "\(value)"
        case .fixedBytes(let bytes), .bytes(let bytes): Hex.encode(bytes)
        case .string(let text): text
        case .array, .tuple: nil
        }
    }
}
