import AirlockBroadcast
import AirlockCalls
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockQRCodes
import AirlockSafes
import AirlockStrictJSON

/// `safe execute`: builds the call that executes a Safe transaction. Enough owners must have signed the transaction.
/// Anybody can send the call.
enum SafeExecuteCommand {
    static let from = Option(
        "--from", value: "ADDRESS",
        help: "the account that will send it and pay for its gas, which need not be an owner")

    static let notes = """
        FILE and SIGNATURE are as for safe post; the confirmations in FILE count as well,
        and so do owners who approved the hash on the chain. Version, owners, threshold and
        next nonce are read from the chain, and several nodes must agree. Every signature is
        checked. If too few have signed, the error names who has and who has not.

        The signatures are sorted by owner, the call of execTransaction is simulated, and a
        call file is written whose reference is the safeTxHash. It is prepared, signed and
        sent like any call:

          airlock-relay prepare call.json --from A -o conditions.json
          airlock sign call.json -c conditions.json -k key.json -o payment.json
          airlock-relay send payment.json

        send is done when the Safe emits ExecutionSuccess with this hash. ExecutionFailure
        ends it with exit code 20; the Safe's nonce is used all the same.

        \(RetryOptions.notes)
        """

    static func make(_ console: Console) -> Command {
        Command(
            "safe execute", "make the call that executes a Safe transaction that enough owners signed",
            operands: ["FILE", "[SIGNATURE]..."],
            options: [
                RelayOptions.rpc, RelayOptions.output, RelayOptions.force, from, SafeOptions.chain,
            ] + QROutput.options + SafeOptions.service, notes: notes
        ) { arguments in
            var problems: [Problem] = []
            problems.collect { try QROutput.check(arguments) }
            let given = arguments.value(SafeOptions.chain, { try Chain($0) }, into: &problems)
            let sender = arguments.value(from, { try Address($0) }, into: &problems)
            if let all = ProblemList(problems) { throw all }
            let nodes = try RelayOptions.nodes(arguments, console, requestTimeout: RelayOptions.duration(arguments))
            let path = arguments.value(RelayOptions.output)
            if let path { try OutputFile.check(path, replacing: arguments.has(RelayOptions.force), identical: true) }
            let signed = try SignedSafeTransaction(
                arguments.operands[0], Array(arguments.operands.dropFirst()), chain: given)
            let execution = try waiting { () async throws -> Execution in
                let chain = try await chain(of: signed, nodes)
                var context = signed.context
                context.chain = chain
                let result = try await SafeExecution(
                    signed.request, context, chain: chain, safe: signed.safe, hash: signed.hash,
                    signatures: signed.signatures
                ).measure(nodes, from: sender)
                let call = try UnverifiedCall(
                    chain: chain, from: sender, to: signed.safe, value: .zero, data: result.data,
                    reference: "\(result.transaction.hash)")
                return Execution(call: call, result: result)
            }
            let document = Array((execution.call.json.text + "\n").utf8)
            if let path {
                _ = try OutputFile.write(document.span, to: path, replacing: arguments.has(RelayOptions.force))
            }
            var unseen: [Problem] = []
            let drawing = unseen.collect { try QROutput.make(of: document, arguments, console) } ?? nil
            try execution.put(path, unseen, asJSON: arguments.has(.json), console)
            drawing?.show(console)
            guard let all = ProblemList(unseen) else { return .done }
            guard arguments.has(.json) else { throw all }
            return all.problems[0].exit
        }
    }

    /// Returns the chain on which the Safe is deployed. A transaction file from the transaction service does not state
    /// the chain. If neither the other files nor the user state it, all nodes must be on the same chain, and this chain
    /// is used.
    private static func chain(of signed: SignedSafeTransaction, _ nodes: Nodes) async throws -> Chain {
        if let chain = signed.chain { return chain }
        let chains = try await nodes.byChain().nodes.keys
        guard chains.count == 1, let only = chains.first else {
            throw Problem(SafeRule.noChain, at: SafeOptions.chain.name, expected: "the Safe's chain")
        }
        return only
    }
}

private struct Execution: Sendable {
    let call: UnverifiedCall
    let result: SafeExecution.Result

    func put(_ path: String?, _ problems: [Problem], asJSON: Bool, _ console: Console) throws {
        if asJSON {
            var members: [(String, JSONOutput)] = []
            if let path, path != "-" { members.append(("file", .string(path))) }
            members += [
                ("safeTxHash", .string("\(result.transaction.hash)")),
                ("signers", .array(result.signers.map { .string("\($0)") })), ("onChain", result.state.json),
                ("call", call.json),
            ]
            return try console.write(Console.document(problems, beside: members))
        }
        guard let path, path != "-" else {
            if path == nil { try console.write(call.json) }
            return console.note(SafeOptions.table(facts))
        }
        try console.write(SafeOptions.table(facts + [("file", path)]))
        let file = escaped(path, limit: 4096)
        let from = call.from == nil ? " --from ADDRESS" : ""
        console.note("airlock-relay: wrote \(file); next: airlock-relay prepare \(file)\(from) -o conditions.json\n")
    }

    private var facts: [(name: String, value: String)] {
        [
            ("chain", "\(call.chain)"), ("safe", "\(call.to)"), ("nonce", "\(result.transaction.transaction.nonce)"),
            ("safeTxHash", "\(result.transaction.hash)"),
            ("signed by", result.signers.map(\.description).joined(separator: ", ")),
        ] + result.state.facts.map { ("on chain", "\($0.name) \($0.value)") }
    }
}
