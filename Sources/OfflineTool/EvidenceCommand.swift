import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockEvidence
import AirlockFiles
import AirlockPaymentFiles
import AirlockPolicies
import AirlockRequestKinds
import AirlockRequests
import AirlockSigning
import AirlockStrictJSON

/// `evidence`: copies the files that prove a payment or a signature into one folder. `verify` can check this folder
/// later.
enum EvidenceCommand {
    private static let request = Option(
        "--request", value: "REQUEST", help: "what was signed: the file, or the payment URI itself")
    private static let approval = Option(
        "--approval", value: "FILE", repeatable: true, help: "an approval of the payment; more than one may be given")
    private static let relay = Option(
        "--relay", value: "FILE", help: "the file that airlock-relay evidence wrote for this payment")
    private static let head = Option(
        "--head", value: "HASH", help: "the last entry of the ledger to include, such as one that the relay saw")
    static let knownHead = Option(
        "--head", value: "HASH",
        help: "for a folder: an entry of the ledger that must be in it, such as one that the relay saw")
    private static let line = Option(
        "--line", value: "N", help: "take line N of PAYMENT and of REQUEST, which hold a batch; the first line is 1")
    private static let output = Option("--output", "-o", value: "FOLDER", help: "the folder to create")

    static func make(_ console: Console) -> Command {
        Command(
            "evidence", "collect the proof of a payment or a signature in a folder, without a key",
            operands: ["PAYMENT | SIGNATURE | FOLDER"],
            options: [request, PaymentOptions.conditions, PaymentOptions.policy] + LedgerOptions.all
                + [approval, relay, head, line, output],
            notes: """
                The folder is for an auditor. It holds the signed file, the request, conditions and
                policy, the review made again from them, the entries of the ledger from this one on,
                a page (index.html) for a browser, and a manifest with the SHA-256 of each file. It
                is written completely or not at all, and replaces no other folder. Files that do not
                fit together are refused. airlock verify FOLDER proves the same again, on any
                machine.

                The later entries of the ledger reveal other payments. --head ends with an earlier
                one: the payment's own entry is enough for whoever knows its hash.

                FOLDER is evidence that was made before: --relay or --approval adds to it in a new
                folder, with a new page. Nobody has signed what the relay states; the page and
                verify say so.
                """
        ) { arguments in
            guard let path = arguments.value(output), path != "-" else {
                throw Problem(UsageRule.missingValue, at: output.name, detail: "the folder to create")
            }
            try OutputFolder.check(path)
            let operand = arguments.operands[0]
            var sources =
                Folder.isFolder(operand) ? try reread(operand, arguments) : try gather(operand, arguments, console)
            try add(to: &sources, arguments)
            let evidence = try sources.naming { try Evidence(sources.files) }
            let folder = try evidence.folder(version: Release.version)
            var made = try OutputFolder(path)
            for file in folder { try made.write(file.bytes.span, to: file.name) }
            try made.finish()
            if arguments.has(.json) {
                try console.write(
                    .object(
                        [("ok", true), ("folder", .string(path)), ("files", .array(folder.map { .string($0.name) }))]
                            + evidence.json))
            } else {
                try console.write(evidence.text(width: console.width))
                let shown = escaped(path, limit: 4096)
                console.note("airlock: made \(shown); next, on any machine: airlock verify \(shown)\n")
            }
            return .done
        }
    }

    /// Verifies an evidence folder.
    static func verify(_ path: String, _ arguments: Arguments, _ console: Console) throws -> ExitCode {
        var problems: [Problem] = []
        let head = arguments.value(knownHead, { try Hash(hex: $0) }, into: &problems)
        if let all = ProblemList(problems) { throw all }
        let standing = try EvidenceFiles.read(path)
        var sources = Sources(files: standing.files)
        for name in EvidenceFiles.all(of: standing.files) { sources.paths[name] = "\(path)/\(name)" }
        let evidence = try sources.naming {
            try Evidence(verifying: standing, version: Release.version, knowing: head)
        }
        if arguments.has(.json) {
            try console.write(
                .object(
                    [("ok", true), ("kind", .string(EvidenceFiles.kind)), ("manifest", .string("\(standing.digest)"))]
                        + evidence.json))
        } else {
            try console.write("code \(evidence.signed.code)\n" + evidence.text(width: console.width))
        }
        return .done
    }

    // MARK: Gathering

    /// The files of an evidence folder, each with the path from which it was read. Error messages show this path.
    private struct Sources {
        var files: EvidenceFiles
        var paths: [String: String] = [:]

        /// Runs a closure. In the problems that the closure throws, replaces each file's name by the file's path.
        func naming<Value>(_ body: () throws -> Value) throws -> Value {
            do { return try body() } catch let broken as any RuleBroken {
                let problems = broken.problems.map { problem in
                    if let file = problem.file, let path = paths[file] {
                        return problem.at(problem.field ?? "").inFile(path)
                    }
                    return problem.field.flatMap { paths[$0] }.map(problem.at) ?? problem
                }
                throw ProblemList(problems) ?? ProblemList(broken)
            }
        }
    }

    /// Reads the files of an existing evidence folder.
    private static func reread(_ path: String, _ arguments: Arguments) throws -> Sources {
        let unused = [request, PaymentOptions.conditions, PaymentOptions.policy, head, line] + LedgerOptions.all
        if let all = ProblemList(
            unused.filter(arguments.has).map {
                Problem(RequestRule.argumentUnused, at: $0.name, detail: "the folder has all that is needed")
            })
        {
            throw all
        }
        let standing = try EvidenceFiles.read(path)
        var sources = Sources(files: standing.files)
        for name in standing.files.given.keys { sources.paths[name] = "\(path)/\(name)" }
        return sources
    }

    private static func gather(_ path: String, _ arguments: Arguments, _ console: Console) throws -> Sources {
        var sources = Sources(files: EvidenceFiles())
        var problems: [Problem] = []
        func put(_ name: String, _ path: String, _ bytes: [UInt8]) {
            sources.files.given[name] = bytes
            sources.paths[name] = path
        }
        let number = arguments.value(line, Quantity.uint64, into: &problems)
        let end = arguments.value(head, { try Hash(hex: $0) }, into: &problems)
        problems.collect {
            let bytes = try read(path, line: number)
            put(try signedName(bytes, in: path), path, bytes)
        }
        if arguments.value(request) == nil {
            problems.append(Problem(UsageRule.missingValue, at: request.name, detail: "what was signed"))
        }
        if let asked = arguments.value(request) {
            problems.collect {
                let isInline = RequestKinds.isRequest(asked)
                let bytes = isInline ? Array(asked.utf8) : try read(asked, line: number)
                if !isInline { try FileKind.require(.request, of: bytes, in: asked) }
                put(requestName(bytes), isInline ? request.name : asked, bytes)
            }
        }
        if let measured = arguments.value(PaymentOptions.conditions) {
            problems.collect {
                let file = try InputFile.read(measured)
                try FileKind.require(.conditions, of: file.bytes, in: measured)
                put(EvidenceFiles.conditions, measured, file.bytes)
            }
        }
        problems.collect {
            var files: [InputFile] = []
            _ = try PaymentOptions.readPolicy(arguments, &files)
            if let file = files.first { put(EvidenceFiles.policy, file.path, file.bytes) }
        }
        let file = problems.collect { try LedgerOptions.file(arguments, console) }
        if let all = ProblemList(problems) { throw all }
        guard let file, let signed = EvidenceFiles.signed.first(where: { sources.files[$0] != nil }) else {
            throw Problem(InternalRule.unexpected)
        }
        let hashes = try sources.naming { try Evidence.hashes(sources.files[signed] ?? [], in: signed) }
        guard
            let excerpt = try LedgerExcerpt(
                of: file, to: end, from: { $0.subject == .payment && $0.transactions.map(\.hash) == hashes })
        else { throw Problem(EvidenceRule.notInLedger, at: file.path, saw: hashes.first.map { "\($0)" }) }
        put(EvidenceFiles.ledger, file.path, excerpt.bytes)
        return sources
    }

    /// Adds the relay's evidence and the approvals to the files of an evidence folder. The folder can be a new or an
    /// existing one.
    private static func add(to sources: inout Sources, _ arguments: Arguments) throws {
        var problems: [Problem] = []
        if let path = arguments.value(relay) {
            problems.collect {
                let file = try InputFile.read(path, limit: EvidenceFiles.mostRelayBytes)
                sources.files.given[EvidenceFiles.relay] = file.bytes
                sources.paths[EvidenceFiles.relay] = path
            }
        }
        for path in arguments.values(approval) {
            problems.collect {
                let bytes = try InputFile.read(path).bytes
                guard
                    let number = (1...EvidenceFiles.mostApprovals).first(where: {
                        sources.files[EvidenceFiles.approval($0)] == nil
                    })
                else {
                    throw Problem(
                        EvidenceRule.noPlace, at: approval.name, saw: path,
                        expected: "at most \(EvidenceFiles.mostApprovals)")
                }
                sources.files.given[EvidenceFiles.approval(number)] = bytes
                sources.paths[EvidenceFiles.approval(number)] = path
            }
        }
        if let all = ProblemList(problems) { throw all }
    }

    /// Reads a whole file or, if a line number is given, only this line of the file. Empty lines count, because
    /// `sign --lines` answers them too. After the last line ending there is no line.
    private static func read(_ path: String, line number: UInt64?) throws -> [UInt8] {
        guard let number else { return try InputFile.read(path).bytes }
        let bytes = try InputFile.read(path, limit: mostBatchBytes).bytes
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        guard number >= 1, number <= UInt64(lines.count) else {
            throw Problem(
                UsageRule.invalidValue, at: line.name, saw: "\(number)",
                expected: "1 to \(lines.count), as in \(escaped(path))")
        }
        return Array(lines[Int(number) - 1])
    }

    /// The maximum size, in bytes, of a file from which a single line is read.
    private static let mostBatchBytes = 256 << 20

    /// Returns the file name under which the evidence folder stores a signed file. Throws if the file is not a payment
    /// file, a signature file or a batch answer.
    private static func signedName(_ bytes: [UInt8], in path: String) throws -> String {
        let first = bytes.prefix { $0 != UInt8(ascii: "\n") }
        if first.count + 1 < bytes.count, (try? JSONDocument(Array(first)))?.root["ok"] != nil {
            throw Problem(UsageRule.missingValue, at: line.name, detail: "which line of the batch")
        }
        let root = (try? JSONDocument(bytes))?.root
        if root?["ok"] != nil { return EvidenceFiles.signed[2] }
        try FileKind.require(.payment, .signature, of: bytes, in: path)
        switch root?["kind"]?.string {
        case Payment.kind: return EvidenceFiles.signed[0]
        case SignatureFile.kind: return EvidenceFiles.signed[1]
        default:
            throw Problem(
                EvidenceRule.noPlace, at: path,
                expected:
                    "a payment file, a signature file or an answer of sign --lines: nothing else names its request")
        }
    }

    private static func requestName(_ bytes: [UInt8]) -> String {
        guard let root = (try? JSONDocument(bytes))?.root, root.kind == .object else {
            return EvidenceFiles.requests[1]
        }
        let isLine = root["airlock"] == nil && (["request"] + RequestKinds.ownMembers).contains { root[$0] != nil }
        return isLine && root["types"] == nil ? EvidenceFiles.requests[2] : EvidenceFiles.requests[0]
    }
}

extension Evidence {
    /// Formats the statements about the payment or signature as text for the user. Each line begins with one of the
    /// words `ok` (proved), `warn` (proved, but with a difference) or `believed` (not proved).
    fileprivate func text(width: Int) -> String {
        statements.map { statement in
            tabulated(
                statement.standing.rawValue, [onlyPrintable("\(statement.subject): \(statement.text)")], column: 13,
                width: width)
        }.joined()
    }

    fileprivate var json: [(String, JSONOutput)] {
        [
            ("of", .string(signed.name)), ("code", .string(signed.code)), ("signer", .string("\(signed.signer)")),
            (
                "statements",
                .array(
                    statements.map {
                        [
                            "standing": .string($0.standing.word), "subject": .string($0.subject),
                            "text": .string($0.text),
                        ]
                    })
            ),
        ]
    }
}

extension Evidence.Statement.Standing {
    fileprivate var word: String {
        switch self {
        case .proved: "proved"
        case .differs: "differs"
        case .believed: "believed"
        }
    }
}
