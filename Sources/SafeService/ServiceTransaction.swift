public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockSafes
internal import AirlockStrictJSON

/// A Safe transaction from the Safe transaction service. The service is not trusted, so ``identify(on:)`` recomputes
/// the hash of the transaction.
public struct ServiceTransaction: Sendable {
    /// The JSON object of the transaction, exactly as the service sent it.
    public let bytes: [UInt8]
    public let request: SafeRequest
    /// The hash of the transaction, as the service reports it.
    public let hash: Hash
    public let isExecuted: Bool

    /// Reads a transaction from a JSON object. Throws if the object is malformed, or if it is not in the service's
    /// format.
    public init(_ bytes: [UInt8]) throws(ProblemList) {
        let root: JSONValue
        do throws(JSONError) { root = try JSONDocument(bytes).root } catch { throw ProblemList(error) }
        var reader = ObjectReader(root)
        let hash = reader.string("safeTxHash") { try Hash(hex: $0) }
        let isExecuted = reader.optionalBoolean("isExecuted") ?? false
        if let all = ProblemList(reader.problems) { throw all }
        let request = try SafeRequest(bytes)
        // Only the service's own format is accepted. Typed data and Airlock's own files are refused, because they would
        // let the service choose more values, such as the possible versions of the Safe.
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

    /// Recomputes the hash of the transaction for every possible version of the Safe. One of these hashes must equal
    /// the hash that the service reports.
    ///
    /// Each confirmation must come from a different owner. If a confirmation is the signature of a key, it must be the
    /// owner's signature of the reported hash. A contract's signature or an approval on the chain is not checked here,
    /// except that it must contain the owner's address.
    public func identify(on chain: Chain) throws(ProblemList) -> PossibleTransaction {
        try request.identify(SafeRequest.Context(chain: chain), as: hash)
    }
}

extension SafeRequest {
    /// Finds the versions of the Safe for which the transaction has the given hash. Recomputes the hash for each
    /// possible version. Also checks the confirmations. Throws if there is no such version, if a confirmation is
    /// wrong, or if the source of the transaction states another hash.
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
            // If no version of the Safe computes the given hash for this transaction, the given hash is wrong. A valid
            // signature could then be refused only because of the wrong hash, so the signatures are not checked.
            guard found != nil else { continue }
            do throws(ProblemList) { _ = try confirmation.standing(hash) } catch { problems += error.problems }
        }
        if let all = ProblemList(problems) { throw all }
        guard let found else { throw ProblemList(Problem(SafeRule.otherHash)) }
        return found
    }
}
