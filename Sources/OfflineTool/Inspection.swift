import AirlockABI
import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockSecp256k1
import AirlockStrictJSON
import AirlockTransactions
import AirlockRequestKinds
import AirlockRequests

/// What a signed transaction says, as `inspect` shows it: numbers as decimal strings.
enum Inspection {
    static func document(of signed: SignedTransaction) throws -> [(String, JSONOutput)] {
        let transaction = signed.transaction
        var members = fields(of: transaction)
        members.append(
            transaction.type == 0
                ? ("v", .string("\(signed.v)")) : ("yParity", .string("\(signed.signature.yParity)")))
        members += [
            ("r", .string("\(UInt256(signed.signature.r))")), ("s", .string("\(UInt256(signed.signature.s))")),
            ("hash", .string("\(signed.hash)")), ("signingHash", .string("\(transaction.signingHash)")),
            ("from", .string("\(try signed.sender)")),
        ]
        return members + call(of: transaction)
    }

    /// The same of a transaction that nobody has signed yet.
    static func document(of transaction: UnsignedTransaction) -> [(String, JSONOutput)] {
        fields(of: transaction) + [("signingHash", .string("\(transaction.signingHash)"))] + call(of: transaction)
    }

    private static func call(of transaction: UnsignedTransaction) -> [(String, JSONOutput)] {
        RequestKinds.function(of: transaction.data).map { [("call", $0.json)] } ?? []
    }

    private static func fields(of transaction: UnsignedTransaction) -> [(String, JSONOutput)] {
        var members: [(String, JSONOutput)] = [
            ("type", .string("\(transaction.type)")),
            ("chainId", transaction.chainID.map { .string("\($0)") } ?? .null),
            ("nonce", .string("\(transaction.nonce)")),
            ("to", transaction.to.map { .string("\($0)") } ?? .null),
            ("value", .string("\(transaction.value)")),
            ("gas", .string("\(transaction.gas)")),
        ]
        if transaction.type == 2 {
            members += [
                ("maxFeePerGas", .string("\(transaction.maxFeePerGas)")),
                ("maxPriorityFeePerGas", .string("\(transaction.maxPriorityFeePerGas)")),
            ]
        } else {
            members.append(("gasPrice", .string("\(transaction.maxFeePerGas)")))
        }
        if transaction.type > 0 { members.append(("accessList", .array(transaction.accessList.map(document)))) }
        members.append(("data", .string(Hex.encode(transaction.data))))
        return members
    }

    private static func document(of entry: AccessListEntry) -> JSONOutput {
        [
            "address": .string("\(entry.address)"),
            "storageKeys": .array(entry.storageKeys.map { .string("\($0)") }),
        ]
    }

    /// The same in lines: a name, and what it is; what is nested is indented.
    ///
    /// - Parameter limit: how many characters of a value are shown; what is to be signed is shown whole.
    static func text(
        _ members: [(String, JSONOutput)], width: Int, indent: String = "", limit: Int = 4096
    ) -> String {
        members.map { name, value in
            func beside(_ text: String) -> String { tabulated(indent + name, [text], column: 22, width: width) }
            switch value {
            case .object(let inner):
                return indent + name + "\n" + text(inner, width: width, indent: indent + "  ", limit: limit)
            case .string(let string): return beside(escaped(string, limit: limit))
            default: return beside(value.printable)
            }
        }.joined()
    }
}

extension FunctionCall {
    /// The function and its arguments by name.
    var json: JSONOutput {
        [
            "function": .string(function.signature),
            "arguments": Self.object(function.inputs, arguments),
        ]
    }

    private static func object(_ parameters: ABIParameters, _ values: [ABIValue]) -> JSONOutput {
        .object(
            zip(parameters.elements, values).enumerated().map { index, pair in
                let (parameter, value) = pair
                return (parameter.name.isEmpty ? "\(index)" : parameter.name, json(parameter.type, value))
            })
    }

    private static func json(_ type: ABIType, _ value: ABIValue) -> JSONOutput {
        switch value {
        case .uint(let number): .string("\(number)")
        case .int(let number): .string("\(number)")
        case .address(let address): .string("\(address)")
        case .bool(let bool): .boolean(bool)
        case .fixedBytes(let bytes), .bytes(let bytes): .string(Hex.encode(bytes))
        case .string(let string): .string(string)
        case .array(let values):
            switch type.kind {
            case .array(let element, _), .list(let element): .array(values.map { json(element, $0) })
            default: .null
            }
        case .tuple(let values):
            if case .tuple(let parameters) = type.kind { object(parameters, values) } else { .null }
        }
    }
}
