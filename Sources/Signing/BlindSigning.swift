public import EthereumTypes
import PaymentFiles
public import Problems
public import SecretKeys
public import Secp256k1
public import Transactions
public import TypedData

/// A door of its own: signing something that no charge stands behind. What is signed is shown decoded, a person or a
/// script says `--blind` to it, and the ledger records it before it is put out.
public struct BlindSigning: Sendable {
    public enum Subject: Sendable {
        case transaction(UnsignedTransaction)
        case typedData(TypedData)
    }

    public let subject: Subject
    /// The machine's own time.
    public let clock: Timestamp

    public init(_ subject: Subject, clock: Timestamp) {
        self.subject = subject
        self.clock = clock
    }

    private var digest: Hash {
        switch subject {
        case .transaction(let transaction): transaction.signingHash
        case .typedData(let data): data.digest
        }
    }

    private var chain: Chain {
        switch subject {
        case .transaction(let transaction): Chain(id: transaction.chainID ?? 0)
        case .typedData(let data): Chain(id: data.domain.chainId.flatMap { UInt64(exactly: $0) } ?? 0)
        }
    }

    /// What makes every node refuse the transaction; typed data has no such rules.
    public var problems: [Problem] {
        if case .transaction(let transaction) = subject { transaction.problems } else { [] }
    }

    /// What the person should think about before it is signed.
    public func warnings(from: Address, _ ledger: Ledger?) -> [String] {
        ["no charge stands behind this: nobody has proved what it is for"] + ownWarnings(from: from, ledger)
    }

    /// What of it is not said of everything that is signed so.
    public func ownWarnings(from: Address, _ ledger: Ledger?) -> [String] {
        var warnings: [String] = []
        if case .transaction(let transaction) = subject {
            if transaction.chainID == nil { warnings.append("it is valid on every chain, since it names none") }
            let known =
                ledger?.entries(
                    with: LedgerNonce(token: nil, number: transaction.nonce), chain: chain, from: from) ?? []
            if let last = known.last(where: { !isRecord($0, from) }) {
                warnings.append("another transaction was signed with nonce \(transaction.nonce) at \(last.time)")
            }
        }
        return warnings
    }

    /// Signs, recovers the signer afresh, and records it before it lets it out.
    public func sign(
        with key: borrowing SecretKey, _ consent: BlindConsent, recordingIn file: LedgerFile
    ) throws -> Signature {
        var session = try LedgerSession(file)
        let signature = try sign(with: key, consent, recordingIn: &session)
        try session.sync()
        return signature
    }

    /// The same within a ledger that is held for many: durable, and to be let out, once the session is synced.
    public func sign(
        with key: borrowing SecretKey, _ consent: BlindConsent, recordingIn session: inout LedgerSession
    ) throws -> Signature {
        _ = consent
        let from = key.address
        let signature = try key.sign(digest)
        guard try signature.recoverAddress(digest: digest) == from else { throw Problem(SelfCheckRule.otherSender) }
        let signed = LedgerEntry.Transaction(
            role: role, nonce: nonce, signingHash: digest, hash: try hash(signature))
        let ledger = session.ledger
        if let last = ledger.entries.last, last.time > clock {
            throw Problem(LedgerRule.clockBehind, saw: "\(clock)", expected: "\(last.time) or later")
        }
        guard !isRecorded(in: ledger, from) else { return signature }
        var entry = LedgerEntry(.blind, previous: ledger.head, time: clock, claimedTime: clock)
        entry.chain = chain
        entry.from = from
        entry.method = role
        if case .transaction(let transaction) = subject {
            entry.recipient = transaction.to ?? .zero
            entry.spends = [LedgerEntry.Spend(currency: .zero, amount: transaction.value)]
        }
        entry.transactions = [signed]
        session.add(entry)
        return signature
    }

    private func isRecorded(in ledger: Ledger, _ from: Address) -> Bool {
        guard let nonce else { return ledger.entries.contains { isRecord($0, from) } }
        return ledger.entries(with: LedgerNonce(token: nil, number: nonce), chain: chain, from: from).contains {
            isRecord($0, from)
        }
    }

    private func isRecord(_ entry: LedgerEntry, _ from: Address) -> Bool {
        entry.subject == .blind && entry.from == from && entry.transactions.map(\.signingHash) == [digest]
    }

    private var role: String {
        if case .transaction = subject { "blind" } else { "typed-data" }
    }

    private var nonce: UInt64? {
        if case .transaction(let transaction) = subject { transaction.nonce } else { nil }
    }

    private func hash(_ signature: Signature) throws -> Hash {
        guard case .transaction(let transaction) = subject else { return digest }
        return try SignedTransaction(transaction, signature).hash
    }
}

/// Somebody's word that a thing without a charge is to be signed.
public struct BlindConsent: Sendable {
    private init() {}

    public static let question = "Type sign to sign it blind: "

    /// What a person typed; any other answer than `sign` is a no.
    public static func typed(_ answer: String?) throws(Problem) -> BlindConsent {
        guard let answer else { throw Problem(SigningRule.nobodyToAsk) }
        guard answer == "sign" else { throw Problem(SigningRule.declined) }
        return BlindConsent()
    }

    /// `--blind --yes`, where there is nobody to ask.
    public static func ofScript() -> BlindConsent { BlindConsent() }
}
