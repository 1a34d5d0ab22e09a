/// What a caller gives beside a request, as the place of a ``Problem``: written like the label of an argument, `value:`.
///
/// No pointer into a file looks like it, and no place in a payment URI. A tool shows the option by which a person gives
/// the same.
public enum ArgumentPlace: String, CaseIterable, Sendable {
    /// The way of paying, where a kind of request has several.
    case method = "method:"
    /// The most that a swap may spend.
    case value = "value:"
    /// The pool of a swap.
    case poolFee = "poolFee:"
    /// The token that is spent.
    case token = "token:"
    /// The contract that is asked for the price of a swap.
    case quoter = "quoter:"
    case payer = "payer:"
    case chain = "chain:"
    /// What a request is known by that has no reference of its own.
    case reference = "reference:"
    /// What the online machine measured.
    case conditions = "conditions:"
    case nonce = "nonce:"
    case gas = "gas:"
    case maxFeePerGas = "maxFeePerGas:"
    case maxPriorityFeePerGas = "maxPriorityFeePerGas:"
    /// The gas of an approval, which is measured and never given by itself.
    case approveGas = "approveGas:"
    /// Whether an approval may come first.
    case approve = "approve:"
    /// How many variants are signed.
    case rungs = "rungs:"
    /// Whether a cancel is signed too.
    case cancel = "cancel:"
    /// The transaction that is replaced.
    case replace = "replace:"
    case policy = "policy:"
    /// The time to check deadlines against.
    case now = "now:"
    /// The Safe whose transaction a batch is to be.
    case safe = "safe:"
    case safeVersion = "safeVersion:"
    case safeNonce = "safeNonce:"
    /// The Safe that approves another Safe's transaction, as its owner.
    case ownerSafe = "ownerSafe:"
    /// The proof of a Safe's state.
    case safeProof = "safeProof:"

    /// The place of the member of a file that says the same where the caller gives nothing.
    public func place(or pointer: String, isGiven: Bool) -> String { isGiven ? rawValue : pointer }
}

extension Problem {
    /// A problem of what the caller gave, or should have given.
    public init(
        _ rule: some Rule, at argument: ArgumentPlace, saw: String? = nil, expected: String? = nil,
        detail: String? = nil, because cause: (any Cause)? = nil
    ) {
        self.init(rule, at: argument.rawValue, saw: saw, expected: expected, detail: detail, because: cause)
    }

    /// The same problem, said of what the caller gave.
    public func at(_ argument: ArgumentPlace) -> Problem { at(argument.rawValue) }
}
