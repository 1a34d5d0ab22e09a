import AirlockRequests
import AirlockSafes
public import AirlockEthereumTypes
public import AirlockPaymentFiles
import AirlockStrictJSON

/// One entry of the ledger, which is one line of the file. It records what was signed and when, and contains the hash
/// of the line before.
public struct LedgerEntry: Hashable, Sendable {
    public enum Subject: String, CaseIterable, Sendable {
        /// Nothing was signed. The entry is the first line of a ledger that continues after a lost ledger.
        case begin
        /// A payment or a message that was signed for a request.
        case payment
        /// A transaction or a message that was signed without a request.
        case blind
    }

    /// An amount that the payer spends or lets others spend. The zero address stands for the native currency.
    public struct Spend: Hashable, Sendable {
        public let currency: Address
        public let amount: UInt256
    }

    public struct Transaction: Hashable, Sendable {
        public let role: String
        /// The nonce of the transaction or the permit. `nil` for other messages.
        public let nonce: UInt64?
        /// The hash that was signed.
        public let signingHash: Hash
        /// The hash by which a review recognises the payment. If the transaction contains the signature of a message,
        /// this is the hash of the transaction before the signature was inserted. In all other cases, it equals the
        /// signing hash.
        ///
        /// Earlier versions of Airlock wrote only this hash, in the member `signingHash`. They did not write the hash
        /// that was signed.
        public let reviewedHash: Hash
        public let hash: Hash

        init(role: String, nonce: UInt64?, signingHash: Hash, reviewedHash: Hash? = nil, hash: Hash) {
            self.role = role
            self.nonce = nonce
            self.signingHash = signingHash
            self.reviewedHash = reviewedHash ?? signingHash
            self.hash = hash
        }
    }

    public let subject: Subject
    /// The hash of the line before. In the first line of a ledger that continues a lost ledger, this is the hash of the
    /// lost ledger's last line, as the user gave it. In the first line of any other ledger, it is zero.
    public let previous: Hash
    /// The time at which the entry was made, by the clock of the signing machine.
    public let time: Timestamp
    /// The time that the user gave with `--now`. If the user gave no time, this equals `time`.
    public let claimedTime: Timestamp
    public var chain = Chain(id: 0)
    public var from = Address.zero
    /// The request for which the payment or the message was signed. `nil` if there was no request.
    public var request: Payment.Subject?
    public var recipient = Address.zero
    /// The kind of data that was signed without a request: `blind` for a transaction, or `typed-data` for a message.
    /// Empty if there is a request.
    public var method = ""
    public var spends: [Spend] = []
    public var policyHash = Hash.zero
    /// The hash of an earlier transaction or message that this entry replaces. `nil` if this entry replaces nothing.
    public var replaces: Hash?
    public var transactions: [Transaction] = []

    public init(_ subject: Subject, previous: Hash, time: Timestamp, claimedTime: Timestamp) {
        self.subject = subject
        self.previous = previous
        self.time = time
        self.claimedTime = claimedTime
    }

    /// The key of the request. Two requests with the same key count as the same request, which must not be signed
    /// twice. `nil` if there was no request.
    var referenceKey: Hash? {
        switch request {
        case .first(_, let id, _): Hash { $0 < 16 ? id[$0] : 0 }
        case .request(_, let key, _): key
        case nil: nil
        }
    }

    /// The Safe whose transaction or message an owner signed. `nil` if the signer signed for its own account.
    var safe: Address? {
        guard case .request(let kind, _, _) = request else { return nil }
        return [SafeRequest.kind, SafeMessage.kind].contains(kind) ? from : nil
    }

    public static let kind = "ledger"

    /// The line of this entry in the ledger file, without the line ending.
    public var line: [UInt8] {
        var writer = JSONWriter(reserving: 1536)
        writer.object(write)
        return writer.bytes
    }

    /// The bytes with which every line of a ledger begins.
    private static let start = Array(#"{"airlock":1,"kind":"ledger","subject":""#.utf8)

    /// Whether the bytes look like a line of a ledger, or like the beginning of such a line. Only the first bytes are
    /// compared. If the result is false, Airlock did not write the bytes.
    static func canBegin(with bytes: some Collection<UInt8>) -> Bool {
        !bytes.isEmpty && (start.starts(with: bytes) || bytes.starts(with: start))
    }

    /// The hash of the line. The next line, the payment file and the relay refer to the entry by this hash.
    public var hash: Hash { .keccak(line) }

    /// Writes the members directly, without building JSON values first. This is faster, which matters because a batch
    /// records thousands of lines.
    private func write(to writer: inout JSONWriter) {
        writer.key("airlock")
        writer.number(AirlockFile.version)
        writer.member("kind", Self.kind)
        writer.member("subject", subject.rawValue)
        writer.member("previous", previous)
        writer.member("time", time)
        writer.member("claimedTime", claimedTime)
        if subject == .begin { return }
        writer.member("chainId", UInt256(chain.id))
        writer.member("from", from)
        if case .request(let kind, let key, let reference) = request {
            writer.key("request")
            writer.object { writer in
                writer.member("kind", kind)
                writer.member("key", key)
                if !reference.isEmpty { writer.member("reference", reference) }
            }
            writer.member("recipient", recipient)
        } else {
            var (name, id, way) = ("", FixedBytes<16>.zero, method)
            if case .first(let said, let own, let chosen) = request { (name, id, way) = (said, own, chosen) }
            writer.member(LegacyMembers.name, name)
            writer.member(LegacyMembers.id, id.description)
            writer.member("recipient", recipient)
            writer.member("method", way)
        }
        writer.array("spends", spends) { spend, writer in
            writer.member("currency", spend.currency)
            writer.member("amount", spend.amount)
        }
        writer.member("policyHash", policyHash)
        if let replaces { writer.member("replaces", replaces) }
        writer.array("transactions", transactions) { transaction, writer in
            writer.member("role", transaction.role)
            if let nonce = transaction.nonce { writer.member("nonce", UInt256(nonce)) }
            writer.member("signingHash", transaction.signingHash)
            if transaction.reviewedHash != transaction.signingHash {
                writer.member("reviewedHash", transaction.reviewedHash)
            }
            writer.member("hash", transaction.hash)
        }
    }
}

/// A ledger entry together with the hash of its line. The hash is computed only once.
@dynamicMemberLookup
struct RecordedEntry: Hashable, Sendable {
    let entry: LedgerEntry
    let hash: Hash

    subscript<Value>(dynamicMember member: KeyPath<LedgerEntry, Value>) -> Value { entry[keyPath: member] }
}
