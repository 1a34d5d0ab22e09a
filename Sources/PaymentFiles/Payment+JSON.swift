import AirlockEthereumTypes
import AirlockRequests
public import AirlockDiagnostics
public import AirlockStrictJSON

extension Payment {
    /// Reads a payment file. Whether its transactions are what it says is for ``verify()`` to find out.
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

    /// The file as it is written.
    public var json: JSONOutput {
        var members = AirlockFile.head(Self.kind)
        func add(_ name: String, _ value: (some CustomStringConvertible)?) {
            if let value { members.append((name, .string(value.description))) }
        }
        var way: String?
        switch subject {
        case .first(let name, let id, let method):
            add(FirstForm.name, name)
            add(FirstForm.id, id)
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
    /// Reads a transaction of a payment file. Returns `nil` when it has recorded a problem.
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
