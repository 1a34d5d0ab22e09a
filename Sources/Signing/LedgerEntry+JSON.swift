package import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockStrictJSON

extension LedgerEntry {
    /// Reads one line of the ledger. Throws if the line does not consist of exactly the bytes that Airlock writes for
    /// this entry.
    package init(_ line: [UInt8]) throws(ProblemList) {
        self = try AirlockFile.read(line, Self.read)
        guard self.line == line else { throw ProblemList(Problem(LedgerRule.otherForm)) }
    }

    private static func read(_ reader: inout ObjectReader) -> LedgerEntry? {
        AirlockFile.readHead(&reader, kind: kind)
        let subject = reader.string("subject") { text throws(Problem) in
            guard let subject = Subject(rawValue: text) else { throw Problem(LedgerRule.unknownSubject, saw: text) }
            return subject
        }
        let previous = reader.string("previous") { try Hash(hex: $0) }
        let time = reader.string("time") { try Timestamp($0) }
        let claimedTime = reader.string("claimedTime") { try Timestamp($0) }
        func entry(_ subject: Subject) -> LedgerEntry? {
            guard let previous, let time, let claimedTime else { return nil }
            return LedgerEntry(subject, previous: previous, time: time, claimedTime: claimedTime)
        }
        if subject == .begin { return entry(.begin) }
        let chainID = reader.string("chainId", Quantity.uint64)
        let from = reader.string("from") { try Address($0) }
        let request = Payment.Subject(from: &reader)
        let recipient = reader.string("recipient") { try Address($0) }
        let spends = reader.objects("spends", readSpend)
        let policyHash = reader.string("policyHash") { try Hash(hex: $0) }
        let replaces = reader.optionalString("replaces") { try Hash(hex: $0) }
        let transactions = reader.objects("transactions", readTransaction)
        guard let chainID, let from, let request, let recipient, let spends, let policyHash, let transactions,
            let subject, var entry = entry(subject)
        else { return nil }
        entry.chain = Chain(id: chainID)
        entry.from = from
        if case .first(_, _, let method) = request, subject == .blind {
            entry.method = method
        } else {
            entry.request = request
        }
        entry.recipient = recipient
        entry.spends = spends
        entry.policyHash = policyHash
        entry.replaces = replaces
        entry.transactions = transactions
        return entry
    }

    private static func readSpend(_ reader: inout ObjectReader) -> Spend? {
        let currency = reader.string("currency") { try Address($0) }
        let amount = reader.string("amount") { try UInt256(decimal: $0) }
        reader.refuseUnknown()
        guard let currency, let amount else { return nil }
        return Spend(currency: currency, amount: amount)
    }

    private static func readTransaction(_ reader: inout ObjectReader) -> Transaction? {
        let role = reader.string("role")
        let nonce = reader.optionalString("nonce", Quantity.uint64)
        let signingHash = reader.string("signingHash") { try Hash(hex: $0) }
        let reviewedHash = reader.optionalString("reviewedHash") { try Hash(hex: $0) }
        let hash = reader.string("hash") { try Hash(hex: $0) }
        reader.refuseUnknown()
        guard let role, let signingHash, let hash else { return nil }
        return Transaction(
            role: role, nonce: nonce, signingHash: signingHash, reviewedHash: reviewedHash.flatMap(\.self), hash: hash)
    }
}

/// Functions that write JSON members whose values contain no characters that JSON must escape. They must be fast,
/// because a batch writes a dozen of these members for every line.
extension JSONWriter {
    mutating func member(_ key: StaticString, _ hash: Hash) {
        member(plain: key, 66) { hash.append(to: &$0) }
    }

    mutating func member(_ key: StaticString, _ address: Address) {
        member(plain: key, 42) { address.append(to: &$0) }
    }

    mutating func member(_ key: StaticString, _ number: UInt256) {
        member(plain: key, UInt256.mostDigits) { number.append(to: &$0) }
    }

    mutating func member(_ key: StaticString, _ time: Timestamp) {
        member(plain: key, Timestamp.mostCharacters) { time.append(to: &$0) }
    }

    /// Writes bytes as hexadecimal digits with the prefix `0x`.
    mutating func member(_ key: StaticString, hex bytes: [UInt8]) {
        member(plain: key, 2 + bytes.count * 2) { Hex.append(bytes.span, to: &$0) }
    }
}
