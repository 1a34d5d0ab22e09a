import AirlockBroadcast
import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockFiles
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockStrictJSON
import AirlockQRCodes
import AirlockRequestKinds
import AirlockRequests
import AirlockSafes

/// `prepare`: queries nodes for the on-chain state that the offline machine needs to sign a request.
enum PrepareCommand {
    static let method = Option(
        "--method", "-m", value: "NAME", choices: ["auto"] + RequestKinds.help.flatMap(\.methods),
        help: "a way to pay a request that has several, or auto (default): see below")
    static let value = Option(
        "--value", value: "AMOUNT",
        help: "the most that a swap may spend, in native currency or in its token (else quoted)")
    static let poolFee = Option(
        "--pool-fee", value: "N", help: "the swap's Uniswap fee tier (default 500, or the cheapest quoted)")
    static let token = Option(
        "--token", value: "ADDRESS",
        help: "the token that a swap spends; or the wrapped native currency, where the chain is not known")
    static let quoter = Option("--quoter", value: "ADDRESS", help: "Uniswap's QuoterV2, where the chain is not known")
    static let from = Option(
        "--from", value: "ADDRESS", help: "the payer, if the request names none; a payment URI never does")
    static let approve = Option("--approve", help: "also measure an approval, if the allowance is too low")

    /// A program that is built on Airlock can add kinds of request when it starts. Therefore this help text is computed
    /// each time it is used.
    static var notes: String {
        """
        The nonce follows all waiting transactions, and all nodes that answer must agree on
        it. It also follows the payments in the journal that are in no block yet. The
        priority fee is the median of what the middle transaction of each of the last 10
        blocks paid, empty blocks left out, and at least 0.001 gwei (25 on Polygon); if most
        of them were empty, at least what the node suggests. The maximum fee is twice the
        next base fee plus the priority fee. Of several nodes the highest base fee and the
        median priority fee are used, and never more than 500 gwei if fees are paid in
        ether, or 20000 elsewhere. The gas is what the simulated payment needs plus a fifth,
        at most 2^24. A payment that the contract would refuse is refused with the name of
        the contract's error, and no file is written. If the node cannot simulate it, the
        file lacks the gas, and the exit code is 10.

        The request is a file of any kind, an unsigned transaction, a payment URI (EIP-681),
        or a payroll: a file with one {"request":{...}} per line, whose name ends in .jsonl
        or whose first line is one, or - for standard input. A payroll gets one conditions
        file: the first nonce, the highest gas of its payments in each currency, and fees.
        All lines must have the same payer and chain. Every wrong line is reported, and so
        is a sum that the payer does not have, fees included; then no file is written.
        airlock sign --lines -c counts the nonces up.

        For a Safe transaction, --approve-hash measures the call with which an owner who
        pays the gas approves it on chain: prepare tx.json --approve-hash --safe-version
        1.4.1 --from OWNER. The version is what the Safe's contract returns from VERSION().

        \(RequestKinds.help.map(\.preparing).filter { !$0.isEmpty }.joined(separator: "\n\n"))

        Failed requests are repeated only with --retry backoff. That is safe: prepare only
        reads.
        \(RetryOptions.notes)
        """
    }

    static func make(_ console: Console) -> Command {
        Command(
            "prepare", "measure what the offline machine must know to sign a request or a payroll",
            operands: ["REQUEST | PAYROLL"],
            options: [
                RelayOptions.rpc, RelayOptions.output, RelayOptions.force, from, method, token, value, poolFee, quoter,
                approve, RelayOptions.journal, RelayOptions.header, RelayOptions.timeout,
            ] + QROutput.options + ApprovalOptions.all + RetryOptions.all, notes: notes
        ) { arguments in
            try QROutput.check(arguments)
            let operand = arguments.operands[0]
            if RequestKinds.isRequest(operand) {
                _ = try ApprovalOptions.call([], from: from, arguments)
                return try prepare(RequestKinds.read(Array(operand.utf8)), arguments, console)
            }
            let file = try InputFile.read(operand, limit: largest)
            if let call = try ApprovalOptions.call(file.bytes, from: from, arguments) {
                return try prepare(call, arguments, console)
            }
            if PayrollFile.isPayroll(file.bytes, path: operand) { return try prepare(file, arguments, console) }
            try FileKind.require(.request, of: file.bytes, in: operand)
            try refuseSafe(file.bytes, operand)
            let request = try ProblemList.inFile(operand) { try RequestKinds.read(file.bytes) }
            return try prepare(request, arguments, console)
        }
    }

    /// Throws if the file contains a Safe transaction. The owners of the Safe sign it without a conditions file, so
    /// there is nothing to prepare. The call that executes the Safe transaction is a separate request, and it can be
    /// prepared.
    private static func refuseSafe(_ bytes: [UInt8], _ path: String) throws {
        guard let root = try? JSONDocument(bytes).root, SafeRequest.recognises(root) else { return }
        throw Problem(
            RequestRule.unknownKind, at: path, detail: "a Safe transaction is signed without conditions",
            hint: """
                once enough owners have signed it, airlock-relay safe execute makes the call that is prepared; \
                --approve-hash measures the approval by an owner on the chain
                """)
    }

    /// The maximum size of the input file, in bytes. This is enough for a payroll of about 50000 lines.
    private static let largest = 1 << 24

    private static func prepare(
        _ request: any Request, _ arguments: Arguments, _ console: Console
    ) throws -> ExitCode {
        let preparation = try read(arguments, request)
        let nodes = try nodes(arguments, console)
        let result = try waiting { try await preparation.measure(nodes) }
        console.note(readAs: request.readAs)
        return try put(result, arguments, console)
    }

    private static func prepare(
        _ file: InputFile, _ arguments: Arguments, _ console: Console
    ) throws -> ExitCode {
        var problems = [method, token, value, poolFee, quoter, approve].filter(arguments.has).map {
            Problem(RequestRule.argumentUnused, at: $0.name)
        }
        let payer = arguments.value(from, { try Address($0) }, into: &problems)
        if let all = ProblemList(problems) { throw all }
        let payroll = try PayrollFile(file.bytes, path: arguments.operands[0], from: payer, now: RelayOptions.now)
        var preparation = PayrollPreparation(payroll)
        if let known = try known(of: payroll.payer, on: payroll.chain, arguments) {
            (preparation.ledgerHead, preparation.heldNonces) = known
        }
        if console.showsProgress {
            preparation.progress = { console.note("\r\($0) of \($1) simulated" + ($0 == $1 ? "\n" : "")) }
        }
        let nodes = try nodes(arguments, console)
        let result = try waiting { [preparation] in try await preparation.measure(nodes) }
        console.note(readAs: "payroll")
        return try put(result, arguments, console)
    }

    /// Reads the payer's data from the journal: the hash of an entry in the offline ledger, and the nonces that
    /// recorded payments use. The hash is taken from the latest recorded payment that contains such a hash. Returns
    /// `nil` if there is no journal.
    private static func known(
        of payer: Address, on chain: Chain, _ arguments: Arguments
    ) throws -> (Hash?, [HeldNonce])? {
        guard let journal = try RelayOptions.journalToRead(arguments, named: .mayBeMissing) else { return nil }
        return try waiting {
            try await journal.closing {
                (try await journal.ledgerHead(of: payer, on: chain), try await journal.heldNonces(of: payer, on: chain))
            }
        }
    }

    private static func nodes(_ arguments: Arguments, _ console: Console) throws -> Nodes {
        try RelayOptions.nodes(arguments, console, requestTimeout: RelayOptions.duration(arguments))
    }

    private static func read(_ arguments: Arguments, _ request: any Request) throws -> Preparation {
        var problems: [Problem] = []
        let terms = request.terms
        let named = arguments.value(from, { try Address($0) }, into: &problems)
        if let named, let payer = terms.payer, named != payer {
            problems.append(
                Problem(PrepareRule.otherPayer, at: from.name, saw: "\(named)", expected: "\(payer)"))
        }
        let payer = named ?? terms.payer
        if payer == nil, problems.isEmpty {
            problems.append(Problem(RequestRule.noPayer, at: from.name, hint: "name the payer with --from"))
        }
        var preparation = Preparation(request, from: payer ?? .zero)
        preparation.now = RelayOptions.now
        preparation.method =
            arguments.value(
                method,
                { name throws(Problem) in
                    // If this kind of request has only one payment method, `--method` has no effect. A later check
                    // refuses `--method` in that case, like every option that has no effect.
                    if request.hasMethods { try request.requireMethod(name) }
                    return name == "auto" ? nil : name
                }, into: &problems) ?? nil
        let way = preparation.method
        if request.takesValueInToken(method: way) {
            preparation.tokenValue = arguments.value(value)
        } else {
            preparation.value = arguments.value(
                value, { try request.value($0, method: way, token: nil) }, into: &problems)
        }
        preparation.token = arguments.value(token, { try Address($0) }, into: &problems)
        preparation.quoter = arguments.value(quoter, { try Address($0) }, into: &problems)
        preparation.poolFee = arguments.value(poolFee, Quantity.uint64, into: &problems)
        preparation.approving = arguments.has(approve)
        if let all = ProblemList(problems) { throw all }
        if let known = try known(of: preparation.payer, on: terms.chain, arguments) {
            (preparation.ledgerHead, preparation.heldNonces) = known
        }
        return preparation
    }

    private static func put(
        _ result: Preparation.Result, _ arguments: Arguments, _ console: Console
    ) throws -> ExitCode {
        for note in result.notes { console.note("airlock-relay: note: \(note.sentence)\n") }
        let conditions = result.conditions
        let isPayroll = conditions.tokens != nil
        let path = arguments.value(RelayOptions.output)
        let document = Array((conditions.json.text + "\n").utf8)
        if let path {
            _ = try OutputFile.write(document.span, to: path, replacing: arguments.has(RelayOptions.force))
        }
        var problems = result.missing.map { [$0] } ?? []
        let drawing = problems.collect { try QROutput.make(of: document, arguments, console) } ?? nil
        if arguments.has(.json) {
            let changes = result.changes.map { [("changes", $0.json)] } ?? []
            try console.write(Console.document(problems, beside: [("conditions", conditions.json)] + changes))
        } else if path == nil {
            try console.write(conditions.json)
        } else if let path, path != "-" {
            try console.write(conditions.summary(after: result.payroll))
            let file = escaped(path, limit: 4096)
            let request = escaped(arguments.operands[0], limit: 4096)
            let next =
                isPayroll
                ? "airlock sign --lines -c \(file) -k KEY --policy POLICY < \(request)"
                : "airlock sign \(request)\(arguments.has(ApprovalOptions.approveHash) ? " --approve-hash" : "") -c \(file)"
            console.note("airlock-relay: wrote \(file); next, offline: \(next)\n")
        }
        drawing?.show(console)
        guard !problems.isEmpty, !arguments.has(.json) else { return problems.first?.exit ?? .done }
        return console.report(problems, asJSON: false, tool: "airlock-relay")
    }
}

extension Conditions {
    /// Formats the content of the conditions file as text for the user.
    fileprivate func summary(after payroll: [(String, String)]) -> String {
        var facts: [(String, String)] = []
        func add(_ name: String, _ value: (some CustomStringConvertible)?) {
            if let value { facts.append((name, value.description)) }
        }
        func native(_ amount: UInt256?) -> String? {
            amount.map { "\(Amount.format($0, decimals: 18)) \(chain.nativeSymbol)" }
        }
        func inToken(_ amount: UInt256) -> String {
            guard let token else { return amount.description }
            return "\(Amount.format(amount, decimals: Int(token.decimals))) \(escaped(token.symbol, limit: 16))"
        }
        add("chain", chain)
        add("payer", sender)
        facts += payroll
        add("method", method)
        add("at most", token == nil ? native(value) : value.map(inToken))
        add("pool fee", poolFee)
        add("nonce", nonce)
        add("gas", gas)
        add("approve gas", approveGas)
        add("max fee", maxFeePerGas.map { "\(Amount.format($0, decimals: 9)) gwei" })
        add("priority fee", maxPriorityFeePerGas.map { "\(Amount.format($0, decimals: 9)) gwei" })
        add("balance", native(nativeBalance))
        add("token", (token?.balance).map(inToken))
        for listed in tokens ?? [] {
            let amount = Amount.format(listed.token.balance, decimals: Int(listed.token.decimals))
            add("token", "\(amount) \(escaped(listed.token.symbol, limit: 16))")
        }
        add("allowance", (approval?.allowance).map(inToken))
        add("L1 fee", native(l1Fee))
        add("block", block.map { "\($0.number) of \($0.timestamp)" })
        return facts.map { name, value in
            name + String(repeating: " ", count: 14 - name.utf8.count) + value + "\n"
        }.joined()
    }
}
