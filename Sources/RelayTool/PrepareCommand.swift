import AirlockRequestKinds
import AirlockBroadcast
import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockFiles
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockStrictJSON
import AirlockCharges

/// `prepare`: asks the chain for all that the offline machine must know to sign.
enum PrepareCommand {
    static let method = Option(
        "--method", "-m", value: "NAME", choices: ["auto"] + TransferMethod.allCases.map(\.rawValue),
        help: "a function of the contract, or auto (default): see below")
    static let value = Option(
        "--value", value: "AMOUNT",
        help: "the most that a swap may spend, in native currency or in its token (else quoted)")
    static let poolFee = Option(
        "--pool-fee", value: "N", help: "the swap's Uniswap fee tier (default 500, or the cheapest quoted)")
    static let token = Option(
        "--token", value: "ADDRESS",
        help: "the token that a swap spends; or the wrapped native currency, where the chain is not known")
    static let quoter = Option("--quoter", value: "ADDRESS", help: "Uniswap's QuoterV2, where the chain is not known")
    static let approve = Option("--approve", help: "measure an approval too, where the allowance is too low")

    static let notes = """
        The nonce counts what is waiting, and all nodes that answer must agree on it.
        It comes after the payments that the journal knows and no block holds yet.
        The priority fee is the median of what the middle transaction of each of the
        last 10 blocks paid, empty blocks left out, and at least 0.001 gwei (25 on
        Polygon); where most of them were empty, at least what the node suggests. The
        maximum fee is twice the next base fee and that. Of several nodes the highest
        base fee and the median priority fee are taken, and never more than 500 gwei
        where it is paid in ether, or 20000 elsewhere. Gas is what the simulated
        payment needs and a fifth more, at most 2^24. A payment that the contract would
        refuse is refused here, by the name of its error, and no file is written. Where
        the node cannot simulate it, the file lacks the gas, and the exit code is 10.

        --method auto takes transferNative for native currency, wrapAndTransfer for
        the wrapped one of a known chain, and transferTokenPreApproved for a token.
        A swap for which no --value is given is quoted in the pools of all fees, or in
        that of --pool-fee; proposed is the cheapest and 0.5 % more. What takes a permit
        cannot be simulated before it is signed: its gas is that of the method without
        and 60000 more.

        For subsidizedTransferToken the payer signs a permit of the token and someone
        else sends the call, so that neither gas nor fees are measured: the nonce is
        that of the payer's permits of the token, and the token's domain comes with it.

        Nothing is tried again unless --retry backoff asks for it: all questions only
        read, so each may be put any number of times.
        \(RetryOptions.notes)
        """

    static func make(_ console: Console) -> Command {
        Command(
            "prepare", "measure what the offline machine must know to sign a charge", operands: ["CHARGE"],
            options: [
                RelayOptions.rpc, RelayOptions.output, RelayOptions.force, method, token, value, poolFee, quoter,
                approve, RelayOptions.journal, RelayOptions.header, RelayOptions.timeout,
            ] + RetryOptions.all, notes: notes
        ) { arguments in
            let file = try InputFile.read(arguments.operands[0])
            try FileKind.require(.request, of: file.bytes, in: arguments.operands[0])
            let preparation = try read(arguments, Charge(file.bytes))
            let nodes = try RelayOptions.nodes(
                arguments, console, requestTimeout: RelayOptions.duration(arguments))
            let result = try waiting { try await preparation.measure(nodes) }
            for note in result.notes { console.note("airlock-relay: note: \(note)\n") }
            return try put(result, arguments, console)
        }
    }

    private static func read(_ arguments: Arguments, _ charge: Charge) throws -> Preparation {
        var problems: [Problem] = []
        let contents = charge.contents
        var preparation = Preparation(charge)
        preparation.method = arguments.value(method, TransferMethod.choice, into: &problems) ?? nil
        if let method = preparation.method, method.isSwap, !method.spendsNative {
            preparation.tokenValue = arguments.value(value)
        } else {
            preparation.value = arguments.value(
                value, { try Amount.parseNative($0, on: contents.chain) }, into: &problems)
        }
        preparation.token = arguments.value(token, { try Address($0) }, into: &problems)
        preparation.quoter = arguments.value(quoter, { try Address($0) }, into: &problems)
        preparation.poolFee = arguments.value(poolFee, Quantity.uint64, into: &problems)
        preparation.approving = arguments.has(approve)
        if let all = ProblemList(problems) { throw all }
        if let journal = try RelayOptions.journalToRead(arguments, named: .mayBeMissing) {
            preparation.ledgerHead = try journal.ledgerHead(of: contents.sender, on: contents.chain)
            preparation.heldNonces = try journal.heldNonces(of: contents.sender, on: contents.chain)
        }
        return preparation
    }

    private static func put(
        _ result: Preparation.Result, _ arguments: Arguments, _ console: Console
    ) throws -> ExitCode {
        let conditions = result.conditions
        let path = arguments.value(RelayOptions.output)
        if let path {
            let document = Array((conditions.json.text + "\n").utf8)
            _ = try OutputFile.write(document.span, to: path, replacing: arguments.has(RelayOptions.force))
        }
        if arguments.has(.json) {
            let problems = result.missing.map { [$0] } ?? []
            try console.write(Console.document(problems, beside: [("conditions", conditions.json)]))
            return problems.first?.exit ?? .done
        } else if path == nil {
            try console.write(conditions.json)
        } else if let path, path != "-" {
            try console.write(conditions.summary)
            let file = escaped(path, limit: 4096)
            let charge = escaped(arguments.operands[0], limit: 4096)
            console.note("airlock-relay: wrote \(file); next, offline: airlock sign \(charge) -c \(file)\n")
        }
        guard let missing = result.missing else { return .done }
        return console.report([missing], asJSON: false, tool: "airlock-relay")
    }
}

extension Conditions {
    /// What a person wants to see of it.
    fileprivate var summary: String {
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
        add("allowance", (approval?.allowance).map(inToken))
        add("L1 fee", native(l1Fee))
        add("block", block.map { "\($0.number) of \($0.timestamp)" })
        return facts.map { name, value in
            name + String(repeating: " ", count: 14 - name.utf8.count) + value + "\n"
        }.joined()
    }
}
