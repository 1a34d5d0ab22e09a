import AirlockPolicies
import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockFiles
import AirlockDiagnostics
import AirlockQRCodes
import AirlockSigning
import AirlockStrictJSON

/// The `policy` commands. They write a first policy, and show what a policy allows.
enum PolicyCommands {
    static func all(_ console: Console) -> [Command] { [start(console), check(console)] }

    private static let chain = Option(
        "--chain", value: "CHAIN", choices: Chain.named.map(\.name), help: "the chain to pay on: a name or an id")
    private static let kinds = Option(
        "--for", value: "KIND", choices: Policy.kinds, repeatable: true,
        help: "a kind of request that the policy is for, or several with commas (default all)")
    private static let output = Option(
        "--output", "-o", value: "FILE", help: "write the policy to a file; - for standard output")

    private static func start(_ console: Console) -> Command {
        let options = [chain, kinds, output, PaymentCommands.force] + QROutput.options
        return Command("policy init", "write a first policy, for one chain", options: options) { arguments in
            var problems: [Problem] = []
            problems.collect { try QROutput.check(arguments) }
            guard let pinned = arguments.value(chain, { try Chain($0) }, into: &problems) else {
                throw ProblemList(problems) ?? ProblemList(Problem(UsageRule.missingValue, at: "--chain"))
            }
            let named = arguments.values(kinds).flatMap { $0.split(separator: ",").map(String.init) }
            for name in named where !Policy.kinds.contains(name) {
                throw Problem(
                    UsageRule.invalidValue, at: kinds.name, saw: name,
                    expected: Policy.kinds.joined(separator: " or "))
            }
            if let all = ProblemList(problems) { throw all }
            let (policy, toFillIn) = Policy.start(for: pinned, kinds: named.isEmpty ? Policy.kinds : named)
            let text = policy.indented + "\n"
            let drawing = try QROutput.make(of: Array(text.utf8), arguments, console)
            if let path = arguments.value(output) {
                let bytes = Array(text.utf8)
                _ = try OutputFile.write(
                    bytes.span, to: path, replacing: arguments.has(PaymentCommands.force))
            }
            if arguments.has(.json) {
                try console.write(["ok": true, "policy": policy, "toFillIn": .array(toFillIn.map { .string($0) })])
            } else if arguments.value(output) == nil {
                try console.write(text)
            }
            let file = arguments.value(output).flatMap { $0 == "-" ? nil : escaped($0, limit: 4096) }
            console.note("fill in before you use it:\n" + toFillIn.map { "  \($0)\n" }.joined())
            if let file { console.note("airlock: wrote \(file); then: airlock policy check \(file)\n") }
            drawing?.show(console)
            return .done
        }
    }

    private static func check(_ console: Console) -> Command {
        Command("policy check", "describe in sentences what a policy allows", operands: ["FILE"]) { arguments in
            let policy = try Policy(InputFile.read(arguments.operands[0]))
            if arguments.has(.json) {
                try console.write([
                    "ok": true, "policyHash": .string("\(policy.hash)"),
                    "sentences": .array(policy.sentences.map { .string($0) }),
                ])
            } else {
                for sentence in policy.sentences {
                    for line in wrapped(sentence, width: console.width) { try console.write(line + "\n") }
                }
                try console.write("Its hash is \(policy.hash).\n")
            }
            return .done
        }
    }
}
