public import AirlockEthereumTypes

/// A transaction that a file can mean, with the hash that it then has. A file leaves the Safe's version open, and a batch the
/// contract by which the Safe makes its calls.
public struct PossibleTransaction: Hashable, Sendable {
    public let transaction: SafeTransaction
    /// The first and the last of the versions that give it this hash.
    public let versions: [SafeVersion]
    public let chain: Chain
    public let safe: Address

    /// What its owners sign.
    public let hash: Hash

    init(_ transaction: SafeTransaction, _ versions: [SafeVersion], chain: Chain, safe: Address) {
        self.transaction = transaction
        self.versions = versions
        self.chain = chain
        self.safe = safe
        hash = transaction.hash(
            in: SafeDomain(chain: chain, safe: safe, version: versions.first ?? .latest))
    }

    /// Does a Safe of this version sign it by this hash?
    public func isOf(_ version: SafeVersion) -> Bool {
        guard let first = versions.first else { return false }
        return first.namesChain == version.namesChain && first.hasDataGas == version.hasDataGas
    }

    /// The versions in words.
    public var versionWords: String { versions.map(\.description).joined(separator: " to ") }
}

extension SafeRequest {
    /// The chain and the Safe that a file leaves open, and the nonce of a batch.
    public struct Context: Sendable {
        public var chain: Chain?
        public var safe: Address?
        public var nonce: UInt64?

        public init(chain: Chain? = nil, safe: Address? = nil, nonce: UInt64? = nil) {
            self.chain = chain
            self.safe = safe
            self.nonce = nonce
        }
    }

    /// Every transaction that it can be. Empty where chain, Safe or nonce is not known.
    ///
    /// - Parameter context: what is known besides; what the file says itself comes first.
    public func possibilities(_ context: Context = Context()) -> [PossibleTransaction] {
        guard let chain = chain ?? context.chain, let safe = safe ?? context.safe else { return [] }
        return transactions(context.nonce).flatMap { transaction in
            SafeVersion.generations.filter { fits($0) }.map {
                PossibleTransaction(transaction, $0, chain: chain, safe: safe)
            }
        }
    }

    private func fits(_ versions: [SafeVersion]) -> Bool {
        guard let typed, let first = versions.first else { return true }
        return typed.namesChain == first.namesChain && typed.hasDataGas == first.hasDataGas
    }

    private func transactions(_ nonce: UInt64?) -> [SafeTransaction] {
        switch content {
        case .transaction(let transaction): return [transaction]
        case .calls(let calls):
            guard let nonce else { return [] }
            if calls.count == 1, let call = calls.first?.call {
                return [SafeTransaction(to: call.to, value: call.value, data: call.data, nonce: nonce)]
            }
            let data = MultiSend.data(calls.map(\.call))
            return SafeDeployment.multiSendCallOnly.map { _, contract in
                SafeTransaction(to: contract, value: .zero, data: data, operation: .delegateCall, nonce: nonce)
            }
        }
    }
}
