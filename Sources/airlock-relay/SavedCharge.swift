import CommandLineTool
import EthereumTypes
import Files
import OpenRouter
import Problems
import StrictJSON
import TransferProtocol

/// An answer that may hold a charge: kept first, whatever it is, and then looked at.
struct SavedCharge {
    private let answer: CoinbaseChargeAnswer
    private let request: CoinbaseChargeRequest
    private let asJSON: Bool
    private let console: Console

    init(_ answer: CoinbaseChargeAnswer, _ request: CoinbaseChargeRequest, _ asJSON: Bool, _ console: Console) {
        self.answer = answer
        self.request = request
        self.asJSON = asJSON
        self.console = console
    }

    func put(to path: String?, replacing: Bool) throws -> ExitCode {
        let file = path == "-" ? nil : path
        do {
            if let file {
                _ = try OutputFile.write(answer.bytes.span, to: file, replacing: replacing)
            } else if !asJSON {
                try StandardOutput.write(answer.bytes.span)
            }
        } catch {
            rescue(file)
            throw error
        }
        let (problems, warnings) = judge()
        for warning in warnings {
            console.note("airlock-relay: warning: \(warning.message)\(warning.field.map { " (\($0))" } ?? "")\n")
        }
        if asJSON {
            do { try console.write(Console.document(problems, beside: members(file))) } catch {
                if file == nil { rescue(nil) }
                throw error
            }
        } else if let file, problems.isEmpty {
            try console.write(summary(file))
        } else if !problems.isEmpty {
            _ = console.report(problems, asJSON: false, tool: "airlock-relay")
            if let file { console.note("airlock-relay: note: what came is in \(escaped(file, limit: 256))\n") }
        }
        return problems.first?.exit ?? .done
    }

    /// It could not be kept where it was to be kept: whoever sees it somewhere can still save it.
    private func rescue(_ file: String?) {
        console.note("airlock-relay: warning: the answer could not be kept; here it is\n")
        if file == nil || asJSON || (try? StandardOutput.write(answer.bytes.span)) == nil {
            // Nothing foreign steers a terminal.
            let isPlain = answer.bytes.allSatisfy { 0x20...0x7E ~= $0 || $0 == 0x0A }
            console.note((isPlain ? String(decoding: answer.bytes, as: UTF8.self) : Hex.encode(answer.bytes)) + "\n")
        }
    }

    /// What the answer lacks; and what else `airlock` would refuse it for, or was not asked for.
    private func judge() -> (problems: [Problem], warnings: [Problem]) {
        do throws(OpenRouterError) { _ = try answer.charge() } catch { return (error.problems, []) }
        let contents: UnverifiedCharge
        do throws(ProblemList) {
            contents = try UnverifiedCharge(answer.bytes)
            _ = try Charge(verifying: contents)
        } catch { return ([], error.problems) }
        var warnings: [Problem] = []
        func compare(_ name: String, _ saw: String, _ expected: String) {
            guard saw != expected else { return }
            let place = "\(UnverifiedCharge.metadata)/\(name)"
            warnings.append(Problem(OpenRouterRule.badAnswer, at: place, saw: saw, expected: expected))
        }
        compare("sender", "\(contents.sender)", "\(request.sender)")
        compare("chain_id", "\(contents.chain)", "\(request.chain)")
        return ([], warnings)
    }

    private func members(_ file: String?) -> [(String, JSONOutput)] {
        var members: [(String, JSONOutput)] = []
        if let file { members.append(("file", .string(file))) }
        if let charge = try? JSONDocument(answer.bytes).root {
            members.append(("charge", charge.json))
        } else {
            // Not JSON, so perhaps not even text.
            members.append(("answer", .string(Hex.encode(answer.bytes))))
        }
        return members
    }

    private func summary(_ file: String) throws -> String {
        let charge = try answer.charge()
        var facts = [("charge", charge.id), ("expires", charge.expiresAt)]
        if let contents = try? UnverifiedCharge(answer.bytes) {
            let intent = contents.intent
            let isUSDC = intent.recipientCurrency == Deployment.on(contents.chain)?.usdc
            let currency = intent.recipientCurrency.isZero ? "wei" : "units of \(intent.recipientCurrency)"
            facts += [
                ("chain", "\(contents.chain)"), ("payer", "\(contents.sender)"),
                (
                    "asks for",
                    isUSDC ? "\(Amount.format(contents.needed, decimals: 6)) USDC" : "\(contents.needed) \(currency)"
                ),
                ("to", "\(intent.recipient)"), ("pay until", "\(contents.deadline)"),
            ]
        }
        facts.append(("file", file))
        return facts.map { name, value in
            "\(name)\(String(repeating: " ", count: 11 - name.utf8.count))\(escaped(value, limit: 256))\n"
        }.joined()
    }
}
