import AirlockABI
public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockRequestKinds
import AirlockRequests
public import AirlockSecp256k1
public import AirlockSecretKeys
import AirlockTokens
public import AirlockTransactions
public import AirlockTypedData

/// A transaction or a message that is signed without a request, with `--blind`. Airlock first decodes it and shows its
/// content. Then a person must confirm it, or a script must pass `--yes` (``ConsentedBlindSigning``). Airlock outputs
/// the signature only after the signature is recorded in the ledger.
public struct BlindSigning: Sendable {
    public enum Subject: Sendable {
        case transaction(UnsignedTransaction)
        case typedData(TypedData)
    }

    public let subject: Subject
    /// The head of the ledger from which the warnings were made. `nil` if there was no ledger. If the ledger does not
    /// know this head any more, nothing is signed.
    public var reviewedHead: Hash?
    private let machineTime: @Sendable () -> Timestamp

    /// Prepares the signing of a transaction or a message. `clock` returns the machine's time. It is called whenever
    /// the current time is needed.
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

    /// The problems for which this transaction or message cannot be signed. Examples are data that is too long to show
    /// in full, a transaction that nodes would refuse, and typed data with an address whose checksum is wrong.
    public var problems: [Problem] {
        let length: Int
        let own: [Problem]
        switch subject {
        case .transaction(let transaction):
            length = 2 * transaction.encoded.count
            own = transaction.problems
        case .typedData(let data):
            // The length of typed data is the number of characters that the reader sees. Each member is shown on its
            // own line, so even a short member counts as a full line of 80 characters.
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

    /// The maximum number of characters that are shown, about 800 lines. In a longer text, a reader would overlook
    /// something.
    static let mostShown = 1 << 16

    /// Returns the warnings that the person should read before signing.
    public func warnings(from: Address, _ ledger: Ledger?) throws(ProblemList) -> [String] {
        ["it comes without a request: nobody has proved what it is for"] + (try ownWarnings(from: from, ledger))
    }

    /// Returns the warnings that are specific to this transaction or message. ``warnings(from:_:)`` adds the warning
    /// that is shown for every signing without a request.
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

    /// Whether the ledger already records this digest. Throws if the machine's clock is behind the latest entry of the
    /// ledger.
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

/// A transaction or message that is signed without a request, after a person or a script has confirmed it. This value
/// contains the transaction or message, so the confirmation cannot be used to sign another one.
public struct ConsentedBlindSigning: Sendable {
    /// The transaction or message that a person or a script has confirmed.
    public let signing: BlindSigning

    private init(_ signing: BlindSigning) { self.signing = signing }

    /// Checks the answer that a person typed. Throws unless the answer is `sign`.
    public static func typed(_ answer: String?, for signing: BlindSigning) throws(Problem) -> ConsentedBlindSigning {
        guard let answer else { throw Problem(SigningRule.nobodyToAsk) }
        guard answer == "sign" else { throw Problem(SigningRule.declined) }
        return ConsentedBlindSigning(signing)
    }

    /// Confirms the signing without asking a person. This is for a script that uses `--blind --yes`.
    public static func ofScript(for signing: BlindSigning) -> ConsentedBlindSigning { ConsentedBlindSigning(signing) }

    /// Signs, and checks that the signature recovers to the signer's address. Records the signature in the ledger
    /// before it returns.
    public func sign(
        with key: borrowing SecretKey, recordingIn file: LedgerFile
    ) throws -> Signature {
        var session = try LedgerSession(file, for: key, after: signing.reviewedHead)
        let signature = try sign(with: key, recordingIn: &session)
        try session.sync()
        return signature
    }

    /// Signs within a ledger session that records several signatures. The ledger entry is written to disk only by
    /// `sync()` of the session. So output the signature only after `sync()` has returned.
    public func sign(
        with key: borrowing SecretKey, recordingIn session: inout LedgerSession
    ) throws -> Signature {
        if let problems = ProblemList(signing.problems) { throw problems }
        let from = key.address
        let digest = signing.digest
        let signature = try key.sign(SigningTask(digest, for: .blind))
        try SelfCheck.verify(signature, of: digest, from: from, publicKey: key.publicKey, secondEngine: false)
        let signed = LedgerEntry.Transaction(
            role: signing.role, nonce: signing.nonce, signingHash: digest, hash: try signing.hash(signature))
        let clock = signing.currentClock
        guard try !signing.isRecorded(in: session.ledger, from, at: clock) else { return signature }
        var entry = LedgerEntry(.blind, previous: session.ledger.head, time: clock, claimedTime: clock)
        entry.chain = signing.chain
        entry.from = from
        entry.method = signing.role
        if case .transaction(let transaction) = signing.subject { entry.recipient = transaction.to ?? .zero }
        entry.spends = signing.spends(from: from)
        entry.transactions = [signed]
        session.add(entry)
        return signature
    }
}

extension BlindSigning {
    /// The prompt that asks the person to type an answer. It is shown after the question (``question(from:)``).
    public static let prompt = "Type sign to sign it blind: "

    /// Returns the question that is shown to the person before signing. The question repeats the recipient, the amounts
    /// and other important values, because the lines above it may have scrolled out of the window.
    public func question(from signer: Address) -> String {
        let taken = tokenSpends(from: signer)
        let words = taken.prefix(8).map { "\(Self.words($0.amount)) of \($0.currency)" }
        let more = taken.count > words.count ? " and \(taken.count - words.count) more" : ""
        let takes = taker.map { "pays \($0), or lets it take," } ?? "pays, or lets others take,"
        let allowance = words.isEmpty ? "" : "; it \(takes) \(words.joined(separator: ", "))\(more)"
        return "\(summary)\(allowance)."
    }

    private var summary: String {
        let place = chain.id == 0 ? "on any chain" : "on \(chain)"
        switch subject {
        case .transaction(let transaction):
            let value = "\(Amount.format(transaction.value, decimals: 18)) \(chain.nativeSymbol)"
            let to = transaction.to.map { "sends \(value) to \($0)" } ?? "creates a contract with \(value)"
            let call = transaction.data.isEmpty ? "" : ", with \(transaction.data.count) bytes of call data"
            return "The transaction \(to)\(call) \(place), nonce \(transaction.nonce)"
        case .typedData(let data):
            let name = data.domain.name.map { " \(escaped($0, limit: 40))" } ?? ""
            let contract = data.domain.verifyingContract.map { " (\($0))" } ?? ""
            return "The message is \(escaped(data.primaryType, limit: 60)) for\(name)\(contract) \(place)"
        }
    }

    /// Formats an amount. An amount of 2^160 - 1 or more is shown as unlimited, because 2^160 - 1 is the largest amount
    /// that Permit2 can store.
    private static func words(_ amount: UInt256) -> String {
        amount.adding(1).map { $0.byteCount <= 20 } == true ? "\(amount) atomic units" : "any amount"
    }
}

extension TypedData.Member {
    /// The value of a member of the typed data, as text. The caller must escape this text before printing it.
    public var text: String {
        switch value {
        // The elements of an array or a struct are members of their own, so the array or struct itself is normally not
        // a member. Only an empty array or struct is a member, and is shown as `(empty)`.
        case nil, .array, .tuple: "(empty)"
        case .uint(let number): "\(number)"
        case .int(let number): "\(number)"
        case .address(let address): "\(address)"
        case .bool(let bool): "\(bool)"
        case .fixedBytes(let bytes), .bytes(let bytes): Hex.encode(bytes)
        case .string(let string): string
        }
    }
}

extension BlindSigning {
    /// The amounts that the signer spends or lets others spend. These amounts count towards the daily caps. Airlock
    /// finds the amounts only in data that it understands: transfers of native currency, ERC-20 and Permit2 calls that
    /// move or approve a token, calls that pay a request, and permits.
    public func spends(from signer: Address) -> [LedgerEntry.Spend] {
        let tokens = tokenSpends(from: signer)
        guard case .transaction(let transaction) = subject else { return tokens }
        return [LedgerEntry.Spend(currency: .zero, amount: transaction.value)] + tokens
    }

    /// Returns the token amounts that the signer spends or lets others spend. Native currency is not included.
    func tokenSpends(from signer: Address) -> [LedgerEntry.Spend] {
        let spends =
            switch subject {
            case .transaction(let transaction): Self.tokenSpends(of: transaction, from: signer)
            case .typedData(let data): Self.spends(of: data)
            }
        return spends.filter { !$0.amount.isZero }
    }

    /// The address that receives the spent amounts or is allowed to spend them. `nil` if Airlock does not understand
    /// the call or message.
    var taker: Address? {
        switch subject {
        case .transaction(let transaction):
            guard let selector = Selector(of: transaction.data.span) else { return nil }
            func address(_ index: Int) -> Address? { Self.word(index, of: transaction).map { Address(lowBytesOf: $0) } }
            switch selector {
            case ERC20.approveSelector, Self.transfer, Self.increaseAllowance: return address(0)
            case Self.transferFrom, Self.permit2Approve, Self.permit2TransferFrom: return address(1)
            default: return Self.movement(transaction, from: .zero)?.payee
            }
        case .typedData(let data):
            let known = data.members.first { ["message.spender", "message.to"].contains($0.path) }
            guard case .address(let address) = known?.value else { return nil }
            return address
        }
    }

    // MARK: Token amounts in transactions

    /// Returns one argument of a call, as a word of 32 bytes. Returns `nil` if the call data ends before the end of the
    /// argument.
    private static func word(_ index: Int, of transaction: UnsignedTransaction) -> FixedBytes<32>? {
        let start = 4 + index * 32
        guard transaction.data.count >= start + 32 else { return nil }
        return FixedBytes(Array(transaction.data[start..<start + 32]))
    }

    /// Returns the token amounts that a transaction moves or approves. Bytes after the arguments and the high bytes of
    /// an address argument are ignored, because contracts ignore them too.
    private static func tokenSpends(of transaction: UnsignedTransaction, from signer: Address) -> [LedgerEntry.Spend] {
        guard let to = transaction.to, let selector = Selector(of: transaction.data.span) else { return [] }
        func spend(_ token: Address?, _ amount: Int) -> [LedgerEntry.Spend] {
            guard let token, let amount = word(amount, of: transaction) else { return [] }
            return [LedgerEntry.Spend(currency: token, amount: UInt256(amount))]
        }
        func address(_ index: Int) -> Address? { word(index, of: transaction).map { Address(lowBytesOf: $0) } }
        switch selector {
        case ERC20.approveSelector, Self.transfer, Self.increaseAllowance: return spend(to, 1)
        case Self.transferFrom: return address(0) == signer ? spend(to, 2) : []
        case Self.permit2Approve where to == Permit2Transfer.contract: return spend(address(0), 2)
        case Self.permit2TransferFrom where to == Permit2Transfer.contract && address(0) == signer:
            return spend(address(3), 2)
        default:
            let takes = movement(transaction, from: signer)?.takes ?? []
            return takes.map { LedgerEntry.Spend(currency: $0.token, amount: $0.amount) }
        }
    }

    /// Returns the token amounts that the called function moves, and the payee. Returns `nil` if no kind of request
    /// pays with this function.
    private static func movement(_ transaction: UnsignedTransaction, from signer: Address) -> CallOutflow? {
        guard let to = transaction.to else { return nil }
        return RequestKinds.movement(
            SignedCall(
                chain: Chain(id: transaction.chainID ?? 0), payer: signer, to: to, value: transaction.value,
                data: transaction.data, name: ""))
    }

    private static let transfer = Selector(signature: "transfer(address,uint256)")
    private static let transferFrom = Selector(signature: "transferFrom(address,address,uint256)")
    private static let increaseAllowance = Selector(signature: "increaseAllowance(address,uint256)")
    private static let permit2Approve = Selector(signature: "approve(address,address,uint160,uint48)")
    private static let permit2TransferFrom = Selector(signature: "transferFrom(address,address,uint160,address)")

    // MARK: Token amounts in typed data

    private static func spends(of data: TypedData) -> [LedgerEntry.Spend] {
        let members = data.members
        let values = Dictionary(members.map { ($0.path, $0.value) }) { first, _ in first }
        func value(_ path: String) -> ABIValue? { values[path].flatMap(\.self) }
        switch data.primaryType {
        case "Permit", "TransferWithAuthorization", "ReceiveWithAuthorization":
            guard let token = data.domain.verifyingContract else { return [] }
            if case .uint(let amount) = value("message.value") {
                return [LedgerEntry.Spend(currency: token, amount: amount)]
            }
            // DAI's permit has no amount. It either lets the spender spend any amount, or revokes the allowance.
            let isUnlimited = value("message.allowed") == .bool(true)
            return isUnlimited ? [LedgerEntry.Spend(currency: token, amount: .max)] : []
        default:
            // A Permit2 message contains one struct with the members `token` and `amount`, or a list of such structs.
            return members.compactMap { member in
                guard member.path.hasSuffix(".token"), case .address(let token) = member.value,
                    case .uint(let amount) = value(member.path.dropLast("token".count) + "amount")
                else { return nil }
                return LedgerEntry.Spend(currency: token, amount: amount)
            }
        }
    }
}
