public import AirlockEthereumTypes
import AirlockPaymentFiles
public import AirlockDiagnostics
import AirlockSecp256k1
public import AirlockTransactions
public import AirlockTypedData

/// A transaction or a message without a request, to be signed with `--blind`. It is shown decoded, a person or a script
/// consents to it (``ConsentedBlindSigning``), and the ledger records it before its signature is written.
public struct BlindSigning: Sendable {
    public enum Subject: Sendable {
        case transaction(UnsignedTransaction)
        case typedData(TypedData)
    }

    public let subject: Subject
    private let machineTime: @Sendable () -> Timestamp

    /// `clock` is the machine's own time, looked at when it is recorded.
    public init(_ subject: Subject, clock: @autoclosure @escaping @Sendable () -> Timestamp) {
        self.subject = subject
        machineTime = clock
    }

    var currentClock: Timestamp { machineTime() }

    var digest: Hash {
        switch subject {
        case .transaction(let transaction): transaction.signingHash
        case .typedData(let data): data.digest
        }
    }

    var chain: Chain {
        switch subject {
        case .transaction(let transaction): Chain(id: transaction.chainID ?? 0)
        case .typedData(let data): Chain(id: data.domain.chainId.flatMap { UInt64(exactly: $0) } ?? 0)
        }
    }

    /// Why it is not signed: it cannot be shown whole, every node would refuse the transaction, or an address of the typed
    /// data has a wrong checksum.
    public var problems: [Problem] {
        let length: Int
        let own: [Problem]
        switch subject {
        case .transaction(let transaction):
            length = 2 * transaction.encoded.count
            own = transaction.problems
        case .typedData(let data):
            // Each has a line of its own, however short it is.
            length = data.members.reduce(data.encodeType.utf8.count) { length, member in
                length + max(80, member.path.utf8.count + member.type.utf8.count + member.text.utf8.count)
            }
            own = data.wrongChecksums
        }
        guard length > Self.mostShown else { return own }
        let tooLong = Problem(
            SigningRule.tooLongToShow, saw: "\(length) characters", expected: "at most \(Self.mostShown)")
        return [tooLong] + own
    }

    /// The most characters that are shown of it: some 800 lines. A longer one would hide in its length what it is.
    static let mostShown = 1 << 16

    /// What the person should think about before it is signed.
    public func warnings(from: Address, _ ledger: Ledger?) throws(ProblemList) -> [String] {
        ["it comes without a request: nobody has proved what it is for"] + (try ownWarnings(from: from, ledger))
    }

    /// What of it is not said of everything that is signed so.
    public func ownWarnings(from: Address, _ ledger: Ledger?) throws(ProblemList) -> [String] {
        var warnings: [String] = []
        if case .transaction(let transaction) = subject {
            if transaction.chainID == nil { warnings.append("it is valid on every chain, since it names none") }
            let known =
                try ledger?.entries(
                    with: LedgerNonce(token: nil, number: transaction.nonce), chain: chain, from: from) ?? []
            if let last = known.last(where: { !isRecord($0.entry, from) }) {
                warnings.append("another transaction was signed with nonce \(transaction.nonce) at \(last.time)")
            }
        }
        return warnings
    }

    /// Is this very thing in the ledger already? Throws where the clock is behind the ledger.
    func isRecorded(in ledger: Ledger, _ from: Address, at clock: Timestamp) throws(ProblemList) -> Bool {
        guard ledger.latest <= clock else {
            throw ProblemList(
                Problem(LedgerRule.clockBehind, saw: "\(clock)", expected: "\(ledger.latest) or later"))
        }
        return try ledger.hasBlind(digest, from: from)
    }

    private func isRecord(_ entry: LedgerEntry, _ from: Address) -> Bool {
        entry.subject == .blind && entry.from == from && entry.transactions.map(\.signingHash) == [digest]
    }

    var role: String {
        if case .transaction = subject { "blind" } else { "typed-data" }
    }

    var nonce: UInt64? {
        if case .transaction(let transaction) = subject { transaction.nonce } else { nil }
    }

    func hash(_ signature: Signature) throws -> Hash {
        guard case .transaction(let transaction) = subject else { return digest }
        return .keccak(try SignedTransaction.Content(transaction, signature).raw)
    }
}
