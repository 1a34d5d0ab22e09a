import AirlockABI
import AirlockCalls
import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockRequests
import AirlockStrictJSON

/// `request call`: writes a request file for a contract call.
enum CallCommand {
    static let to = Option("--to", value: "ADDRESS", help: "the contract to call")
    static let value = Option(
        "--value", value: "AMOUNT", help: "native currency to send with the call, such as 0.5eth (default none)")

    static let notes = """
        Writes a request file. The arguments are a JSON array, as abi encode takes it:
        integers as strings, tuples as arrays. They are encoded once to be sure that
        they fit the function.

        To pay somebody, use request transfer instead.
        """

    static func make(_ console: Console, _ tool: String, _ now: @escaping @Sendable () -> Timestamp) -> Command {
        Command(
            "request call", "write a request to call a function of a contract", operands: operands,
            options: [RequestOptions.chain, RequestOptions.from, to, value, RequestOptions.reference]
                + [RequestOptions.expires] + RequestOptions.puttingOut,
            notes: notes
        ) { arguments in
            let call = try read(arguments)
            let warnings = RequestOptions.warnings(expires: call.terms.expires, now: now())
            let members: [(String, JSONOutput)] = [("request", call.json), ("data", .string(Hex.encode(call.data)))]
            let note =
                "request: call \(call.function?.function.signature ?? "") of \(call.to) on \(call.chain), "
                + "with \(Amount.format(call.value, decimals: 18)) \(call.chain.nativeSymbol)\n"
            return try RequestOptions.put(
                call.json.text + "\n", members + warnings.asMember, notes: [note] + warnings.asWarnings(tool),
                arguments,
                console)
        }
    }

    private static let operands = ["FUNCTION", "ARGUMENTS"]

    /// Reads an operand of the command. If the operand is invalid, each problem names the operand. If one argument in
    /// the operand is wrong, the problem also contains its index. For example, `ARGUMENTS/0` is the first argument.
    private static func operand<Value>(
        _ index: Int, _ problems: inout [Problem], _ body: () throws -> Value
    ) -> Value? {
        var own: [Problem] = []
        let value = own.collect(body)
        problems += own.map { $0.at("\(operands[index])\($0.field ?? "")") }
        return value
    }

    private static func read(_ arguments: Arguments) throws(ProblemList) -> UnverifiedCall {
        var problems: [Problem] = []
        RequestOptions.require([RequestOptions.chain, RequestOptions.from, to], arguments, &problems)
        let chain = arguments.value(RequestOptions.chain, { try Chain($0) }, into: &problems)
        let from = arguments.value(RequestOptions.from, { try Address($0) }, into: &problems)
        let contract = arguments.value(
            to,
            { text throws(ValueError) in
                let address = try Address(text)
                guard !address.isZero else {
                    throw ValueError(.notAddress, saw: text, expected: "a contract, and not the zero address")
                }
                return address
            }, into: &problems)
        let amount = arguments.value(
            value, { try WrittenAmount(native: $0, on: chain ?? .ethereum).amount }, into: &problems)
        let reference = arguments.value(RequestOptions.reference)
        if let reference { problems += Reference.problems(of: reference, at: RequestOptions.reference.name) }
        let expires = arguments.value(RequestOptions.expires, { try Timestamp($0) }, into: &problems)
        let function = operand(0, &problems) { try ABIFunction(arguments.operands[0]) }
        let values = operand(1, &problems) {
            let json = try JSONDocument(Array(arguments.operands[1].utf8)).root
            return try function?.inputs.values(from: json)
        }
        if let all = ProblemList(problems) { throw all }
        guard let chain, let from, let contract, let function, let values = values.flatMap(\.self) else {
            throw ProblemList(Problem(UsageRule.missingValue))
        }
        let data: [UInt8]
        do throws(ABIError) { data = try function.encodeCall(values) } catch { throw ProblemList(error) }
        let call = try UnverifiedCall(
            chain: chain, from: from, to: contract, value: amount ?? .zero, data: data,
            function: FunctionCall(function, values), reference: reference, expires: expires)
        try requireSame(call)
        return call
    }

    /// Parses the JSON that is going to be written as the request. Throws if the parsed call differs from the call that
    /// the user typed.
    private static func requireSame(_ call: UnverifiedCall) throws(ProblemList) {
        let document: JSONDocument
        do throws(JSONError) { document = try JSONDocument(call.json.bytes) } catch { throw ProblemList(error) }
        guard try UnverifiedCall(document.root).isSame(as: call) else {
            throw ProblemList(
                Problem(InternalRule.unexpected, detail: "the arguments are not written as they were read"))
        }
    }
}
