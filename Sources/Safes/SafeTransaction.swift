public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockTypedData

/// A version of the Safe contract. The hash of a Safe transaction depends on this version, but files with a Safe
/// transaction often do not contain the version.
public struct SafeVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let major: UInt64
    public let minor: UInt64
    public let patch: UInt64

    /// The latest version for which Airlock can compute hashes.
    public static let latest = SafeVersion(1, 5, 0)

    init(_ major: UInt64, _ minor: UInt64, _ patch: UInt64) {
        (self.major, self.minor, self.patch) = (major, minor, patch)
    }

    /// Ranges of versions, each with its first and its last version. All versions in one range compute the same hash
    /// for a transaction.
    static let generations: [[SafeVersion]] = [
        [SafeVersion(1, 3, 0), latest], [SafeVersion(1, 0, 0), SafeVersion(1, 2, 0)],
        [SafeVersion(0, 0, 1), SafeVersion(0, 1, 0)],
    ]

    /// Reads a version such as `1.4.1`. Also reads `1.3.0+L2`, because a Safe on a layer 2 reports such a version.
    public init(_ text: String) throws(Problem) {
        let parts = text.prefix { $0 != "+" }.split(separator: ".", omittingEmptySubsequences: false).map { part in
            UInt64(part).flatMap { "\($0)" == part ? $0 : nil }
        }
        guard parts.count == 3, let major = parts[0], let minor = parts[1], let patch = parts[2] else {
            throw Problem(SafeRule.version, saw: text, expected: "a version such as 1.4.1")
        }
        let version = SafeVersion(major, minor, patch)
        guard version.major == 0 || version.major == 1 && version.minor <= Self.latest.minor else {
            throw Problem(SafeRule.version, saw: text, expected: "at most \(Self.latest)")
        }
        self = version
    }

    /// Whether the EIP-712 domain of this version contains the chain ID. This has been the case since version 1.3.0.
    public var namesChain: Bool { self >= SafeVersion(1, 3, 0) }

    /// Whether this version calls the field `baseGas` by its old name `dataGas`. This is the case for versions before
    /// 1.0.0.
    public var hasDataGas: Bool { self < SafeVersion(1, 0, 0) }

    public var description: String { "\(major).\(minor).\(patch)" }

    public static func < (left: SafeVersion, right: SafeVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}

/// The EIP-712 domain that the owners of a Safe use to sign. It depends on the Safe's address and version. Since
/// version 1.3.0, it also depends on the chain.
public struct SafeDomain: Hashable, Sendable {
    public let chain: Chain
    public let safe: Address
    public let version: SafeVersion

    public init(chain: Chain, safe: Address, version: SafeVersion) {
        self.chain = chain
        self.safe = safe
        self.version = version
    }

    /// The domain separator. The fields `name` and `version` of EIP-712 are absent from a Safe's domain.
    public var hash: Hash {
        TypedDataDomain(chainId: version.namesChain ? UInt256(chain.id) : nil, verifyingContract: safe).separator
    }

    /// Returns the digest that an owner signs. `messageHash` is either the hash of a transaction's ten fields, or the
    /// message hash of a message that the Safe signs.
    public func digest(of messageHash: Hash) -> Hash {
        TypedDataDomain.digest(structHash: messageHash, separator: hash)
    }

    /// Returns the message hash of a message that a Safe signs (SafeMessage).
    ///
    /// - Parameter inner: the hash of the message, computed by EIP-191 for a text message and by EIP-712 for typed
    ///   data.
    public static func messageHash(of inner: Hash) -> Hash {
        var encoder = StructEncoder("SafeMessage(bytes message)")
        encoder.append(bytes: inner.bytes)
        return encoder.hash
    }
}

/// The kinds of calls that a Safe can make.
public enum SafeOperation: UInt8, Sendable {
    case call
    /// A delegate call: the code of another contract runs as the Safe itself, and can change everything in the Safe.
    case delegateCall
    /// Creates a contract. The data of the transaction is the creation code. Only versions before 1.0.0 can do this.
    case create

    init?(_ number: UInt256) {
        guard let byte = UInt64(exactly: number).flatMap({ UInt8(exactly: $0) }) else { return nil }
        self.init(rawValue: byte)
    }
}

/// A Safe transaction: the ten fields that the owners sign.
public struct SafeTransaction: Hashable, Sendable {
    public var to: Address
    public var value: UInt256
    public var data: [UInt8]
    public var operation: SafeOperation
    public var safeTxGas: UInt256
    public var baseGas: UInt256
    public var gasPrice: UInt256
    public var gasToken: Address
    public var refundReceiver: Address
    public var nonce: UInt64

    public init(
        to: Address, value: UInt256, data: [UInt8], operation: SafeOperation = .call, safeTxGas: UInt256 = .zero,
        baseGas: UInt256 = .zero, gasPrice: UInt256 = .zero, gasToken: Address = .zero,
        refundReceiver: Address = .zero, nonce: UInt64
    ) {
        self.to = to
        self.value = value
        self.data = data
        self.operation = operation
        self.safeTxGas = safeTxGas
        self.baseGas = baseGas
        self.gasPrice = gasPrice
        self.gasToken = gasToken
        self.refundReceiver = refundReceiver
        self.nonce = nonce
    }

    /// The EIP-712 `encodeType` of a Safe transaction, for version 1.0.0 and later.
    static let type = type(gas: "baseGas")
    static let oldType = type(gas: "dataGas")

    private static func type(gas: String) -> String {
        "SafeTx(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 \(gas),"
            + "uint256 gasPrice,address gasToken,address refundReceiver,uint256 nonce)"
    }

    /// Returns the hash of the ten fields. The hash does not depend on the address of the Safe.
    public func messageHash(_ version: SafeVersion = .latest) -> Hash { messageHash(hasDataGas: version.hasDataGas) }

    func messageHash(hasDataGas: Bool) -> Hash {
        var encoder = StructEncoder(hasDataGas ? Self.oldType : Self.type)
        encoder.append(to)
        encoder.append(value)
        encoder.append(bytes: data)
        encoder.append(UInt256(UInt64(operation.rawValue)))
        encoder.append(safeTxGas)
        encoder.append(baseGas)
        encoder.append(gasPrice)
        encoder.append(gasToken)
        encoder.append(refundReceiver)
        encoder.append(UInt256(nonce))
        return encoder.hash
    }

    /// Returns the `safeTxHash` of the transaction, which is the hash that each owner signs.
    public func hash(in domain: SafeDomain) -> Hash { domain.digest(of: messageHash(domain.version)) }

    /// The ten fields as text, in the order in which they are signed.
    public var fields: [(name: String, value: String)] {
        [
            ("to", "\(to)"), ("value", "\(value)"), ("data", Hex.encode(data)), ("operation", "\(operation.rawValue)"),
            ("safeTxGas", "\(safeTxGas)"), ("baseGas", "\(baseGas)"), ("gasPrice", "\(gasPrice)"),
            ("gasToken", "\(gasToken)"), ("refundReceiver", "\(refundReceiver)"), ("nonce", "\(nonce)"),
        ]
    }
}

/// One of the transactions that a file can describe, with the transaction's hash. A file can describe several
/// transactions, because it does not contain the Safe's version, on which the hash depends. A batch file also does not
/// name the contract through which the Safe makes several calls at once.
public struct PossibleTransaction: Hashable, Sendable {
    public let transaction: SafeTransaction
    /// The first and the last version of the Safe for which the transaction has this hash.
    public let versions: [SafeVersion]
    public let chain: Chain
    public let safe: Address

    /// The hash of the transaction (`safeTxHash`), which the owners sign.
    public let hash: Hash

    init(_ transaction: SafeTransaction, _ versions: [SafeVersion], chain: Chain, safe: Address) {
        self.transaction = transaction
        self.versions = versions
        self.chain = chain
        self.safe = safe
        hash = transaction.hash(
            in: SafeDomain(chain: chain, safe: safe, version: versions.first ?? .latest))
    }

    /// Whether a Safe of the given version computes `hash` for the transaction.
    public func isOf(_ version: SafeVersion) -> Bool {
        guard let first = versions.first else { return false }
        return first.namesChain == version.namesChain && first.hasDataGas == version.hasDataGas
    }

    /// The range of versions as text, such as `1.0.0 to 1.2.0`.
    public var versionWords: String { versions.map(\.description).joined(separator: " to ") }
}

extension SafeRequest {
    /// Values to use if the file does not contain them: the chain, the Safe, and for a batch the nonce.
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

    /// Returns all transactions that the file can describe. Returns an empty array if the chain, the Safe or the nonce
    /// is unknown.
    ///
    /// - Parameter context: values to use if the file does not contain them.
    public func possibilities(_ context: Context = Context()) -> [PossibleTransaction] {
        guard let chain = chain ?? context.chain, let safe = safe ?? context.safe else { return [] }
        return transactions(context.nonce).flatMap { transaction in
            SafeVersion.generations.filter { fits($0) }.map {
                PossibleTransaction(transaction, $0, chain: chain, safe: safe)
            }
        }
    }

    /// The newest version of the Safe that has the fields and the domain of the typed data. If no version has both, the
    /// newest version that has the fields. For any other source than typed data, the latest version.
    public var newestVersion: SafeVersion {
        let fitting =
            SafeVersion.generations.first { fits($0) }
            ?? SafeVersion.generations.first { $0.first?.hasDataGas == typed?.hasDataGas }
        return fitting?.last ?? .latest
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
