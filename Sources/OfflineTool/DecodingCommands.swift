import AirlockABI
import AirlockClearSigning
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockKeccak
import AirlockPresentation
import AirlockRLP
import AirlockRequestKinds
import AirlockRequestWriting
import AirlockRequests
import AirlockStrictJSON
import AirlockTransactions
import AirlockTypedData

/// The commands that decode and encode data. They do not use a key. Each command can also read its input line by line
/// from a stream.
enum DecodingCommands {
    static func all(_ console: Console) -> [Command] {
        [
            inspect(console), decodeError(console), keccak(console), selector(console), rlpEncode(console),
            rlpDecode(console), abiEncode(console).advising(onSurplus: RequestCommands.argumentsAdvice),
            abiDecode(console), address(console), typedDataHash(console), descriptorsHash(console),
        ]
    }

    private static func inspect(_ console: Console) -> Command {
        @Sendable func answer(_ raw: [UInt8]) throws -> Answer {
            let signed = try SignedTransaction(raw: raw)
            let members = try Inspection.document(of: signed)
            let warnings = signed.transaction.problems.map(\.message)
            return Answer(text: Inspection.text(members, width: console.width), members, warnings: warnings)
        }
        return .looking("inspect", "show the fields of a raw transaction", operands: ["RAW"], console) { arguments in
            try answer(Operand.decoded(arguments.operands[0], by: Operand.scanned))
        } line: {
            try answer(Operand.scanned($0.requiredString()))
        }
    }

    private static func decodeError(_ console: Console) -> Command {
        @Sendable func answer(_ data: [UInt8]) throws -> Answer {
            let revert = try DecodedRevert(data)
            return Answer(text: revert.text, revert.members)
        }
        return .looking(
            "decode-error", "explain a contract's error", operands: ["HEX"], console
        ) { arguments in
            try answer(Operand.decoded(arguments.operands[0], by: Operand.prefixed))
        } line: {
            try answer(Hex.decode($0.requiredString()))
        }
    }

    private static let hex = Option("--hex", value: "DATA", help: "hash these bytes, given as 0x and digits")
    private static let text = Option("--text", value: "TEXT", help: "hash the UTF-8 of this text")

    private static func keccak(_ console: Console) -> Command {
        .looking(
            "keccak", "hash with Keccak-256", operands: ["[FILE]"], options: [hex, text], console
        ) { arguments in
            let given = [arguments.value(hex), arguments.value(text), arguments.operand(0)].compactMap(\.self)
            guard given.count == 1 else {
                let rule: UsageRule = given.isEmpty ? .missingValue : .conflict
                throw Problem(rule, detail: "give one of --hex, --text and FILE")
            }
            if let text = arguments.value(text) { return answer(Keccak256.hash(Array(text.utf8))) }
            if let data = arguments.value(hex) { return answer(Keccak256.hash(try Hex.decode(data))) }
            var hasher = Keccak256()
            do throws(FileError) { try InputFile.stream(given[0]) { hasher.update($0) } } catch {
                guard error.rule == .missing else { throw error }
                throw error.problems[0].advising("check the path; --text hashes a text, and --hex hashes bytes")
            }
            return answer(hasher.finish())
        } line: {
            try Hex.decode($0.requiredString())
        } answers: {
            Keccak256.hash(many: $0).map(answer)
        }
    }

    private static func answer(_ digest: Keccak256.Digest) -> Answer { Answer("hash", "\(Hash(digest))") }

    private static func selector(_ console: Console) -> Command {
        @Sendable func answer(_ text: String) throws -> Answer {
            Answer("selector", "\(try ABIFunction(text).selector)")
        }
        return .looking(
            "selector", "print the selector of a function: the first four bytes of its calls",
            operands: ["'f(type,...)'"], console
        ) { arguments in
            try answer(arguments.operands[0])
        } line: {
            try answer($0.requiredString())
        }
    }

    private static func rlpEncode(_ console: Console) -> Command {
        @Sendable func answer(_ value: JSONValue) throws -> Answer {
            Answer("data", Hex.encode(RLP.encode(try RLPItem(value))))
        }
        return .looking(
            "rlp encode", "encode nested arrays of 0x strings as RLP", operands: ["JSON"], console
        ) { arguments in
            try answer(JSONDocument(Operand.bytes(arguments.operands[0])).root)
        } line: {
            try answer($0)
        }
    }

    private static func rlpDecode(_ console: Console) -> Command {
        @Sendable func answer(_ bytes: [UInt8]) throws -> Answer {
            Answer("value", try RLPItem(decoding: bytes).json())
        }
        return .looking(
            "rlp decode", "decode RLP into nested arrays of 0x strings", operands: ["HEX"], console
        ) { arguments in
            try answer(Operand.decoded(arguments.operands[0], by: Operand.prefixed))
        } line: {
            try answer(Hex.decode($0.requiredString()))
        }
    }

    private static func abiEncode(_ console: Console) -> Command {
        .looking(
            "abi encode", "encode a function call, or values of given types",
            operands: ["'f(types)' | '(types)'", "JSON-ARRAY"], console
        ) { arguments in
            let values = try JSONDocument(Operand.bytes(arguments.operands[1])).root
            return Answer("data", Hex.encode(try ABICoding(arguments.operands[0]).encode(values)))
        } line: { line in
            var reader = ObjectReader(line)
            let function = reader.optionalString("function") { try ABICoding(function: $0) }
            let types = reader.optionalString("types") { try ABICoding(types: $0) }
            let values = reader.value("arguments")
            reader.refuseUnknown()
            if let all = ProblemList(reader.problems) { throw all }
            guard let values, let coding = function ?? types, function == nil || types == nil else {
                throw Problem(UsageRule.conflict, at: "/function", expected: "either function or types")
            }
            return Answer("data", Hex.encode(try coding.encode(values)))
        }
    }

    private static func abiDecode(_ console: Console) -> Command {
        .looking(
            "abi decode", "decode values of given types, or a function call",
            operands: ["'(types)' | 'f(types)'", "HEX"], console
        ) { arguments in
            let data = try Operand.decoded(arguments.operands[1], by: Operand.prefixed)
            return Answer("values", try ABICoding(arguments.operands[0]).decode(data))
        } line: { line in
            var reader = ObjectReader(line)
            let coding = reader.string("types") { try ABICoding($0) }
            let data = reader.string("data") { try Hex.decode($0) }
            reader.refuseUnknown()
            if let all = ProblemList(reader.problems) { throw all }
            guard let coding, let data else { throw Problem(InternalRule.unexpected) }
            return Answer("values", try coding.decode(data))
        }
    }

    private static func address(_ console: Console) -> Command {
        @Sendable func answer(_ text: String) throws -> Answer { Answer("address", "\(try Address(text))") }
        return .looking(
            "address", "show an address with its checksum (EIP-55); refuse a wrong one", operands: ["ADDRESS"], console
        ) { arguments in
            try answer(arguments.operands[0])
        } line: {
            try answer($0.requiredString())
        }
    }

    private static func typedDataHash(_ console: Console) -> Command {
        @Sendable func answer(_ value: JSONValue) throws -> Answer {
            let data = try TypedData(value)
            let warnings = data.wrongChecksums.map { "\($0.message) (\($0.field ?? ""))" }
            return Answer("digest", "\(data.digest)", warnings: warnings)
        }
        return .looking(
            "typed-data hash", "print the digest of typed data (EIP-712)", operands: ["FILE"], console
        ) { arguments in
            let path = arguments.operands[0]
            return try ProblemList.inFile(path) { try answer(JSONDocument(InputFile.read(path).bytes).root) }
        } line: {
            try answer($0)
        }
    }

    private static func descriptorsHash(_ console: Console) -> Command {
        @Sendable func answer(_ value: JSONValue) throws -> Answer {
            Answer("hash", "\(try CanonicalJSON.hash(value))")
        }
        return .looking(
            "descriptors hash", "print the hash of a descriptor file, as in the policy and in attestations (ERC-8176)",
            operands: ["FILE"], console
        ) { arguments in
            let path = arguments.operands[0]
            return try ProblemList.inFile(path) { try answer(JSONDocument(InputFile.read(path).bytes).root) }
        } line: {
            try answer($0)
        }
    }
}

/// The decoded revert data of a contract, as `decode-error` shows it.
struct DecodedRevert {
    let members: [(String, JSONOutput)]
    let text: String

    init(_ data: [UInt8]) throws {
        guard let revert = RequestKinds.revert(data) else {
            throw Problem(
                LookingRule.unknownError, saw: Hex.encode(data), expected: "a known selector and its arguments")
        }
        let error = revert.error
        let next = error.hint ?? ""
        let arguments = try ABIRevert(error.signature).decode(data).map(\.json)
        members = [
            ("name", .string(error.name)), ("arguments", .array(arguments)), ("meaning", .string(revert.meaning)),
            ("next", .string(next)),
        ]
        text = "\(revert.text(limit: 400))\n\nMeaning  \(revert.meaning).\nTo do    \(next).\n"
    }
}

/// The error codes of the commands that decode and encode data.
enum LookingRule: String, Advised {
    case unknownError = "contract-error.unknown"
    case unknownType = "transaction.type-not-encoded"
    case contradiction = "transaction.contradiction"
    case creation = "transaction.no-target"

    var meaning: String {
        switch self {
        case .unknownError: "the data is not a known error of the payment contract or its helpers"
        case .contradiction: "a member contradicts the other members"
        case .unknownType: "transactions of this type cannot be encoded"
        case .creation: "the transaction creates a contract, and does not call one"
        }
    }

    var next: String {
        switch self {
        case .unknownError: "check that the data is complete; it begins with the four bytes of the error's selector"
        case .contradiction: "find out which one is wrong, or leave this member out"
        case .unknownType: "give type 0, 1 or 2"
        case .creation: "read its fields: airlock inspect"
        }
    }

    var exit: ExitCode { .malformedInput }
}
