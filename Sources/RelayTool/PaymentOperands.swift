import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockFiles
import AirlockPaymentFiles
import AirlockRequestKinds
import AirlockStrictJSON

/// The payments that the user passes to `send` as operands: one payment or many.
enum PaymentOperands {
    case one(SignedPayment)
    case many(PaymentBatch)

    /// The maximum size, in bytes, of a file with one payment per line.
    private static let limit = 256 << 20

    /// Reads all operands. If any operand is wrong, throws the problems of all operands together.
    ///
    /// - Parameters:
    ///   - operands: the operands.
    ///   - note: a function that receives a note for the user about each skipped file of a folder.
    static func read(_ operands: [String], note: (String) -> Void) throws -> PaymentOperands {
        var (items, problems): ([PaymentBatch.Item], [Problem]) = ([], [])
        var isMany = operands.count > 1
        if operands.count(where: { $0 == "-" }) > 1 {
            throw Problem(UsageRule.conflict, at: "-", detail: "standard input can be read once")
        }
        for operand in operands {
            if SignedPayment.isRaw(operand) {
                items += collect([("\(operand.prefix(10))...", { try SignedPayment(hexadecimal: operand) })], &problems)
            } else if Folder.isFolder(operand) {
                isMany = true
                items += collect(problems.collect { try files(of: operand, note) } ?? [], &problems)
            } else {
                let mayBeLong = operand == "-" || operand.hasSuffix(".jsonl")
                let bytes = mayBeLong ? limit : InputFile.usualLimit
                guard let file = problems.collect({ try InputFile.read(operand, limit: bytes) }) else { continue }
                if let lines = lines(of: file) {
                    isMany = true
                    items += collect(lines, &problems)
                } else {
                    if !isMany { return .one(try read(file)) }
                    items += collect([(operand, { try read(file) })], &problems)
                }
            }
        }
        if let all = ProblemList(problems) { throw all }
        if items.isEmpty, let none = ProblemList(operands.map { Problem(SendRule.empty, at: $0) }) { throw none }
        if !isMany, let only = items.first { return .one(only.signedPayment) }
        return .many(try PaymentBatch(items))
    }

    /// Reads the permit in a payment file. Returns `nil` if the payment consists of transactions.
    static func permit(_ path: String) throws -> PermitPayment? {
        let file = try InputFile.read(path)
        try FileKind.require(.payment, of: file.bytes, in: path)
        return try PermitPayment(Payment(file.bytes))
    }

    private static func read(_ file: InputFile) throws -> SignedPayment {
        guard file.bytes.count <= InputFile.usualLimit else {
            throw Problem(FileRule.tooLarge, at: file.path, detail: "more than \(InputFile.usualLimit) bytes")
        }
        try FileKind.require(.payment, of: file.bytes, in: file.path)
        return try SignedPayment(reading: file.bytes)
    }

    private typealias Reading = (place: String, read: () throws -> SignedPayment)

    private static func collect(_ readings: [Reading], _ problems: inout [Problem]) -> [PaymentBatch.Item] {
        var items: [PaymentBatch.Item] = []
        for (place, read) in readings {
            do { items.append((place, try read())) } catch let broken as any RuleBroken {
                problems += broken.problems.map { problem in
                    let isPlaced = problem.field.map { $0.hasPrefix("/") } ?? false
                    return isPlaced ? problem.inFile(place) : problem.at(place)
                }
            } catch { problems.append(Problem(SendRule.empty, at: place)) }
        }
        return items
    }

    /// Lists the payment files of a folder, sorted by name. Skips files whose name begins with a dot, because another
    /// program may still be writing them. Also skips Airlock's files of other kinds, such as requests.
    private static func files(of folder: String, _ note: (String) -> Void) throws -> [Reading] {
        var readings: [Reading] = []
        for name in try Folder.names(in: folder) where name.hasSuffix(".json") && !name.hasPrefix(".") {
            let path = "\(folder)/\(name)"
            let file = try InputFile.read(path)
            do { try FileKind.require(.payment, of: file.bytes, in: path) } catch {
                note("airlock-relay: note: passed over: \(error.message)\n")
                continue
            }
            readings.append((path, { try SignedPayment(reading: file.bytes) }))
        }
        return readings
    }

    /// Returns the lines of a file with one payment per line. Returns `nil` if the whole file is one payment.
    private static func lines(of file: InputFile) -> [Reading]? {
        let lines = file.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
            .filter { !$0.element.allSatisfy { [0x20, 0x09, 0x0D].contains($0) } }
        guard file.path.hasSuffix(".jsonl") || hasAnswer(lines.map(\.element)) else { return nil }
        let path = file.path == "-" ? "standard input" : file.path
        return lines.map { index, line in
            (
                "\(path):\(index + 1)",
                {
                    guard line.count <= LineReader.limit else {
                        throw Problem(InputRule.lineTooLong, expected: "at most \(LineReader.limit) bytes")
                    }
                    return try SignedPayment(line: Array(line.last == 0x0D ? line.dropLast() : line))
                }
            )
        }
    }

    /// Whether a file contains one payment per line. The first line must be a complete JSON document. In addition, more
    /// lines must follow, or the first line must be an answer of `airlock sign --lines`.
    private static func hasAnswer(_ lines: [ArraySlice<UInt8>]) -> Bool {
        guard let first = lines.first, first.count <= LineReader.limit,
            let root = (try? JSONDocument(Array(first)))?.root, root.kind == .object
        else { return false }
        return lines.count > 1 || root["ok"] != nil
    }
}
