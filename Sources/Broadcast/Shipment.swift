public import AirlockEthereumTypes
public import AirlockPaymentFiles
public import AirlockDiagnostics
import AirlockRequestKinds
import AirlockSecp256k1
public import AirlockTransactions
public import AirlockRequests

/// What is to be sent: the signed transactions of one payment, each decoded afresh.
public struct Shipment: Hashable, Sendable {
    /// One transaction, and what it is for.
    public struct Step: Hashable, Sendable {
        /// `nil` for a raw transaction whose call is not known.
        public let role: Payment.Role?
        public let rung: UInt64?
        public let signed: SignedTransaction
        public let hash: Hash
        public let raw: [UInt8]

        public var nonce: UInt64 { signed.transaction.nonce }
    }

    /// What a payment file says of a transfer, and its bytes do not. The journal keeps it.
    public struct Request: Hashable, Sendable {
        public let kind: String
        /// What the file calls the request; `nil` where it calls it nothing.
        let name: String?
        /// Later it is not sent; no contract refuses it.
        public let expires: Timestamp?

        init(kind: String, name: String?, expires: Timestamp?) {
            self.kind = kind
            self.name = name.flatMap { $0.isEmpty ? nil : $0 }
            self.expires = expires
        }
    }

    public let chain: Chain
    public let sender: Address
    /// In the order of the file.
    public let steps: [Step]
    /// What the other machine shows too.
    public let code: String
    /// What it pays, by its bytes; `nil` when no call is known: then the transactions are only followed to their receipts.
    public let reading: ReadBack?
    /// The file, when it is not raw transactions that came.
    public let payment: Payment?
    /// `nil` for the first kind of request, and for raw transactions of which no file is known.
    public let request: Request?

    /// The nonce whose transaction decides how it all ends.
    public let target: UInt64

    /// Reads the transactions of a payment file afresh, and compares them with what the file says.
    public init(_ payment: Payment) throws(ProblemList) {
        let signed = try payment.verify()
        if let permit = payment.permit {
            throw ProblemList(
                Problem(
                    SendRule.permit, at: "/transactions/0",
                    expected: "a transaction of someone else to \(permit.to) with its data",
                    detail: "its code is \(payment.code)"))
        }
        let steps = zip(payment.transactions, signed).map { said, signed in
            Step(role: said.role, rung: said.rung, signed: signed, hash: said.hash, raw: signed.raw)
        }
        var problems: [Problem] = []
        for (index, step) in steps.enumerated() {
            let place = "/transactions/\(index)/raw"
            switch step.role {
            case .pay:
                // Several variants of a payment differ from the file in the same.
                problems += Self.mismatches(of: step, with: payment, at: place).filter { !problems.contains($0) }
            case .cancel where !step.isSelfTransfer(of: payment.from):
                problems.append(Problem(SendRule.notACancel, at: place))
            default: break
            }
        }
        if let all = ProblemList(problems) { throw all }
        var request: Request?
        if case .request(let kind, _, let reference) = payment.subject {
            request = Request(kind: kind, name: reference, expires: payment.expires)
        }
        try self.init(steps, sender: payment.from, chain: payment.chain, payment: payment, request: request)
    }

    /// Takes raw transactions, in the order in which `airlock sign --raw` prints them.
    public init(raw transactions: [[UInt8]]) throws(ProblemList) {
        try self.init(raw: transactions, of: nil, naming: Self.named)
    }

    /// Takes what the journal has kept: the bytes are decoded afresh, and roles and rungs are those that were written
    /// down.
    init(_ kept: KeptPayment) throws(ProblemList) {
        let request = kept.method.flatMap { kind in
            RequestKinds.names.contains(kind) ? Request(kind: kind, name: kept.name, expires: kept.expires) : nil
        }
        try self.init(raw: kept.transactions.map(\.raw), of: request) { steps, _ in
            zip(steps, kept.transactions).map { step, kept in
                Step(role: kept.role, rung: kept.rung, signed: step.signed, hash: step.hash, raw: step.raw)
            }
        }
    }

    /// - Parameter name: gives the steps their roles, or refuses them.
    init(
        raw transactions: [[UInt8]], of request: Request?,
        naming name: ([Step], Address) throws(ProblemList) -> [Step]
    ) throws(ProblemList) {
        var (steps, problems): ([Step], [Problem]) = ([], [])
        var senders: Set<Address> = []
        for raw in transactions {
            do throws(TransactionError) {
                let signed = try SignedTransaction(raw: raw)
                steps.append(Step(role: nil, rung: nil, signed: signed, hash: signed.hash, raw: raw))
                do throws(SignatureError) { senders.insert(try signed.sender) } catch { problems += error.problems }
            } catch { problems += error.problems }
        }
        if let all = ProblemList(problems) { throw all }
        let chains = Set(steps.map(\.signed.transaction.chainID))
        guard let chain = chains.first, let sender = senders.first else { throw ProblemList(Problem(SendRule.empty)) }
        guard let chain else { throw ProblemList(Problem(SendRule.noChain)) }
        guard chains.count == 1, senders.count == 1 else {
            throw ProblemList(Problem(SendRule.mixed, expected: "one sender and one chain"))
        }
        try self.init(
            name(steps, sender), sender: sender, chain: Chain(id: chain), payment: nil,
            request: request)
    }

    private init(
        _ steps: [Step], sender: Address, chain: Chain, payment: Payment?, request: Request?
    ) throws(ProblemList) {
        let pays = steps.filter { $0.role == .pay }
        let readings = pays.compactMap { $0.reading(of: request, sender) }
        let first = readings.first
        guard Set(pays.map(\.nonce)).count <= 1,
            readings.allSatisfy({ first?.request.isSame(as: $0.request) ?? true })
        else {
            throw ProblemList(Problem(SendRule.mixed, expected: "one payment"))
        }
        guard let target = pays.first?.nonce ?? steps.map(\.nonce).max() else {
            throw ProblemList(Problem(SendRule.empty))
        }
        self.chain = chain
        self.sender = sender
        self.steps = steps
        self.code = ComparisonCode.code(over: steps.map(\.signed.signingHash))
        self.reading = first
        self.payment = payment
        self.request = request
        self.target = target
    }

    /// What it pays follows from the other members.
    public static func == (one: Shipment, other: Shipment) -> Bool {
        one.chain == other.chain && one.sender == other.sender && one.steps == other.steps
            && one.payment == other.payment && one.request == other.request
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(steps)
        hasher.combine(request)
    }

    /// The id of a request of the first kind.
    var firstID: FixedBytes<16>? { reading?.request.reference(payer: sender).legacy }

    /// The transactions of one nonce, of which at most one can be mined.
    func steps(with nonce: UInt64) -> [Step] { steps.filter { $0.nonce == nonce } }

    /// Whether there are several variants of a transaction, which differ in their fees.
    public func hasRungs(_ step: Step) -> Bool { steps.count { $0.nonce == step.nonce && $0.role == step.role } > 1 }

    /// The nonces that must be used, in order, for the payment to be made.
    var nonces: [UInt64] { Set(steps.map(\.nonce)).filter { $0 <= target }.sorted() }
}
