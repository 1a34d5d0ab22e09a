public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockRequests
import AirlockSecp256k1
public import AirlockStrictJSON
public import AirlockTransactions

/// A file with one signed payment. It contains all data that the online machine uses to send and to follow the payment.
/// The file travels from the offline machine to the online machine.
public struct Payment: Hashable, Sendable {
    public enum Role: String, CaseIterable, Sendable {
        /// A transaction that resets an allowance to zero, because some tokens require this before they accept a new
        /// allowance.
        case reset
        case approve
        case pay
        /// A transfer from the sender to itself. It replaces the other transactions with the same nonce.
        case cancel
        /// A signed permit that somebody else submits, so that the payer does not have to send a transaction.
        case permit
    }

    public struct Transaction: Hashable, Sendable {
        public let role: Role
        /// The number of this variant of the transaction. A payment can contain several variants, which differ only in
        /// their fees. They are numbered from 0, from the lowest to the highest fee. `nil` for a cancelling
        /// transaction, for an approval that is signed only once, and for a permit.
        public let rung: UInt64?
        /// The account's nonce. For a permit, this is the permit nonce that the token contract stores for the account.
        public let nonce: UInt64
        /// The hash of the transaction. For a permit, this is the digest that was signed.
        public let hash: Hash
        /// The bytes of the signed transaction; `nil` for a permit.
        public let raw: [UInt8]?
        /// The signed permit; `nil` for a transaction.
        public let permit: Permit?

        public init(role: Role, rung: UInt64?, nonce: UInt64, hash: Hash, raw: [UInt8]) {
            self.role = role
            self.rung = rung
            self.nonce = nonce
            self.hash = hash
            self.raw = raw
            self.permit = nil
        }

        public init(_ permit: Permit, nonce: UInt64, digest: Hash) {
            self.role = .permit
            self.rung = nil
            self.nonce = nonce
            self.hash = digest
            self.raw = nil
            self.permit = permit
        }
    }

    /// The payer's signature on a token permit, and the contract call that contains the signature. Somebody else has to
    /// send this call.
    public struct Permit: Hashable, Sendable {
        /// The values r, s and v of the signature. v is 27 or 28.
        public let signature: [UInt8]
        /// The domain separator of the token, which is part of the signed digest.
        public let domainSeparator: Hash
        /// The contract that must be called.
        public let to: Address
        /// The call data. It contains the signature.
        public let data: [UInt8]

        public init(signature: [UInt8], domainSeparator: Hash, to: Address, data: [UInt8]) {
            self.signature = signature
            self.domainSeparator = domainSeparator
            self.to = to
            self.data = data
        }
    }

    public let subject: Subject
    public let chain: Chain
    public let from: Address
    /// The deadline of the payment; `nil` if there is none. If a contract enforces the deadline, a payment that is
    /// mined later has no effect. If no contract enforces it, the relay does not send the payment after the deadline.
    public let expires: Timestamp?
    public let policyHash: Hash
    /// The hash of the ledger entry that records this payment.
    public let ledgerHead: Hash?
    /// The comparison code of the payment (see ``ComparisonCode``).
    public let code: String
    public let transactions: [Transaction]

    /// The permit of a payment that somebody else submits; `nil` if the payment consists of transactions.
    public var permit: Permit? { transactions.first?.permit }

    public init(
        _ subject: Subject, chain: Chain, from: Address, expires: Timestamp?, policyHash: Hash, ledgerHead: Hash?,
        code: String, transactions: [Transaction]
    ) {
        self.subject = subject
        self.chain = chain
        self.from = from
        self.expires = expires
        self.policyHash = policyHash
        self.ledgerHead = ledgerHead
        self.code = code
        self.transactions = transactions
    }

    /// The string that identifies the request to the user: the name in `Subject.first`, or the reference in
    /// `Subject.request`. The string can be empty.
    public var name: String {
        switch subject {
        case .first(let name, _, _): name
        case .request(_, _, let reference): reference
        }
    }

    public static let kind = "payment"
}

extension Payment {
    /// Reads a payment file. Call ``verify()`` to check its transactions.
    public init(_ bytes: [UInt8]) throws(ProblemList) {
        self = try AirlockFile.read(bytes, Self.read)
    }

    private static func read(_ reader: inout ObjectReader) -> Payment? {
        AirlockFile.readHead(&reader, kind: kind)
        let isFirst = reader.optionalValue("request") == nil
        let subject = Subject(from: &reader)
        let chain = reader.string("chainId") { try Chain(decimal: $0) }
        let from = reader.string("from") { try Address($0) }
        let expires =
            isFirst
            ? reader.string("expires") { try Timestamp($0) } : reader.optionalString("expires") { try Timestamp($0) }
        let policyHash = reader.string("policyHash") { try Hash(hex: $0) }
        let ledgerHead = reader.optionalString("ledgerHead") { try Hash(hex: $0) }
        let code = reader.string("code")
        let transactions = reader.objects("transactions", readTransaction)
        if transactions?.isEmpty == true {
            reader.record([Problem(PaymentFileRule.noTransactions, at: "/transactions")])
        }
        if let transactions, transactions.count > 1, transactions.contains(where: { $0.role == .permit }) {
            reader.record([Problem(PaymentFileRule.permitNotAlone, at: "/transactions")])
        }
        guard let subject, let chain, let from, let policyHash, let code, let transactions else { return nil }
        return Payment(
            subject, chain: chain, from: from, expires: expires, policyHash: policyHash, ledgerHead: ledgerHead,
            code: code, transactions: transactions)
    }

    fileprivate static func readTransaction(_ reader: inout ObjectReader) -> Transaction? {
        let role = reader.string("role") { text throws(Problem) in
            guard let role = Role(rawValue: text) else {
                let roles = Role.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem(PaymentFileRule.unknownRole, saw: text, expected: "one of \(roles)")
            }
            return role
        }
        if role == .permit { return readPermit(&reader) }
        let rung = reader.optionalString("rung", Quantity.uint64)
        let nonce = reader.string("nonce", Quantity.uint64)
        let hash = reader.string("hash") { try Hash(hex: $0) }
        let raw = reader.string("raw") { try Hex.decode($0) }
        reader.refuseUnknown()
        guard let role, let nonce, let hash, let raw else { return nil }
        return Transaction(role: role, rung: rung, nonce: nonce, hash: hash, raw: raw)
    }

    private static func readPermit(_ reader: inout ObjectReader) -> Transaction? {
        let nonce = reader.string("nonce", Quantity.uint64)
        let hash = reader.string("hash") { try Hash(hex: $0) }
        let signature = reader.string("signature") { try Hex.decode($0) }
        let domainSeparator = reader.string("domainSeparator") { try Hash(hex: $0) }
        let to = reader.string("to") { try Address($0) }
        let data = reader.string("data") { try Hex.decode($0) }
        reader.refuseUnknown()
        guard let nonce, let hash, let signature, let domainSeparator, let to, let data else { return nil }
        let permit = Permit(signature: signature, domainSeparator: domainSeparator, to: to, data: data)
        return Transaction(permit, nonce: nonce, digest: hash)
    }

    /// The payment file as a JSON object.
    public var json: JSONOutput {
        var members = AirlockFile.head(Self.kind)
        func add(_ name: String, _ value: (some CustomStringConvertible)?) {
            if let value { members.append((name, .string(value.description))) }
        }
        var way: String?
        switch subject {
        case .first(let name, let id, let method):
            add(LegacyMembers.name, name)
            add(LegacyMembers.id, id)
            way = method
        case .request(let kind, let key, let reference):
            var request: [(String, JSONOutput)] = [("kind", .string(kind)), ("key", .string("\(key)"))]
            if !reference.isEmpty { request.append(("reference", .string(reference))) }
            members.append(("request", .object(request)))
        }
        add("chainId", chain.id)
        add("from", from)
        add("method", way)
        add("expires", expires)
        add("policyHash", policyHash)
        if let ledgerHead { members.append(("ledgerHead", .string("\(ledgerHead)"))) }
        members += [("code", .string(code)), ("transactions", .array(transactions.map(\.json)))]
        return .object(members)
    }
}

extension Payment.Transaction {
    /// Reads a transaction of a payment file. On failure, records a problem and returns `nil`.
    public init?(_ reader: inout ObjectReader) {
        guard let read = Payment.readTransaction(&reader) else { return nil }
        self = read
    }

    public var json: JSONOutput {
        var members: [(String, JSONOutput)] = [("role", .string(role.rawValue))]
        if let rung { members.append(("rung", .string("\(rung)"))) }
        members += [("nonce", .string("\(nonce)")), ("hash", .string("\(hash)"))]
        if let raw { members.append(("raw", .string(Hex.encode(raw)))) }
        if let permit {
            members += [
                ("signature", .string(Hex.encode(permit.signature))),
                ("domainSeparator", .string("\(permit.domainSeparator)")), ("to", .string("\(permit.to)")),
                ("data", .string(Hex.encode(permit.data))),
            ]
        }
        return .object(members)
    }
}

extension Payment {
    /// Checks that the members of the file match its transactions, and that no transaction occurs twice. Decodes every
    /// transaction, and compares its hash, nonce, chain and sender with the members of the file. Computes the
    /// comparison code again, and compares it with the code in the file. For a permit, checks that the payer signed the
    /// digest.
    ///
    /// - Returns: the decoded transactions, in the file's order; empty for a permit.
    public func verify() throws(ProblemList) -> [SignedTransaction] {
        var problems: [Problem] = []
        var decoded: [SignedTransaction] = []
        var signingHashes: [Hash] = []
        var hashes: Set<Hash> = []
        for (index, transaction) in transactions.enumerated() {
            let place = "/transactions/\(index)"
            if let permit = transaction.permit {
                problems += signatureProblems(permit, over: transaction.hash, at: "\(place)/signature")
                signingHashes.append(transaction.hash)
            }
            guard let raw = transaction.raw else { continue }
            do throws(TransactionError) {
                let signed = try SignedTransaction(raw: raw)
                signingHashes.append(signed.signingHash)
                // If several transactions differ from the members of the file in the same way, the problem is reported
                // once.
                problems += mismatches(of: signed, with: transaction, at: place).filter { !problems.contains($0) }
                if !hashes.insert(signed.hash).inserted {
                    problems.append(Problem(PaymentFileRule.repeatedTransaction, at: place))
                }
                decoded.append(signed)
            } catch {
                problems += error.problems.map { $0.at("\(place)/raw") }
            }
        }
        let expected = ComparisonCode.code(over: signingHashes)
        if problems.isEmpty, expected != code {
            problems.append(Problem(PaymentFileRule.codeMismatch, at: "/code", saw: code, expected: expected))
        }
        if let all = ProblemList(problems) { throw all }
        return decoded
    }

    /// The signing hashes of the transactions, in the file's order. For a permit, the digest that the payer signed. The
    /// comparison code is computed from these hashes.
    public var signingHashes: [Hash] {
        transactions.compactMap { transaction in
            transaction.raw.map { (try? SignedTransaction(raw: $0))?.signingHash } ?? transaction.hash
        }
    }

    /// Returns the problems of the signature on a permit. The contract accepts a signature only if v is 27 or 28 and s
    /// is low.
    private func signatureProblems(_ permit: Permit, over digest: Hash, at place: String) -> [Problem] {
        do throws(SignatureError) {
            let signature = try Signature(permit.signature, accepting: .only27Or28)
            try signature.requireLowS()
            let signer = try signature.recoverAddress(digest: digest)
            guard signer != from else { return [] }
            return [
                Problem(PaymentFileRule.senderMismatch, at: "/from", saw: "\(from)", expected: "\(signer)")
            ]
        } catch {
            return error.problems.map { $0.at(place) }
        }
    }

    private func mismatches(
        of signed: SignedTransaction, with said: Transaction, at place: String
    ) -> [Problem] {
        var problems: [Problem] = []
        func compare<Value: Equatable>(
            _ rule: PaymentFileRule, _ field: String, _ saw: Value, _ expected: Value
        ) {
            guard saw != expected else { return }
            problems.append(Problem(rule, at: field, saw: "\(saw)", expected: "\(expected)"))
        }
        compare(.hashMismatch, "\(place)/hash", said.hash, signed.hash)
        compare(.nonceMismatch, "\(place)/nonce", said.nonce, signed.transaction.nonce)
        compare(.chainMismatch, "/chainId", chain.id, signed.transaction.chainID ?? 0)
        do throws(SignatureError) {
            compare(.senderMismatch, "/from", from, try signed.sender)
        } catch {
            problems += error.problems.map { $0.at("\(place)/raw") }
        }
        return problems
    }
}
