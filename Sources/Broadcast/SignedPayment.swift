import AirlockABI
public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockPaymentFiles
import AirlockRequestKinds
public import AirlockRequests
import AirlockSecp256k1
import AirlockTokens
public import AirlockTransactions

/// The signed transactions of one payment, each decoded from its bytes. A caller must record the payment in the journal
/// before it sends a transaction to a node.
public struct SignedPayment: Hashable, Sendable {
    /// One transaction and its role in the payment.
    public struct Step: Hashable, Sendable {
        /// The role of the transaction. `nil` for a raw transaction whose call Airlock does not recognise.
        public let role: Payment.Role?
        public let rung: UInt64?
        public let signed: SignedTransaction
        public let hash: Hash
        public let raw: [UInt8]

        public var nonce: UInt64 { signed.transaction.nonce }
    }

    /// The data about the request that the signed bytes do not contain. It comes from the payment file and is stored in
    /// the journal.
    public struct Request: Hashable, Sendable {
        public let kind: String
        /// The request's reference in the payment file; `nil` if the file has no reference.
        let name: String?
        /// The deadline of the payment, which no contract enforces. The relay does not send the payment after this
        /// time.
        public let expires: Timestamp?

        init(kind: String, name: String?, expires: Timestamp?) {
            self.kind = kind
            self.name = name.flatMap { $0.isEmpty ? nil : $0 }
            self.expires = expires
        }
    }

    public let chain: Chain
    public let sender: Address
    /// The transactions in the order of the payment file.
    public let steps: [Step]
    /// The comparison code, which the offline machine also shows.
    public let code: String
    /// The call that makes the payment, decoded from the signed bytes. `nil` if the call belongs to no known kind of
    /// request. The relay then only follows the transactions until they have receipts.
    public let reading: RecognisedCall?
    /// The payment file; `nil` for raw transactions.
    public let payment: Payment?
    /// The data about the request from the payment file. `nil` for raw transactions, and for a payment file that
    /// identifies the request in the older form `Payment.Subject.first`.
    public let request: Request?

    /// The nonce of the transaction that makes the payment.
    public let target: UInt64

    /// Decodes the transactions of a payment file. Throws if the transactions do not match the rest of the file.
    public init(_ payment: Payment) throws(ProblemList) {
        let signed = try payment.verify()
        if let permit = payment.permit {
            // The message asks a third party to send the call of the permit, so this call is checked first.
            _ = try PermitPayment(payment)
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
                // Report each problem only once, because all transactions with the same nonce can have the same
                // problem.
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
        try requireOnePayment()
    }

    /// Reads raw transactions, in the order in which `airlock sign --raw` prints them. A transaction that occurs again
    /// is ignored.
    public init(raw transactions: [[UInt8]]) throws(ProblemList) {
        var known: Set<[UInt8]> = []
        let unique = transactions.filter { known.insert($0).inserted }
        try self.init(raw: unique, of: nil, naming: Self.named)
        try requireOnePayment()
    }

    /// Reads a payment from the journal. Decodes the signed bytes again, and takes the roles and rungs of the
    /// transactions from the journal. A rung is the number of a transaction among the transactions that differ only in
    /// their fees.
    init(_ kept: StoredPayment) throws(ProblemList) {
        let request = kept.method.flatMap { kind in
            RequestKinds.names.contains(kind) ? Request(kind: kind, name: kept.name, expires: kept.expires) : nil
        }
        try self.init(raw: kept.transactions.map(\.raw), of: request) { steps, _ in
            zip(steps, kept.transactions).map { step, kept in
                Step(role: kept.role, rung: kept.rung, signed: step.signed, hash: step.hash, raw: step.raw)
            }
        }
    }

    /// Decodes signed transactions and assigns their roles.
    ///
    /// - Parameters:
    ///   - transactions: the bytes of the signed transactions.
    ///   - request: the data about the request from the payment file; `nil` if there is none.
    ///   - name: a function that gets the decoded transactions and their sender, and returns the transactions with
    ///     their roles. It throws if it finds a problem.
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

    /// Throws if a transaction with another nonce than ``target`` is neither an approval with a lower nonce nor a
    /// cancel, or if transactions with the same nonce make different calls. The summary contains only the payment with
    /// the nonce ``target`` and the approvals before it, so the user would not see what the other transaction does. A
    /// payment from the journal is not checked, because an earlier version may have sent such transactions already.
    func requireOnePayment() throws(ProblemList) {
        let other = steps.first { step in
            let isEarlierApproval = step.nonce < target && step.approval != nil
            return step.nonce != target && !isEarlierApproval && !step.isSelfTransfer(of: sender)
        }
        if let other {
            throw ProblemList(
                Problem(
                    SendRule.mixed, saw: "a call with nonce \(other.nonce) that is no approval before the payment",
                    expected: "one payment, with nonce \(target)"))
        }
        let calls = steps.filter { $0.role != .cancel }
        for step in calls {
            let first = calls.first { $0.nonce == step.nonce }
            guard let first, !first.signed.transaction.hasSameCall(as: step.signed.transaction) else { continue }
            throw ProblemList(
                Problem(
                    SendRule.mixed, saw: "different calls with nonce \(step.nonce)",
                    expected: "one call for each nonce, with any number of fees, and its cancel"))
        }
    }

    /// Compares two payments. The property `reading` is not compared, because it is computed from the properties that
    /// are compared.
    public static func == (one: SignedPayment, other: SignedPayment) -> Bool {
        one.chain == other.chain && one.sender == other.sender && one.steps == other.steps
            && one.payment == other.payment && one.request == other.request
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(steps)
        hasher.combine(request)
    }

    /// The id of the request in a payment file of the older form `Payment.Subject.first`. `nil` if the request has no
    /// such id.
    var firstID: FixedBytes<16>? { reading?.request.reference(payer: sender).legacy }

    /// Returns the transactions of the payment that have the given nonce. At most one of them can be mined.
    func steps(with nonce: UInt64) -> [Step] { steps.filter { $0.nonce == nonce } }

    /// Whether the payment contains a cancel transaction with the nonce of the transaction that makes the payment.
    var hasCancel: Bool { steps(with: target).contains { $0.role == .cancel } }

    /// Whether the payment contains another transaction with the nonce and the role of `step`, but with different fees.
    public func hasRungs(_ step: Step) -> Bool { steps.count { $0.nonce == step.nonce && $0.role == step.role } > 1 }

    /// The nonces of the payment's transactions, in order, up to the nonce of the transaction that makes the payment.
    /// All of these nonces must be used before the payment is complete.
    var nonces: [UInt64] { Set(steps.map(\.nonce)).filter { $0 <= target }.sorted() }
}

/// Compares transactions with the payment file, and determines the roles of raw transactions.
extension SignedPayment {
    /// Compares a signed transaction with the payment file, and returns a problem for each value that differs.
    static func mismatches(of step: Step, with payment: Payment, at place: String) -> [Problem] {
        let transaction = step.signed.transaction
        let call = transaction.to.map {
            SignedCall(
                chain: payment.chain, payer: payment.from, to: $0, value: transaction.value, data: transaction.data,
                name: payment.name)
        }
        return mismatches(of: call, with: payment, at: place)
    }

    static func mismatches(of call: SignedCall?, with payment: Payment, at place: String) -> [Problem] {
        let read = call.flatMap { RequestKinds.reading($0) }
        guard let read, payment.mayPay(read.request) else {
            return [Problem(SendRule.otherPayment, at: place, expected: "a call that pays what the file says")]
        }
        let reference = read.request.reference(payer: payment.from)
        var says: [(String, String, String)] = []
        switch payment.subject {
        case .first(_, let id, let method):
            says = [
                ("/intentId", "\(id)", reference.legacy.map { "\($0)" } ?? "none"),
                ("/expires", payment.expires.map { "\($0)" } ?? "", read.request.terms.expires.map { "\($0)" } ?? ""),
                ("/method", method, read.method),
            ]
        case .request(let kind, let key, _):
            says = [
                ("/request/kind", kind, type(of: read.request).kind), ("/request/key", "\(key)", "\(reference.key)"),
            ]
        }
        return says.filter { $0.1 != $0.2 }.map { field, saw, expected in
            Problem(SendRule.otherPayment, at: field, saw: saw, expected: expected)
        }
    }

    /// Assigns to raw transactions the roles that a payment file would give them.
    static func named(_ steps: [Step], _ sender: Address) -> [Step] {
        var rungs: [UInt64: UInt64] = [:]
        return steps.map { step in
            let role = role(of: step, sender, isAlone: steps.count { $0.nonce == step.nonce } == 1)
            var rung: UInt64?
            if role == .pay || role == .approve {
                rung = rungs[step.nonce, default: 0]
                rungs[step.nonce, default: 0] += 1
            }
            return Step(role: role, rung: rung, signed: step.signed, hash: step.hash, raw: step.raw)
        }
    }

    private static func role(of step: Step, _ sender: Address, isAlone: Bool) -> Payment.Role? {
        if step.reading(of: nil, sender) != nil { return .pay }
        if step.isSelfTransfer(of: sender), !isAlone { return .cancel }
        return Selector(of: step.signed.transaction.data.span) == ERC20.approveSelector ? .approve : nil
    }
}

extension SignedPayment {
    /// The effect that the transaction `step` must have on the chain. The nonce of `step` must be ``target``. The
    /// effect is decoded from `step` itself, because a payment from the journal can contain several transactions with
    /// this nonce that spend different amounts. `nil` for a cancel transaction, and for a payment whose call is not
    /// recognised.
    func effect(of step: Step) -> Effect? {
        step.role == .cancel ? nil : (step.reading(of: request, sender) ?? reading)?.effect
    }
}

extension SignedPayment.Step {
    /// The call that makes the payment, decoded from the signed bytes; `nil` if the call is not recognised.
    ///
    /// For some kinds of request, such as a transfer, no contract refuses a second or late payment. An unrelated raw
    /// transaction could then be mistaken for the payment. So Airlock recognises a call as the payment of such a
    /// request only if the payment file names the kind of the request.
    func reading(of request: SignedPayment.Request?, _ sender: Address) -> RecognisedCall? {
        let transaction = signed.transaction
        guard let to = transaction.to, let chain = transaction.chainID,
            let read = RequestKinds.reading(
                SignedCall(
                    chain: Chain(id: chain), payer: sender, to: to, value: transaction.value, data: transaction.data,
                    name: request?.name ?? ""))
        else { return nil }
        let kind = type(of: read.request)
        return kind.isKeptByContract || kind.kind == request?.kind ? read : nil
    }

    /// The allowance that the transaction sets. `nil` if the transaction is not exactly a call of `approve`, or if it
    /// also sends native currency.
    var approval: (token: Address, spender: Address, amount: UInt256)? {
        let transaction = signed.transaction
        guard let token = transaction.to, !token.isZero, transaction.value.isZero,
            let (spender, amount) = ERC20.approval(in: transaction.data)
        else { return nil }
        return (token, spender, amount)
    }

    /// Whether the transaction sends nothing from the sender to the sender. Such a transaction uses up the nonce and
    /// has no other effect.
    func isSelfTransfer(of sender: Address) -> Bool {
        let transaction = signed.transaction
        return transaction.to == sender && transaction.value.isZero && transaction.data.isEmpty
    }
}
