import AirlockABI
import AirlockDiagnostics
import AirlockStrictJSON

/// What the ABI commands are told to encode or decode: the call of a function, or values of types alone.
struct ABICoding {
    private let function: ABIFunction?
    private let parameters: ABIParameters

    /// Types alone begin with a parenthesis, a function with its name.
    init(_ text: String) throws(ABIError) {
        if text.hasPrefix("(") { try self.init(types: text) } else { try self.init(function: text) }
    }

    init(function text: String) throws(ABIError) {
        let function = try ABIFunction(text)
        self.function = function
        self.parameters = function.inputs
    }

    init(types text: String) throws(ABIError) {
        self.function = nil
        self.parameters = try ABIParameters(text)
    }

    func encode(_ values: JSONValue) throws -> [UInt8] {
        let values = try parameters.values(from: values)
        return try function?.encodeCall(values) ?? parameters.encode(values)
    }

    func decode(_ data: [UInt8]) throws -> JSONOutput {
        let values = try function?.decodeCall(data) ?? parameters.decode(data)
        return .array(values.map(\.json))
    }
}
