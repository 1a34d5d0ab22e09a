import AirlockABI
import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockStrictJSON

/// A request to call a function of a contract, as its file says it.
struct CallFile {
    let chain: Chain
    let from: Address
    let to: Address
    let value: UInt256
    let function: ABIFunction
    let arguments: [ABIValue]
    let reference: String?
    let expires: Timestamp?

    /// The call data. The arguments that the file will say are read back first and must come to the same.
    func data() throws -> [UInt8] {
        let data = try function.encodeCall(arguments)
        let written = try JSONDocument(JSONOutput.array(arguments.map(\.json)).bytes).root
        let again = try ABIFunction(function.signature)
        guard try again.encodeCall(again.inputs.values(from: written)) == data else {
            throw Problem(InternalRule.unexpected, detail: "the arguments are not written as they were read")
        }
        return data
    }

    var json: JSONOutput {
        var members: [(String, JSONOutput)] = [
            ("airlock", .number(AirlockFile.version)), ("kind", "call"), ("chainId", .string("\(chain.id)")),
            ("from", .string("\(from)")), ("to", .string("\(to)")), ("value", .string("\(value)")),
            ("function", .string(function.signature)), ("arguments", .array(arguments.map(\.json))),
        ]
        if let reference { members.append(("reference", .string(reference))) }
        if let expires { members.append(("expires", .string("\(expires)"))) }
        return .object(members)
    }
}
