import AirlockClearSigning
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockMessages
import AirlockPolicies
import AirlockRequestKinds
import AirlockRequests
import AirlockSigning
import AirlockStrictJSON
import AirlockTransactions
import AirlockTypedData

/// The commands `describe` and `descriptors`. `describe` shows a human-readable description of a request. `descriptors`
/// lists or checks the ERC-7730 descriptors that define such descriptions.
enum DescribeCommand {
    static let descriptors = Option(
        "--descriptors", value: "DIR",
        help: "descriptors (ERC-7730); else $XDG_CONFIG_HOME/airlock/descriptors, if it exists")
    private static let policy = Option(
        "--policy", value: "FILE", help: "use only descriptors that this policy trusts, and its names and decimals")
    private static let chain = Option(
        "--chain", value: "CHAIN", choices: Chain.named.map(\.name), help: "the chain of a request that names none")

    static func all(_ console: Console) -> [Command] { [describe(console), list(console), check(console)] }

    /// Reads the folder of descriptors that the user specified. If the user specified no folder, reads the default
    /// folder. Returns `nil` if the default folder does not exist.
    static func folder(_ arguments: Arguments, policy: Policy?, at now: Timestamp) throws -> DescriptorFolder? {
        if let path = arguments.value(descriptors) { return try DescriptorFolder(path, policy: policy, at: now) }
        guard let base = try? BaseDirectory.config.path(PaymentOptions.environment) else { return nil }
        let path = "\(base)/airlock/descriptors"
        return Folder.isFolder(path) ? try DescriptorFolder(path, policy: policy, at: now) : nil
    }

    private static func named(_ arguments: Arguments) throws -> Policy? {
        try arguments.value(policy).map { try Policy(InputFile.read($0)) }
    }

    private static func time(_ arguments: Arguments) throws -> Timestamp {
        try PaymentOptions.readNow(arguments) ?? PaymentOptions.machineTime
    }

    // MARK: A request

    private static func describe(_ console: Console) -> Command {
        Command(
            "describe", "describe what a request does: its values, and the words of a descriptor",
            operands: ["REQUEST"],
            options: [descriptors, policy, PaymentOptions.method, PaymentOptions.value, chain, PaymentOptions.now]
                + SafeOptions.all,
            notes: """
                REQUEST is a file with a request of any kind, a payment URI, typed data (EIP-712), a
                text (EIP-191), or a transaction in hexadecimal, signed or not. No key is needed and
                nothing is signed. Target, value, function and arguments come first: they are
                decoded from the bytes, whatever a descriptor says.

                Without --policy every descriptor of the folder is used, unless an attestation
                (ERC-8176) beside it is wrong, and only known tokens have names and decimals.
                A request that can be paid in several ways needs --method.

                The hash that the owners of a Safe sign depends on chain and version. They come from
                the policy, or from --chain and --safe-version; without them only the message hash
                is shown.
                """
        ) { arguments in
            let permitted = try named(arguments)
            let folder = try folder(arguments, policy: permitted, at: time(arguments))
            let operand = arguments.operands[0]
            let isText = RequestKinds.isRequest(operand) || operand.hasPrefix("0x")
            let bytes = isText ? Array(operand.utf8) : try InputFile.read(operand).bytes
            if !isText, SafeOptions.isSafe(bytes) {
                return try SafeOptions.describe(bytes, permitted, folder, at: time(arguments), arguments, console)
            }
            if let all = ProblemList(SafeOptions.unused(arguments)) { throw all }
            let (kind, readAs, subject, function, proposal) = try read(bytes, isText, arguments)
            let rendering = Rendering(
                subject, by: folder, names: PolicyNames(permitted ?? .builtIn), function: function)
            if arguments.has(.json) {
                let members =
                    [("kind", JSONOutput.string(kind)), ("readAs", .string(readAs))] + rendering.members
                    + (proposal?.members ?? [])
                try console.write(Console.document(rendering.problems, beside: members))
            } else {
                try console.write(
                    wrapped(onlyPrintable("read as: \(readAs)"), width: console.width).joined(separator: "\n") + "\n"
                        + rendering.text(width: console.width) + (proposal?.text(width: console.width) ?? ""))
            }
            return try PaymentCommands.end(rendering.problems, arguments)
        }
    }

    /// Reads the request, the message or the transaction that is the command's operand. Returns the content to
    /// describe, its kind and its format.
    private static func read(
        _ bytes: [UInt8], _ isText: Bool, _ arguments: Arguments
    ) throws -> (kind: String, readAs: String, subject: Rendering.Subject, function: String?, says: Proposal?) {
        let operand = arguments.operands[0]
        do {
            if MessageCommands.isMessage(bytes), !isText {
                let message = try MessageCommands.message(bytes)
                let kind = SignableMessage.kind
                switch message.content {
                case .text(let text): return (kind, message.readAs, .text(text), nil, nil)
                case .typedData(let data):
                    if let problems = ProblemList(data.wrongChecksums) { throw problems }
                    return (kind, message.readAs, .message(data, signer: message.terms?.owner), nil, nil)
                }
            }
            if let found = try transaction(bytes, arguments) {
                return ("transaction", found.0, found.1, nil, found.2)
            }
            try FileKind.require(.request, of: bytes, in: operand)
            let request = try RequestKinds.read(bytes)
            let (call, function) = try call(of: request, arguments)
            return (type(of: request).kind, request.readAs, .call(call), function, request.proposal)
        } catch let broken as any RuleBroken {
            let problems = broken.problems.map { $0.field == nil ? $0.at(operand) : $0.inFile(operand) }
            throw isText ? ProblemList(broken) : ProblemList(problems) ?? ProblemList(broken)
        }
    }

    /// Reads a transaction, which must be text of 0x and hexadecimal digits. Returns `nil` if the text does not begin
    /// with 0x.
    private static func transaction(
        _ bytes: [UInt8], _ arguments: Arguments
    ) throws -> (String, Rendering.Subject, Proposal)? {
        guard bytes.starts(with: Array("0x".utf8)) else { return nil }
        var text = String(decoding: bytes, as: UTF8.self)
        if text.last?.isNewline == true { text.removeLast() }
        let raw = try Hex.decode(text)
        let signed = try? SignedTransaction(raw: raw)
        let transaction = try signed?.transaction ?? UnsignedTransaction(encoded: raw)
        guard let to = transaction.to else {
            throw Problem(LookingRule.creation)
        }
        let named = try arguments.value(chain).map { try Chain($0).id }
        guard let id = transaction.chainID ?? named else {
            throw Problem(UsageRule.missingValue, at: chain.name, detail: "the transaction names no chain")
        }
        if let named, named != id {
            throw Problem(
                SigningRule.otherChain, at: chain.name, saw: "\(Chain(id: named))", expected: "\(Chain(id: id))")
        }
        let call = ContractCall(
            chain: UInt256(id), from: try signed?.sender, to: to, value: transaction.value, data: transaction.data)
        let says = Proposal(
            nonce: transaction.nonce, gas: transaction.gas, maxFeePerGas: transaction.maxFeePerGas,
            maxPriorityFeePerGas: transaction.type == 2 ? transaction.maxPriorityFeePerGas : nil,
            isGasPrice: transaction.type != 2, accessList: transaction.accessList)
        return (signed == nil ? "unsigned transaction" : "signed transaction", .call(call), says)
    }

    /// Builds the call that fulfils a payment request. This function does not read a conditions file, because the call
    /// is only described and not sent.
    private static func call(
        of request: any Request, _ arguments: Arguments
    ) throws -> (ContractCall, function: String?) {
        let terms = request.terms
        var inputs = ActionInputs(payer: terms.payer ?? .zero)
        if let method = arguments.value(PaymentOptions.method), method != "auto" {
            try request.requireMethod(method)
            inputs.method = method
        }
        inputs.value = try arguments.value(PaymentOptions.value).map {
            try request.value($0, method: inputs.method, token: nil)
        }
        let call = try request.prove().action(inputs).call
        let subject = ContractCall(
            chain: UInt256(terms.chain.id), from: terms.payer, to: call.to, value: call.value, data: call.data)
        return (subject, call.namedFunction)
    }

    // MARK: The commands for ERC-7730 descriptors

    private static func list(_ console: Console) -> Command {
        Command(
            "descriptors list", "show what each descriptor in a folder is for, and whether it counts",
            operands: ["DIR"], options: [policy, PaymentOptions.now], notes: notes
        ) { arguments in
            let permitted = try named(arguments)
            let folder = try DescriptorFolder(arguments.operands[0], policy: permitted, at: time(arguments))
            if arguments.has(.json) {
                try console.write(["ok": true, "descriptors": .array(folder.entries.map { $0.json(permitted != nil) })])
            } else {
                for entry in folder.entries { try console.write(entry.text(permitted != nil, width: console.width)) }
                if folder.entries.isEmpty { console.note("no descriptors\n") }
            }
            return .done
        }
    }

    private static func check(_ console: Console) -> Command {
        Command(
            "descriptors check", "check every descriptor and attestation in a folder, and report all problems",
            operands: ["DIR"], options: [policy, PaymentOptions.now], notes: notes
        ) { arguments in
            let permitted = try named(arguments)
            let folder = try DescriptorFolder(arguments.operands[0], policy: permitted, at: time(arguments))
            var problems: [Problem] = []
            for problem in folder.entries.flatMap({ $0.problems + $0.files.flatMap(\.objections) })
            where !problems.contains(problem) { problems.append(problem) }
            if arguments.has(.json) {
                let entries = folder.entries.map { $0.json(permitted != nil) }
                try console.write(Console.document(problems, beside: [("descriptors", .array(entries))]))
            } else {
                let files = folder.entries.count == 1 ? "1 descriptor" : "\(folder.entries.count) descriptors"
                let counting = folder.entries.count(where: \.counts)
                try console.write("\(files), \(counting) of them \(permitted == nil ? "usable" : "trusted")\n")
            }
            return try PaymentCommands.end(problems, arguments)
        }
    }

    private static let notes = """
        Attestations (ERC-8176) of name.json are sigs/name.eip155-1-0x….json, or the same
        name beside it. With --policy a descriptor counts if every file that it is made of
        has its hash in the policy's descriptors, or is attested by one of its attesters.
        A file without a context is a part of the descriptors that include it.
        """
}

/// Shows the fields of a transaction except its call: nonce, gas, fees and access list.
extension Proposal {
    fileprivate func text(width: Int) -> String {
        func gwei(_ fee: UInt256) -> String { "\(Amount.format(fee, decimals: 9)) gwei" }
        var facts: [(String, [String])] = []
        if let nonce { facts.append(("nonce", ["\(nonce)"])) }
        if let gas { facts.append(("gas", ["\(gas)"])) }
        if let maxFeePerGas {
            facts.append((isGasPrice ? "gas price" : "fee per gas", [gwei(maxFeePerGas)]))
        }
        if let maxPriorityFeePerGas { facts.append(("priority fee", [gwei(maxPriorityFeePerGas)])) }
        if !accessList.isEmpty { facts.append(("access list", Review.words(of: accessList))) }
        return facts.map { tabulated($0, $1, column: 13, width: width) }.joined()
    }

    fileprivate var members: [(String, JSONOutput)] {
        var members: [(String, JSONOutput)] = []
        if let nonce { members.append(("nonce", .string("\(nonce)"))) }
        if let gas { members.append(("gas", .string("\(gas)"))) }
        if let maxFeePerGas { members.append((isGasPrice ? "gasPrice" : "maxFeePerGas", .string("\(maxFeePerGas)"))) }
        if let maxPriorityFeePerGas {
            members.append(("maxPriorityFeePerGas", .string("\(maxPriorityFeePerGas)")))
        }
        if !accessList.isEmpty {
            let entries = accessList.map { entry -> JSONOutput in
                [
                    "address": .string("\(entry.address)"),
                    "storageKeys": .array(entry.storageKeys.map { .string("\($0)") }),
                ]
            }
            members.append(("accessList", .array(entries)))
        }
        return members.isEmpty ? [] : [("transaction", .object(members))]
    }
}

extension DescriptorFolder.Entry {
    private var contracts: [String] {
        guard let descriptor else { return [] }
        return descriptor.contracts.map { contract in
            let chain = UInt64(exactly: contract.chain).map { "\(Chain(id: $0))" } ?? "chain \(contract.chain)"
            return "\(contract.address) on \(chain)"
        } + descriptor.domain.map { "\($0.key) \(escaped($0.value, limit: 100))" }
    }

    /// Formats information about a descriptor: its hash, the contracts or the domain that it describes, and whether the
    /// policy trusts the descriptor.
    fileprivate func text(_ hasPolicy: Bool, width: Int) -> String {
        var text = escaped(path, limit: 256) + "\n"
        func add(_ name: String, _ values: [String]) {
            text += tabulated("  " + name, values, column: 13, width: width)
        }
        if let descriptor {
            add("hash", ["\(descriptor.hash)"])
            let what = descriptor.isForMessages ? "messages" : "calls"
            add("for", descriptor.isBound ? ["\(what) of"] + contracts : ["\(what), inside others that include it"])
            add("describes", descriptor.keys.map { escaped($0, limit: .max) })
            for file in files {
                let isOwn = file.path == path
                add(
                    isOwn ? "trust" : "includes",
                    [isOwn ? file.voucher : "\(escaped(file.path, limit: 256)), \(file.voucher)"])
            }
        }
        let objections = files.flatMap(\.objections)
        let reasons = objections + problems.filter { !objections.contains($0) }
        let verdict = hasPolicy ? "counts" : "usable"
        add(verdict, [counts ? "yes" : "no"])
        for problem in reasons { add("problem", ["\(problem.message)\(problem.shownPlace.map { " (\($0))" } ?? "")"]) }
        return text
    }

    fileprivate func json(_ hasPolicy: Bool) -> JSONOutput {
        var members: [(String, JSONOutput)] = [("path", .string(path))]
        if let descriptor {
            members += [
                ("hash", .string("\(descriptor.hash)")),
                ("for", .string(descriptor.isForMessages ? "messages" : "calls")),
                (
                    "contracts",
                    .array(
                        descriptor.contracts.map {
                            ["chainId": .string("\($0.chain)"), "address": .string("\($0.address)")]
                        })
                ),
                ("domain", .object(descriptor.domain.map { ($0.key, .string($0.value)) })),
                ("describes", .array(descriptor.keys.map { .string($0) })),
                ("attestedBy", .array((files.first?.attesters ?? []).map { .string("\($0)") })),
                (
                    "files",
                    .array(
                        files.map { file in
                            [
                                "path": .string(file.path), "hash": .string("\(file.hash)"),
                                "attestedBy": .array(file.attesters.map { .string("\($0)") }),
                                "pinned": .boolean(file.isPinned),
                            ]
                        })
                ),
            ]
        }
        members.append((hasPolicy ? "counts" : "usable", .boolean(counts)))
        let objections = files.flatMap(\.objections)
        let reasons = objections + problems.filter { !objections.contains($0) }
        return .object(members + [("errors", .array(reasons.map(\.json)))])
    }
}
