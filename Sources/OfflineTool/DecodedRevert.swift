import AirlockCommandLineTool
import AirlockABI
import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockPresentation
import AirlockStrictJSON
import AirlockRequestKinds
import AirlockRequests

/// What a contract reverted with, as `decode-error` says it.
struct DecodedRevert {
    let members: [(String, JSONOutput)]
    let text: String

    init(_ data: [UInt8]) throws {
        guard let error = RequestKinds.revert(data)?.error else {
            throw Problem(
                LookingRule.unknownError, saw: Hex.encode(data), expected: "a known selector and its arguments")
        }
        let next = error.hint ?? ""
        let arguments = try ABIRevert(error.signature).decode(data).map(\.json)
        members = [
            ("name", .string(error.name)), ("arguments", .array(arguments)), ("meaning", .string(error.meaning)),
            ("next", .string(next)),
        ]
        let shown = arguments.map { escaped($0.text, limit: 400) }.joined(separator: ", ")
        text = "\(error.name)(\(shown))\n\nMeaning  \(error.meaning).\nTo do    \(next).\n"
    }
}

/// The rules of the commands that look inside.
enum LookingRule: String, Advised {
    case unknownError = "contract-error.unknown"
    case unknownType = "transaction.type-not-encoded"
    case contradiction = "transaction.contradiction"
    case creation = "transaction.no-target"

    var meaning: String {
        switch self {
        case .unknownError: "the data is no error that the payment contract or its helpers are known to make"
        case .contradiction: "a member says something else than what follows from the others"
        case .unknownType: "the transaction is of a type that is not encoded"
        case .creation: "the transaction creates a contract, and calls none"
        }
    }

    var next: String {
        switch self {
        case .unknownError: "check that the data is whole; it begins with the four bytes of the error's selector"
        case .contradiction: "find out which is wrong; take the member out if it is of no use"
        case .unknownType: "give type 0, 1 or 2"
        case .creation: "read its fields: airlock inspect"
        }
    }

    var exit: ExitCode { .malformedInput }
}
