import AirlockABI
import AirlockEthereumTypes
import AirlockPaymentFiles
public import AirlockDiagnostics
import AirlockRequests
public import AirlockStrictJSON

extension UnverifiedCall {
    /// What was read, before it is checked as a whole.
    private struct Members {
        let chain: Chain
        let from: Address?
        let to: Address
        let value: UInt256
        let data: [UInt8]
        let function: FunctionCall?
        let reference: String?
        let expires: Timestamp?
    }

    /// Reads a call file.
    public init(_ root: JSONValue) throws(ProblemList) {
        let members = try AirlockFile.read(root, Self.readFile)
        do throws(ProblemList) {
            try self.init(
                chain: members.chain, from: members.from, to: members.to, value: members.value, data: members.data,
                function: members.function, reference: members.reference, expires: members.expires)
        } catch { throw error.at(root) }
    }

    private static func readFile(_ reader: inout ObjectReader) -> Members? {
        AirlockFile.readHead(&reader, kind: kind)
        let chain = reader.string("chainId") { try Chain(decimal: $0) }
        let from = reader.optionalString("from") { try Address($0) }
        let to = reader.string("to") { try Address($0) }
        let value = reader.optionalString("value") { try UInt256(decimal: $0) }
        let call = readCall(&reader)
        let reference = reader.optionalString("reference")
        let expires = reader.optionalString("expires") { try Timestamp($0) }
        guard let chain, let to, let call else { return nil }
        return Members(
            chain: chain, from: from, to: to, value: value ?? .zero, data: call.data, function: call.function,
            reference: reference, expires: expires)
    }

    /// The function and its arguments, or the call data. With both, somebody would read the one and the chain the other.
    private static func readCall(_ reader: inout ObjectReader) -> (function: FunctionCall?, data: [UInt8])? {
        let (named, given) = (reader.optionalValue("function"), reader.optionalValue("data"))
        if given != nil, named != nil || reader.optionalValue("arguments") != nil {
            _ = reader.optionalValue("arguments")
            reader.record([
                Problem(
                    CallRule.twoCalls, at: reader.pointer(to: "data"),
                    expected: "either function and arguments, or data")
            ])
            return nil
        }
        if given != nil { return reader.string("data") { try Hex.decode($0) }.map { (nil, $0) } }
        guard named != nil || reader.optionalValue("arguments") != nil else {
            reader.record([
                Problem(
                    CallRule.noCall, at: reader.pointer(to: "function"), expected: "function and arguments, or data")
            ])
            return nil
        }
        let function = reader.string("function") { text throws in try UnverifiedCall.function(text) }
        guard let value = reader.value("arguments"), let function else { return nil }
        do {
            let arguments = try function.inputs.values(from: value)
            return (FunctionCall(function, arguments), try function.encodeCall(arguments))
        } catch let broken as any RuleBroken {
            reader.record(broken.problems.map { $0.field == nil ? $0.at(value.pointer) : $0 })
        } catch { reader.record([Problem(JSONRule.wrongType, at: value.pointer)]) }
        return nil
    }

    /// A function by its canonical signature, so that one function has one text.
    static func function(_ text: String) throws -> ABIFunction {
        let function = try ABIFunction(text)
        guard function.signature == text else {
            throw Problem(CallRule.notCanonical, saw: text, expected: function.signature)
        }
        return function
    }

    /// The file as it is written.
    public var json: JSONOutput {
        var members: [(String, JSONOutput)] = [
            ("airlock", .number(AirlockFile.version)), ("kind", .string(Self.kind)),
            ("chainId", .string("\(chain.id)")),
        ]
        if let from { members.append(("from", .string("\(from)"))) }
        members += [("to", .string("\(to)")), ("value", .string("\(value)"))]
        if let function {
            members += [
                ("function", .string(function.function.signature)),
                ("arguments", .array(function.arguments.map(\.json))),
            ]
        } else {
            members.append(("data", .string(Hex.encode(data))))
        }
        if let reference { members.append(("reference", .string(reference))) }
        if let expires { members.append(("expires", .string("\(expires)"))) }
        return .object(members)
    }
}

extension ProblemList {
    /// The same problems, said of a document that stands in a larger one.
    func at(_ root: JSONValue) -> ProblemList {
        ProblemList(problems.map { $0.at(root.pointer + ($0.field ?? "")) }) ?? self
    }
}
