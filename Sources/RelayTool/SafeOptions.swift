import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockHTTP
import AirlockPaymentFiles
import AirlockRequestKinds
import AirlockRequests
import AirlockSafeService
import AirlockSafes
import AirlockStrictJSON

/// The options that the commands for Safes share, and the files that these commands read.
enum SafeOptions {
    static let safe = Option("--safe", value: "ADDRESS", help: "the Safe")
    static let chain = Option(
        "--chain", value: "CHAIN", choices: Chain.named.map(\.name),
        help: "the Safe's chain, if no file names it: ethereum, polygon, base or an id")
    /// The options for the calls that `safe fetch` and `safe execute` make to servers. They set the timeout and the
    /// retries of these calls. The headers apply only to the calls to nodes.
    static let service = [RelayOptions.header, RelayOptions.timeout] + RetryOptions.all

    static let notes = """
        The transaction service is the one that Safe runs for the chain (ethereum, base,
        polygon, Arbitrum One, OP Mainnet, Gnosis Chain, Sepolia, Base Sepolia), or
        AIRLOCK_SAFE_URL, the part of its address before /api/v... in its calls. A key in
        SAFE_API_KEY is sent with every request, and is never shown. Redirects are not
        followed. --header applies only to the nodes.
        """

    /// Makes the client for the transaction service of the Safe's chain.
    ///
    /// - Parameters:
    ///   - arguments: the command line.
    ///   - console: the console, which shows a note before each retry.
    ///   - chain: the Safe's chain.
    ///   - retry: the retry strategy if the user does not give `--retry`.
    ///   - problems: the problems found so far. If further problems are found, all of them are thrown together.
    static func client(
        _ arguments: Arguments, _ console: Console, on chain: Chain?, retry: RetryPolicy.Strategy,
        _ problems: [Problem]
    ) throws -> SafeServiceClient {
        var problems = problems
        let timeout = arguments.value(RelayOptions.timeout, { try Duration(text: $0) }, into: &problems)
        let policy = RetryOptions.policy(arguments, usual: retry, into: &problems)
        var base = ServiceOptions.read(.safeService, into: &problems) { text throws(HTTPError) in
            try HTTPURL(text)
        }
        let key = ServiceOptions.read(.safeServiceKey, into: &problems) { text throws(Problem) in
            guard let key = BearerKey(text: text) else { throw Problem(SafeServiceRule.badKey) }
            return key
        }
        if base == nil, let chain, EnvironmentVariable.safeService.value == nil {
            base = try SafeServiceClient.defaultBase(on: chain).map { try HTTPURL($0) }
            if base == nil {
                problems.append(
                    Problem(
                        UsageRule.missingValue, at: EnvironmentVariable.safeService.rawValue,
                        detail: "the transaction service of \(chain), which Safe runs none for",
                        hint: "set AIRLOCK_SAFE_URL to the part of its address before /api/v..."))
            }
        }
        guard problems.isEmpty, let base else {
            throw ProblemList(problems) ?? ProblemList(Problem(UsageRule.missingValue, at: chainName))
        }
        return SafeServiceClient(
            HTTPClient(RelayOptions.httpSettings(console)), base: base, key: key, timeout: timeout, retry: policy)
    }

    private static var chainName: String { chain.name }

    static func namesNodes(_ arguments: Arguments) -> Bool {
        arguments.has(RelayOptions.rpc) || EnvironmentVariable.nodes.value != nil
    }

    /// Returns the nodes that the command line or the environment specifies. Returns `nil` if neither of them specifies
    /// a node.
    static func nodes(_ arguments: Arguments, _ console: Console) throws -> Nodes? {
        guard namesNodes(arguments) else { return nil }
        return try RelayOptions.nodes(arguments, console, requestTimeout: RelayOptions.duration(arguments))
    }

    /// Formats names and values as a table with two columns.
    static func table(_ facts: [(name: String, value: String)]) -> String {
        facts.map { name, value in
            name + String(repeating: " ", count: max(1, 14 - name.utf8.count)) + escaped(value, limit: 4096) + "\n"
        }.joined()
    }
}

/// A Safe transaction and the signatures of its owners, read from files.
struct SignedSafeTransaction {
    let request: SafeRequest
    let context: SafeRequest.Context
    let chain: Chain?
    let safe: Address
    /// The transaction hash that the transaction file or the first signature states; `nil` if neither states a hash.
    let hash: Hash?
    let signatures: [SafeExecution.OwnSignature]

    /// Reads the files, and checks every signature. Each signature must be valid for this transaction, and must have
    /// been made by the signer that the signature file states.
    ///
    /// - Parameters:
    ///   - file: the path of the transaction.
    ///   - signatureFiles: the paths of the signatures.
    ///   - given: the chain that the user specified. If a file states a chain, it must be the same chain.
    init(_ file: String, _ signatureFiles: [String], chain given: Chain?) throws {
        var problems: [Problem] = []
        let input = try InputFile.read(file)
        try FileKind.require(.request, of: input.bytes, in: file)
        let request: SafeRequest? = problems.collect(in: file) { try SafeRequest(input.bytes) }
        var signed: [(path: String, file: SignatureFile)] = []
        for path in signatureFiles {
            let one: SignatureFile? = problems.collect(in: path) {
                let input = try InputFile.read(path)
                try FileKind.require(.signature, of: input.bytes, in: path)
                let file = try SignatureFile(input.bytes)
                try file.verify()
                guard file.request == SafeRequest.kind else {
                    throw Problem(
                        SafeRule.otherConfirmation, at: "/request", saw: file.request, expected: SafeRequest.kind)
                }
                return file
            }
            if let one { signed.append((path, one)) }
        }
        if let all = ProblemList(problems) { throw all }
        guard let request else { throw Problem(SafeRule.noSafe, at: file) }
        let first = signed.first?.file
        let context = SafeRequest.Context(
            chain: given ?? first?.chain, safe: first?.safe, nonce: first?.safeNonce)
        guard let safe = request.safe ?? context.safe else {
            throw Problem(SafeRule.noSafe, at: SafeOptions.safe.name, detail: "give a signature of it too")
        }
        if let own = request.chain, let given, own != given {
            problems.append(
                Problem(
                    UsageRule.conflict, at: SafeOptions.chain.name, detail: "\(escaped(file, limit: 256)) is for \(own)"
                ))
        }
        self.request = request
        self.context = context
        self.safe = safe
        chain = request.chain ?? context.chain
        hash = request.statedHash ?? first?.digest
        signatures = signed.map { .init(owner: $0.file.signer, signature: $0.file.signature, place: $0.path) }
        for (path, file) in signed {
            problems += differences(of: file).map { $0.inFile(path) }
        }
        if let all = ProblemList(problems) { throw all }
    }

    /// Compares a signature file with the transaction. Returns a problem for each difference.
    private func differences(of file: SignatureFile) -> [Problem] {
        var problems: [Problem] = []
        if file.safe != safe {
            problems.append(
                Problem(SafeRule.otherSafe, at: "/safe", saw: file.safe.map { "\($0)" }, expected: "\(safe)"))
        }
        if let own = file.chain, let chain, own != chain {
            problems.append(Problem(SafeRule.otherSafe, at: "/chainId", saw: "\(own)", expected: "\(chain)"))
        }
        let all = request.possibilities(context)
        if let nonce = file.safeNonce, let expected = all.first?.transaction.nonce, nonce != expected {
            problems.append(Problem(SafeRule.otherNonce, at: "/nonce", saw: "\(nonce)", expected: "\(expected)"))
        }
        let hashes = all.map(\.hash).filter { hash == nil || $0 == hash }
        if !hashes.contains(file.digest) {
            let expected = hashes.isEmpty ? all.map(\.hash) : hashes
            problems.append(
                Problem(
                    SafeRule.otherConfirmation, at: "/digest", saw: "\(file.digest)",
                    expected: expected.prefix(3).map { "\($0)" }.joined(separator: ", or ")))
        }
        return problems
    }
}

extension [Problem] {
    /// Runs a closure that reads a file, and returns its result. If the closure throws, returns `nil`, and appends the
    /// problems to this array. Each appended problem names the file.
    fileprivate mutating func collect<Value>(in file: String, _ body: () throws -> Value) -> Value? {
        do { return try body() } catch let broken as any RuleBroken {
            self += broken.problems.map { $0.inFile(file) }
        } catch { append(Problem(FileRule.unreadable, at: file)) }
        return nil
    }
}

/// The options of `prepare` for a call by which an owner of a Safe approves a Safe transaction. The approval is then
/// recorded on the chain.
enum ApprovalOptions {
    static let approveHash = Option(
        "--approve-hash", help: "measure the call with which an owner, --from, approves a Safe transaction")
    private static let version = Option(
        "--safe-version", value: "VERSION", help: "the version of that Safe, such as 1.4.1: the hash depends on it")
    private static let chain = Option(
        "--chain", value: "CHAIN", choices: Chain.named.map(\.name),
        help: "the chain of that Safe, if the file does not name it")

    static let all = [approveHash, version, chain]

    /// Builds the call that approves the Safe transaction in a file. Returns `nil` if the user did not give
    /// `--approve-hash`.
    static func call(_ bytes: [UInt8], from payer: Option, _ arguments: Arguments) throws -> (any Request)? {
        let isSafe = (try? JSONDocument(bytes)).map { SafeRequest.recognises($0.root) } ?? false
        guard isSafe, arguments.has(approveHash) else {
            if let all = unused(arguments, isSafe: isSafe) { throw all }
            return nil
        }
        let request = try SafeRequest(bytes)
        if case .calls = request.content {
            throw Problem(
                UsageRule.conflict, at: approveHash.name,
                detail: "a batch has no hash before it is a transaction of the Safe",
                hint: "propose it to the transaction service, and take the transaction from there")
        }
        var problems: [Problem] = []
        var given = SafeProposal.Given()
        given.version = arguments.value(version, { try SafeVersion($0) }, into: &problems)
        given.chain = arguments.value(chain, { try Chain($0) }, into: &problems)
        let owner = arguments.value(payer, { try Address($0) }, into: &problems)
        for option in [version, payer] where !arguments.has(option) {
            problems.append(Problem(UsageRule.missingValue, at: option.name))
        }
        if let typed = given.chain, let own = request.chain, typed != own {
            problems.append(
                Problem(UsageRule.conflict, at: chain.name, saw: "\(typed)", expected: "\(own), as the file says"))
        }
        if let all = ProblemList(problems) { throw all }
        let proposal = try proposal(request, given)
        let call = proposal.approval
        return owner.flatMap { owner in
            RequestKinds.reading(
                SignedCall(
                    chain: proposal.domain.chain, payer: owner, to: call.to, value: call.value, data: call.data,
                    name: ""))?.request
        }
    }

    private static func unused(_ arguments: Arguments, isSafe: Bool) -> ProblemList? {
        ProblemList(
            all.filter(arguments.has).map {
                Problem(
                    RequestRule.argumentUnused, at: $0.name,
                    detail: isSafe
                        ? "an owner signs a Safe transaction without the chain" : "this is not a Safe transaction")
            })
    }

    /// Makes the Safe transaction that the owner approves. The relay uses only the hash of this Safe transaction,
    /// because the approval contains nothing else. Therefore problems with the policy are ignored here. The offline
    /// machine later checks the whole Safe transaction against its policy.
    private static func proposal(
        _ request: SafeRequest, _ given: SafeProposal.Given
    ) throws(ProblemList) -> SafeProposal {
        let proposal: SafeProposal
        do throws(ProblemList) { proposal = try SafeProposal(request, given, listed: [:]) } catch {
            throw ProblemList(error.problems.filter { !($0.rule is SafePolicyRule) }) ?? error
        }
        let ofHash = proposal.problems.filter { [.otherHash, .otherVersion].contains($0.rule as? SafeRule) }
        if let all = ProblemList(ofHash) { throw all }
        return proposal
    }
}
