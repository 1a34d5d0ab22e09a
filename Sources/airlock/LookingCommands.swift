import CommandLineTool
import EthereumTypes
import Files
import Keccak
import Problems
import StrictJSON
import Transactions
import TransferProtocol

/// The commands that look inside: `inspect` and `keccak`.
enum LookingCommands {
    static func inspect(_ console: Console) -> Command {
        Command("inspect", "show what a raw transaction says", operands: ["RAW"]) { arguments in
            let transaction = try SignedTransaction(raw: hexOperand(arguments.operands[0]))
            let document = try Inspection.document(of: transaction)
            if arguments.has(.json) {
                try console.write(.object([("ok", true)] + document))
            } else {
                try console.write(Inspection.text(document, width: console.width))
            }
            return .done
        }
    }

    static let hex = Option("--hex", value: "DATA", help: "hash these bytes, given as 0x and hexadecimal digits")
    static let text = Option("--text", value: "TEXT", help: "hash the UTF-8 of this text")

    static func keccak(_ console: Console) -> Command {
        Command("keccak", "hash with Keccak-256", operands: ["[FILE]"], options: [hex, text]) { arguments in
            let given = [arguments.value(hex), arguments.value(text), arguments.operand(0)].compactMap(\.self)
            guard given.count <= 1 else { throw Problem(UsageRule.conflict, detail: "give one of --hex, --text, FILE") }
            guard given.count == 1 else {
                throw Problem(UsageRule.missingValue, detail: "give one of --hex, --text, FILE")
            }
            let digest: Hash
            if let text = arguments.value(text) {
                digest = .keccak(Array(text.utf8))
            } else if let data = arguments.value(hex) {
                digest = .keccak(try Hex.decode(data))
            } else {
                digest = try hash(of: given[0])
            }
            if arguments.has(.json) {
                try console.write(["ok": true, "hash": .string("\(digest)")])
            } else {
                try console.write("\(digest)\n")
            }
            return .done
        }
    }

    private static func hash(of path: String) throws -> Hash {
        var hasher = Keccak256()
        try InputFile.stream(path) { hasher.update($0) }
        return Hash(hasher.finish())
    }

    /// A raw transaction as people pass it on: `-` reads it, and a scanner's upper case without 0x is taken too.
    static func hexOperand(_ operand: String) throws -> [UInt8] {
        var text = operand
        if operand == "-" {
            let bytes = try InputFile.read("-").bytes
            text = String(decoding: bytes.prefix { ![0x0A, 0x0D, 0x20].contains($0) }, as: UTF8.self)
        }
        let isPrefixed = text.hasPrefix("0x") || text.hasPrefix("0X")
        return try Hex.decode(digits: isPrefixed ? text.dropFirst(2) : text[...])
    }
}
