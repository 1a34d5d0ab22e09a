public import EthereumTypes
import PaymentFiles
import Problems
public import StrictJSON

/// One line of the ledger: what was signed, when, and the hash of the line before.
public struct LedgerEntry: Hashable, Sendable {
    public enum Subject: String, CaseIterable, Sendable {
        /// The first line of a ledger that goes on where a lost one ended.
        case begin
        /// A payment of a proved charge.
        case payment
        /// Something that no charge stands behind.
        case blind
    }

    /// An amount that leaves the payer; the zero address is the native currency.
    public struct Spend: Hashable, Sendable {
        public let currency: Address
        public let amount: UInt256
    }

    public struct Transaction: Hashable, Sendable {
        public let role: String
        /// Nothing for what is no transaction, such as typed data.
        public let nonce: UInt64?
        /// What was signed; known before it is.
        public let signingHash: Hash
        public let hash: Hash
    }

    public let subject: Subject
    /// The hash of the line before; of the accepted head for the first line after a loss, zero for the very first.
    public let previous: Hash
    /// The machine's own time.
    public let time: Timestamp
    /// What was given as `--now`.
    public let claimedTime: Timestamp
    public var chain = Chain(id: 0)
    public var from = Address.zero
    public var chargeID = ""
    public var intentID = FixedBytes<16>.zero
    public var recipient = Address.zero
    public var method = ""
    public var spends: [Spend] = []
    public var policyHash = Hash.zero
    /// The transaction that this one takes the place of.
    public var replaces: Hash?
    public var transactions: [Transaction] = []

    public init(_ subject: Subject, previous: Hash, time: Timestamp, claimedTime: Timestamp) {
        self.subject = subject
        self.previous = previous
        self.time = time
        self.claimedTime = claimedTime
    }

    public static let kind = "ledger"

    /// The line as it stands in the file, without its end.
    public var line: [UInt8] { json.bytes }

    /// What the next line, the payment file and the relay know it by.
    public var hash: Hash { .keccak(line) }

    public var json: JSONOutput {
        var members: [(String, JSONOutput)] = [
            ("airlock", 1), ("kind", .string(Self.kind)), ("subject", .string(subject.rawValue)),
            ("previous", .string("\(previous)")), ("time", .string("\(time)")),
            ("claimedTime", .string("\(claimedTime)")),
        ]
        if subject == .begin { return .object(members) }
        members += [
            ("chainId", .string("\(chain.id)")), ("from", .string("\(from)")), ("chargeId", .string(chargeID)),
            ("intentId", .string("\(intentID)")), ("recipient", .string("\(recipient)")), ("method", .string(method)),
            (
                "spends",
                .array(
                    spends.map { ["currency": .string("\($0.currency)"), "amount": .string("\($0.amount)")] })
            ),
            ("policyHash", .string("\(policyHash)")),
        ]
        if let replaces { members.append(("replaces", .string("\(replaces)"))) }
        members.append(("transactions", .array(transactions.map(\.json))))
        return .object(members)
    }
}

extension LedgerEntry.Transaction {
    fileprivate var json: JSONOutput {
        var members: [(String, JSONOutput)] = [("role", .string(role))]
        if let nonce { members.append(("nonce", .string("\(nonce)"))) }
        members += [("signingHash", .string("\(signingHash)")), ("hash", .string("\(hash)"))]
        return .object(members)
    }
}
