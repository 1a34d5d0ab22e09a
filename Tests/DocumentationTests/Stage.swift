import AirlockEthereumTypes
import Foundation
import AirlockLoopbackServer
import AirlockTestSupport
import AirlockToolSupport

/// The environment in which the commands of a page run. The built tools are first on the PATH. A local server takes the
/// place of the service that makes charges. A temporary folder is both the home folder and the working folder. If the
/// page uses no chain, this folder contains a copy of docs/example. If the page uses a chain, only the key is copied,
/// and the policy and the charges are made for the chain.
final class Stage {
    let scratch: Scratch
    private let shell: BuiltTool
    private let chain: Chain?
    private let service: LoopbackServer
    private var environment: [String: String] = [:]
    private var charges: UInt8 = 0

    init(withChain: Bool) throws {
        scratch = try Scratch()
        guard let shell = BuiltTool.installed("sh") else { throw ToolFailure("there is no sh") }
        self.shell = shell
        let example = PackageRoot.url.appending(path: "docs/example").path
        for name in try FileManager.default.contentsOfDirectory(atPath: example) where !withChain || name == "key.hex" {
            try FileManager.default.copyItem(atPath: "\(example)/\(name)", toPath: scratch(name))
        }
        chain = withChain ? try Chain() : nil
        let charge = try chain?.payment().charge() ?? SamplePayment().charge()
        service = LoopbackServer { connection in
            while let request = connection.request() {
                let isCredits = request.hasPrefix("GET ")
                connection.answer(isCredits ? #"{"data":{"total_credits":35,"total_usage":27.5}}"# : charge)
            }
        }
        environment = [
            "HOME": scratch.path, "PATH": "\(BuiltTool.folder):/usr/bin:/bin", "LANG": "C.UTF-8",
            "COLUMNS": "80",
            "OPENROUTER_BASE_URL": service.url, "OPENROUTER_API_KEY": "sk-or-of-no-use",
        ]
        if let chain {
            environment["AIRLOCK_RPC_URL"] = chain.url
            scratch.file("policy.json", chain.policy)
        }
    }

    /// Runs a block. Returns its output, and a complaint if the result is not what the page shows.
    ///
    /// - Parameter shown: the output that the page shows. `nil` if the page shows none.
    func follow(_ block: Page.Block, shown: String?) async throws -> (complaint: String?, said: String?) {
        switch block.language {
        case "sh" where block.isJobs: return (try dryRun(block), nil)
        case "sh" where block.whyNotRun == nil:
            return judge(try run(block), exit: block.exit, shown)
        case "swift":
            let program = block.snippet ?? ""
            let source = PackageRoot.url.appending(path: "Snippets/\(program).swift")
            if try String(contentsOf: source, encoding: .utf8) != block.body { return ("is not \(source.path)", nil) }
            let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            guard let built = BuiltTool(at: folder.appending(path: program).path) else {
                return ("was not built", nil)
            }
            return judge(try built.run([], in: scratch.path, environment: environment), exit: 0, shown)
        case "json" where !block.note.isEmpty: scratch.file(block.note, block.body)
        case "<!-- stage": return (judge(try run(block), exit: 0, nil).complaint, nil)
        case "<!-- chain":
            let words = block.body.split(separator: " ", maxSplits: 1)
            try await chain?.ask(String(words[0]), words.count > 1 ? String(words[1]) : "[]")
        case "<!-- charge":
            charges += 1
            let words = block.body.split(separator: " ")
            var payment = try chain?.payment(validFor: UInt64(words[0]) ?? 0) ?? SamplePayment()
            if words.last == "native" { payment.recipientCurrency = .zero }
            payment.id = FixedBytes { UInt8($0) &+ self.charges }
            scratch.file("charge.json", try payment.charge())
        default: break
        }
        return (nil, nil)
    }

    private func judge(_ outcome: Outcome, exit: Int32, _ shown: String?) -> (complaint: String?, said: String?) {
        if outcome.exit != exit {
            return ("ended with \(outcome.exit) and not \(exit), saying\n\(outcome.out)\(outcome.err)", outcome.out)
        }
        guard let shown, !Transcript.agrees(shown, with: outcome.out) else { return (nil, outcome.out) }
        return ("said something else:\n\(outcome.out)", outcome.out)
    }

    /// Runs commands in a shell that ends at the first command that fails. The result has standard output and standard
    /// error in one stream.
    private func run(_ block: Page.Block) throws -> Outcome {
        let words = ["-eu", "-c", "exec 2>&1\n" + block.body]
        guard !block.answers.isEmpty else {
            return try shell.run(words, in: scratch.path, environment: environment)
        }
        let seen = environment.merging(["TERM": "dumb", "NO_COLOR": "1"]) { $1 }
        let terminal = try Terminal(
            shell, ["-eu", "-c", "exec 1>&2\n" + block.body], in: scratch.path, environment: seen)
        for (question, answer) in block.answers {
            try terminal.wait(for: question)
            terminal.type(answer + "\n")
        }
        let outcome = try terminal.finish()
        return Outcome(exit: outcome.exit, out: outcome.err, err: "")
    }

    /// Checks with a dry run that make knows the targets of a block. Returns a complaint if a command fails.
    private func dryRun(_ block: Page.Block) throws -> String? {
        let complaints = try block.body.split(separator: "\n").compactMap { line -> String? in
            let outcome = try shell.run(
                ["-eu", "-c", "exec 2>&1\n\(line)"], in: PackageRoot.url.path,
                environment: environment.merging(["MAKEFLAGS": "n"]) { $1 })
            return line.hasPrefix("make ") && outcome.exit == 0 ? nil : "\(line): \(outcome.out)"
        }
        return complaints.isEmpty ? nil : complaints.joined(separator: "\n")
    }
}
