import AirlockPolicies
import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockFiles
import AirlockMessages
import Glibc
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSigning
import AirlockRequestKinds
import AirlockRequests

/// The command-line options for a payment, and the functions that read a request and these options.
enum PaymentOptions {
    static let conditions = Option(
        "--conditions", "-c", value: "FILE", help: "the conditions file that airlock-relay prepare wrote")
    static let nonce = Option(
        "--nonce", value: "N", help: "the payer's next nonce (see below for a permit's); overrides the conditions")
    static let gas = Option("--gas", value: "N", help: "the gas limit; overrides the conditions")
    static let maxFee = Option(
        "--max-fee", value: "AMOUNT", help: "the maximum fee per gas, such as 30gwei; overrides the conditions")
    static let priorityFee = Option(
        "--priority-fee", value: "AMOUNT",
        help: "the maximum priority fee per gas, part of --max-fee; overrides the conditions")
    static let chain = Option(
        "--chain", value: "CHAIN", choices: Chain.named.map(\.name),
        help: "a name or an id; must be the request's chain")
    static let method = Option(
        "--method", "-m", value: "NAME", choices: ["auto"] + RequestKinds.help.flatMap(\.methods),
        help: "a way to pay a request that has several, or auto (default): see below")
    static let value = Option(
        "--value", value: "AMOUNT", help: "the most to pay in native currency for a swap: all of it may be spent")
    static let poolFee = Option("--pool-fee", value: "N", help: "the swap's Uniswap fee tier (default 500)")
    static let policy = Option(
        "--policy", value: "FILE",
        help: "what may be paid; else $XDG_CONFIG_HOME/airlock/policy.json or the built-in pins")
    static let now = Option(
        "--now", value: "TIME", help: "the time to check deadlines against, such as 2026-03-11T08:30:49Z")

    static let approve = Option(
        "--approve", help: "unless the allowance suffices, first sign an approval for exactly what is needed")
    static let rungs = Option(
        "--rungs", value: "K", help: "sign K variants with the same nonce, each with fees 12.5 % higher (default 1)")
    static let cancel = Option(
        "--cancel", help: "for each nonce also sign a cancel: a transfer to the payer itself, with the highest fees")
    static let replace = Option(
        "--replace", value: "HASH",
        help: "sign another transaction for a request or nonce signed before; nodes want both fees 10 % higher")
    static let ledger = Option(
        "--ledger", value: "FILE", help: "what was signed; else $XDG_STATE_HOME/airlock/ledger.jsonl")

    static let verbose = Option(
        "--verbose", help: "show every check, not only the failures, the warnings and how many passed")

    static let reference = Option(
        "--reference", value: "TEXT",
        help: "a reference for a request that has none; the same request with the same reference is signed only once")

    static let judging = [policy, now]
    /// The options for a single payment. With `--lines`, `sign` refuses all of these options except `--conditions`.
    static let single =
        [
            conditions, nonce, gas, maxFee, priorityFee, chain, method, value, poolFee, replace, reference,
        ] + SafeOptions.all + SafeOptions.approving
    static let all =
        [
            conditions, nonce, gas, maxFee, priorityFee, chain, method, value, poolFee, approve, rungs, cancel, replace,
            reference,
        ]
        + judging + SafeOptions.all + SafeOptions.approving + [DescribeCommand.descriptors] + LedgerOptions.all + [
            verbose
        ]

    /// A program that is built on Airlock can add kinds of request when it starts. Therefore this help text is computed
    /// each time it is used.
    static var notes: String {
        """
        The kinds of REQUEST: \(RequestKinds.names.joined(separator: ", ")), message:
        typed data (EIP-712) or a text (EIP-191), and safe: a Safe transaction, as the
        service's JSON, a Transaction Builder batch, a safe file or typed data. See
        airlock help messages and airlock help safe.

        \(RequestKinds.help.map(\.notes).filter { !$0.isEmpty }.joined(separator: "\n\n"))
        """
    }

    /// Everything that was read for one or several requests. This includes the requests, the conditions file, the
    /// policy, the ledger, and the input files.
    struct Inputs {
        /// The requests, in the order of the operands.
        var requests: [PaymentRequest]
        /// The whole content of the conditions file. The conditions file of a payroll contains the conditions of
        /// several requests. Each request uses only the part that belongs to it.
        let conditions: Conditions?
        let files: [InputFile]
        let ledger: LedgerFile
        /// The Safe transaction whose hash the request approves; `nil` if the request is not such an approval.
        var approved: MessageRequest?

        /// Stores the address of the key that will sign, so that the review can check this address.
        mutating func take(_ key: Address?) {
            request.key = key
            guard var approved else { return }
            approved.key = key
            approved.ledger = request.ledger
            if let replaced = approved.replace, !approved.replaces(replaced) {
                request.replace = replaced
                approved.replace = nil
            } else {
                request.replace = nil
            }
            request.approve(MessageReview(approved))
        }

        /// Returns the problems of a review. Each problem names its file. If the request approves a Safe transaction,
        /// the problems of the Safe transaction come first.
        func refused(by review: Review, _ arguments: Arguments) -> [Problem] {
            let own = named(review.ownProblems, review.request.subject, conditions, arguments)
            let path = arguments.operand(0)
            return review.approvedProblems.map { problem in path.map(problem.inFile) ?? problem } + own
        }

        var request: PaymentRequest {
            get { requests[0] }
            set { requests[0] = newValue }
        }
    }

    /// Reads the request and the options of the command. Throws all problems of this input together.
    ///
    /// - Parameters:
    ///   - arguments: the arguments of the command.
    ///   - console: the console for notes.
    ///   - opened: the file with the request, if it was already read.
    ///   - subject: the request itself, if it was not read from a file.
    static func read(
        _ arguments: Arguments, _ console: Console, opened: InputFile? = nil, subject: (any Request)? = nil
    ) throws -> Inputs {
        try read(arguments, console, requests: arguments.operands, opened: opened, subject: subject)
    }

    /// Reads several requests that share one conditions file. Each problem names the file of its request.
    static func read(
        _ arguments: Arguments, _ console: Console, requests paths: [String], opened: InputFile? = nil,
        subject given: (any Request)? = nil
    ) throws -> Inputs {
        let fromInput = [(nil, paths.first)] + [Self.conditions, policy].map { ($0, arguments.value($0)) }
        if let second = fromInput.filter({ $0.1 == "-" }).dropFirst().first?.0 {
            throw Problem(UsageRule.conflict, at: second.name, detail: "standard input can be read once")
        }
        let approving = opened.flatMap { SafeOptions.approvesOnChain($0.bytes, arguments) ? $0 : nil }
        var problems = approving == nil ? SafeOptions.unused(arguments) : []
        var files: [InputFile] = []
        // The policy is read first, and the Safe transaction after it. The file of a Safe transaction may lack some
        // values, and the policy supplies some of these values.
        let early = approving == nil ? nil : problems.collect { try readPolicy(arguments, &files) }
        var message: SignableMessage?
        let subjects = paths.compactMap { path -> (any Request)? in
            var own: [Problem] = []
            let subject = own.collect { () throws -> (any Request)? in
                if let approving {
                    guard let early else { return nil }
                    let read = try MessageCommands.readMessage(approving.bytes, in: path, early, arguments)
                    message = read
                    let review = MessageReview(MessageRequest(read, now: machineTime, policy: early))
                    let subject = HashApproval(of: review)
                    return try arguments.value(reference).map { try subject?.referenced($0) } ?? subject
                }
                let read = try given ?? readRequest(path, &files, opened: opened)
                return try arguments.value(reference).map { try read.referenced($0) } ?? read
            }
            problems += own.map { paths.count == 1 ? named($0, in: path) : $0.at(place($0, in: path)) }
            return subject.flatMap(\.self)
        }
        let measured = problems.collect { try arguments.value(conditions).map { try readConditions($0, &files) } }
        let permitted = approving == nil ? problems.collect { try readPolicy(arguments, &files) } : early
        let ledgerFile = problems.collect { try LedgerOptions.file(arguments, console) }
        let signed = problems.collect {
            try ledgerFile?.read(for: subjects.first?.terms.payer ?? measured.flatMap { $0?.sender })
        }
        // The clock is read after the ledger. If the clock were read first, another process could add an entry before
        // this process reads the ledger. This entry would have a later time than the time that this process uses.
        let clock = machineTime
        let time = problems.collect { try readNow(arguments) ?? clock }
        let options = readOptions(
            arguments, for: subjects.first, token: measured?.flatMap(\.token), &problems)
        if let all = ProblemList(problems) { throw all }
        guard let permitted, let time, let ledgerFile else { throw Problem(InternalRule.unexpected) }
        let folder = try DescribeCommand.folder(arguments, policy: permitted, at: time)
        let requests = subjects.map { subject in
            var request = PaymentRequest(subject, now: time, clock: clock, policy: permitted)
            options(&request)
            request.conditions = measured.flatMap(\.self)?.narrowed(to: subject)
            request.descriptors = folder
            request.ledger = signed.flatMap(\.self)
            request.machineTime = { machineTime }
            return request
        }
        var inputs = Inputs(
            requests: requests, conditions: measured.flatMap(\.self), files: files, ledger: ledgerFile)
        if let message {
            var approved = MessageRequest(message, now: time, clock: clock, policy: permitted)
            approved.chain = inputs.request.chain
            approved.replace = inputs.request.replace
            approved.machineTime = { machineTime }
            approved.descriptors = folder
            inputs.approved = approved
            inputs.take(nil)
        }
        return inputs
    }

    static func readConditions(_ path: String, _ files: inout [InputFile]) throws -> Conditions {
        do {
            let file = try InputFile.read(path)
            files.append(file)
            try FileKind.require(.conditions, of: file.bytes, in: path)
            return try Conditions(file.bytes)
        } catch let broken as any RuleBroken {
            let problems = broken.problems.map { named($0, in: path) }
            throw ProblemList(problems) ?? ProblemList(broken)
        }
    }

    /// Adds the file's name to a problem. If the problem already contains a JSON pointer or another location in the
    /// file, the location is kept.
    private static func named(_ problem: Problem, in path: String) -> Problem {
        problem.field.map(\.isEmpty) ?? true ? problem.at(path) : problem.inFile(path)
    }

    /// Adds to each problem of a review the name of the file that the problem is about: the request or the conditions
    /// file.
    static func named(
        _ problems: [Problem], _ subject: any Request, _ measured: Conditions?, _ arguments: Arguments
    ) -> [Problem] {
        problems.map { problem in
            guard !isOfRequest(problem, subject) else { return arguments.operand(0).map(problem.inFile) ?? problem }
            guard let path = arguments.value(conditions), let field = problem.field, problem.file == nil else {
                return problem
            }
            return problem.at(measured?.place(of: field, narrowedTo: subject) ?? field).inFile(path)
        }
    }

    /// Returns `true` if a problem is about the request, and `false` if it is about the conditions file.
    private static func isOfRequest(_ problem: Problem, _ subject: any Request) -> Bool {
        problem.field.map { subject.isPlace($0) && (problem.rule as? SigningRule)?.isOfConditions != true } ?? false
    }

    /// Returns the location of a problem as text: the name of the file, followed by the JSON pointer if the problem has
    /// one.
    static func place(_ problem: Problem, in path: String) -> String {
        problem.field.map { $0.hasPrefix("/") ? "\(path)#\($0)" : path } ?? path
    }

    /// Reads the options that set values of the payment, such as the nonce and the fees. The chain of the request
    /// determines the units in which the user can give amounts.
    ///
    /// - Returns: a function that copies the values into a request.
    private static func readOptions(
        _ arguments: Arguments, for subject: (any Request)?, token: Conditions.Token?, _ problems: inout [Problem]
    ) -> (inout PaymentRequest) -> Void {
        let unitChain = subject?.terms.chain ?? .ethereum
        func amount(_ text: String) throws -> UInt256 { try Amount.parseNative(text, on: unitChain) }
        let nonce = arguments.value(nonce, Quantity.uint64, into: &problems)
        let gas = arguments.value(gas, Quantity.uint64, into: &problems)
        let maxFee = arguments.value(maxFee, amount, into: &problems)
        let priorityFee = arguments.value(priorityFee, amount, into: &problems)
        let chain = arguments.value(chain, { try Chain($0) }, into: &problems)
        let method = arguments.value(
            method,
            { text in
                try subject?.requireMethod(text)
                return text
            }, into: &problems)
        let measured = token.map { ($0.symbol, Int($0.decimals)) }
        let value = arguments.value(
            value, { try subject?.value($0, method: method, token: measured) ?? amount($0) }, into: &problems)
        let poolFee = arguments.value(poolFee, Quantity.uint64, into: &problems)
        let rungs = readRungs(arguments, into: &problems)
        let replace = arguments.value(replace, { try Hash(hex: $0) }, into: &problems)
        return { request in
            request.nonce = nonce
            request.gas = gas
            request.maxFeePerGas = maxFee
            request.maxPriorityFeePerGas = priorityFee
            request.chain = chain
            request.method = method
            request.value = value
            request.poolFee = poolFee
            request.approve = arguments.has(approve)
            request.rungs = rungs ?? 1
            request.cancel = arguments.has(cancel)
            request.replace = replace
        }
    }

    /// Reads a request. The operand is the path of a request file, or it is itself a request, such as a payment URI.
    static func readRequest(
        _ operand: String, _ files: inout [InputFile], opened: InputFile? = nil
    ) throws -> any Request {
        if RequestKinds.isRequest(operand) { return try RequestKinds.read(Array(operand.utf8)) }
        let file = try opened ?? InputFile.read(operand)
        files.append(file)
        try FileKind.require(.request, of: file.bytes, in: operand)
        return try RequestKinds.read(file.bytes)
    }

    static func readRungs(_ arguments: Arguments, into problems: inout [Problem]) -> UInt64? {
        guard let count = arguments.value(rungs, Quantity.uint64, into: &problems) else { return nil }
        guard 1...PaymentRequest.mostRungs ~= count else {
            problems.append(
                Problem(
                    UsageRule.invalidValue, at: rungs.name, saw: "\(count)",
                    expected: "1 to \(PaymentRequest.mostRungs)"))
            return nil
        }
        return count
    }

    /// Returns the path of the ledger, even if the ledger does not exist yet.
    static func ledgerPath(_ arguments: Arguments) throws -> String {
        if let path = arguments.value(ledger) { return path }
        return "\(try BaseDirectory.state.path(environment))/airlock/ledger.jsonl"
    }

    static var machineTime: Timestamp { Timestamp(seconds: UInt64(max(0, time(nil)))) }

    /// Reads the policy that the user specified. If the user specified none, reads the user's default policy. If there
    /// is no default policy either, returns the built-in policy.
    static func readPolicy(_ arguments: Arguments, _ files: inout [InputFile]) throws -> Policy {
        let file: InputFile
        if let path = arguments.value(policy) {
            file = try InputFile.read(path)
        } else {
            guard let folder = try? BaseDirectory.config.path(environment) else { return .builtIn }
            let path = "\(folder)/airlock/policy.json"
            var status = stat()
            do throws(FileError) { file = try InputFile.read(path) } catch {
                // The built-in policy is used only if the user's default policy file does not exist. A broken symbolic
                // link is an error, because the user has a policy, but the target of the link is missing.
                guard error.rule == .missing, unsafe lstat(path, &status) != 0 else { throw error }
                return .builtIn
            }
        }
        files.append(file)
        return try Policy(file)
    }

    /// Reads the time that the user gave with `--now`, an option for machines whose clock is wrong. Returns `nil` if
    /// the user did not give this option.
    static func readNow(_ arguments: Arguments) throws -> Timestamp? {
        guard let text = arguments.value(now) else { return nil }
        do { return try Timestamp(text) } catch {
            throw Problem(UsageRule.invalidValue, because: error.problems[0], at: now.name)
        }
    }

    static func environment(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}
