import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockRequestKinds
import AirlockRequests
import AirlockSafes
import AirlockStrictJSON

/// The options of `prepare` for an owner of a Safe that approves its transaction on chain.
enum ApprovalOptions {
    static let approveHash = Option(
        "--approve-hash", help: "measure the call by which an owner, --from, approves a Safe transaction")
    private static let version = Option(
        "--safe-version", value: "VERSION", help: "the version of that Safe, such as 1.4.1: the hash depends on it")
    private static let chain = Option(
        "--chain", value: "CHAIN", choices: Chain.named.map(\.name),
        help: "the chain of that Safe, where the file does not name it")

    static let all = [approveHash, version, chain]

    /// The call that approves the transaction in a file; `nil` where none is asked for.
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
                        ? "an owner signs a Safe transaction without the chain" : "this is no Safe transaction")
            })
    }

    /// What the transaction does is for the policy to judge, and its hash is not.
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
