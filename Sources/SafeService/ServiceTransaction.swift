public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockSafes
internal import AirlockStrictJSON

/// A transaction as the service answered with it. That the service says so proves nothing: ``identify(on:)`` does, as far as
/// its hash goes.
public struct ServiceTransaction: Sendable {
    /// The JSON object, byte for byte.
    public let bytes: [UInt8]
    public let request: SafeRequest
    /// The hash that the service says it has.
    public let hash: Hash
    public let isExecuted: Bool

    /// Reads it strictly, or says everything that is wrong with it.
    public init(_ bytes: [UInt8]) throws(ProblemList) {
        let root: JSONValue
        do throws(JSONError) { root = try JSONDocument(bytes).root } catch { throw ProblemList(error) }
        var reader = ObjectReader(root)
        let hash = reader.string("safeTxHash") { try Hash(hex: $0) }
        let isExecuted = reader.optionalBoolean("isExecuted") ?? false
        if let all = ProblemList(reader.problems) { throw all }
        let request = try SafeRequest(bytes)
        // A file of ours or typed data in its place would name chain and version as the service likes.
        guard case .service = request.source, let hash else {
            throw ProblemList(
                Problem(
                    SafeServiceRule.badAnswer, at: "", saw: request.form, expected: "one transaction of a Safe"))
        }
        self.bytes = bytes
        self.request = request
        self.hash = hash
        self.isExecuted = isExecuted
    }

    var transaction: SafeTransaction? {
        if case .transaction(let transaction) = request.content { transaction } else { nil }
    }

    /// Recomputes the hash for every version that the Safe may have; one of them must give the service's.
    ///
    /// The confirmations must be signatures of that hash, each of another owner.
    public func identify(on chain: Chain) throws(ProblemList) -> PossibleTransaction {
        try request.identify(SafeRequest.Context(chain: chain), as: hash)
    }
}

extension SafeRequest {
    /// The transaction of this hash that the file means, with the hash recomputed and the confirmations checked.
    public func identify(_ context: Context, as hash: Hash) throws(ProblemList) -> PossibleTransaction {
        var problems: [Problem] = []
        let all = possibilities(context)
        let found = all.first { $0.hash == hash }
        if found == nil {
            let versions = all.map { "\($0.hash) of version \($0.versionWords)" }
            problems.append(
                Problem(
                    SafeRule.otherHash, at: place("safeTxHash"), saw: "\(hash)",
                    expected: versions.prefix(3).joined(separator: ", or ")))
        }
        if let stated = statedHash, stated != hash {
            problems.append(
                Problem(SafeRule.otherHash, at: place("safeTxHash"), saw: "\(stated)", expected: "\(hash)"))
        }
        var owners: Set<Address> = []
        for confirmation in confirmations {
            if !owners.insert(confirmation.owner).inserted {
                problems.append(
                    Problem(SafeRule.confirmedTwice, at: "/confirmations", saw: "\(confirmation.owner)"))
            }
            // Without a hash to compare with, each would be said to be wrong.
            guard found != nil else { continue }
            do throws(ProblemList) { _ = try confirmation.standing(hash) } catch { problems += error.problems }
        }
        if let all = ProblemList(problems) { throw all }
        guard let found else { throw ProblemList(Problem(SafeRule.otherHash)) }
        return found
    }
}
