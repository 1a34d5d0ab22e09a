public import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockRequestKinds
import AirlockRequests
import AirlockSecp256k1
import AirlockStrictJSON
import AirlockTransactions

/// Reads payments from files and from the command line.
extension SignedPayment {
    /// Reads a payment file, or raw transactions in hexadecimal. Raw transactions are separated by spaces or line
    /// breaks. Each of them is written with or without `0x`, in upper or lower case.
    public init(reading bytes: [UInt8]) throws(ProblemList) {
        let start = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        if start == UInt8(ascii: "{") {
            try self.init(Payment(bytes))
        } else {
            try self.init(hexadecimal: String(decoding: bytes, as: UTF8.self))
        }
    }

    /// Reads raw transactions in hexadecimal, separated by spaces or line breaks. An error contains the number of the
    /// malformed line, but never its text. The reason is that the user may have chosen the wrong file, and the line may
    /// be a passphrase or a mnemonic.
    public init(hexadecimal text: String) throws(ProblemList) {
        var (raws, problems): ([[UInt8]], [Problem]) = ([], [])
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            do throws(ValueError) {
                for word in line.split(whereSeparator: \.isWhitespace) {
                    raws.append(try Hex.decode(digits: Self.digits(word)))
                }
            } catch { problems.append(Problem(error.rule, at: "line \(index + 1)", because: SendRule.empty)) }
        }
        if let all = ProblemList(problems) { throw all }
        try self.init(raw: raws)
    }

    /// Whether a command-line argument is a raw transaction and not the name of a file. A raw transaction has at least
    /// 160 hexadecimal digits, because even the shortest transaction has more than 80 bytes.
    public static func isRaw(_ operand: String) -> Bool {
        let digits = digits(operand[...])
        return digits.utf8.count >= 160 && digits.allSatisfy { $0.isASCII && $0.isHexDigit }
    }

    private static func digits(_ word: Substring) -> Substring {
        word.hasPrefix("0x") || word.hasPrefix("0X") ? word.dropFirst(2) : word
    }
}

/// Reads one line of a file that contains one payment in each line. The line is a payment file, a line of the output of
/// `airlock sign --lines`, or raw transactions in hexadecimal.
extension SignedPayment {
    public init(line: [UInt8]) throws(ProblemList) {
        guard line.first(where: { ![0x20, 0x09].contains($0) }) == UInt8(ascii: "{") else {
            try self.init(hexadecimal: String(decoding: line, as: UTF8.self))
            return
        }
        let document: JSONDocument
        do throws(JSONError) { document = try JSONDocument(line) } catch { throw ProblemList(error) }
        guard document.root["ok"] != nil else {
            try self.init(Payment(line))
            return
        }
        try self.init(answer: document.root)
    }

    /// Reads one line of the output of `airlock sign --lines`. The line contains only some of the members of a payment
    /// file. The members that describe a transaction must agree with its signed bytes.
    private init(answer: JSONValue) throws(ProblemList) {
        var reader = ObjectReader(answer)
        if reader.boolean("ok") == false {
            let said = answer["error"]?["code"]?.string
            throw ProblemList(Problem(SendRule.refusedLine, at: answer["error"]?.pointer ?? "/ok", saw: said))
        }
        var said: [Payment.Transaction] = []
        let isSingle = reader.optionalValue("raw") != nil
        if isSingle {
            let raw = reader.string("raw") { try Hex.decode($0) }
            let hash = reader.string("hash") { try Hash(hex: $0) }
            if let raw, let hash { said = [Payment.Transaction(role: .pay, rung: nil, nonce: 0, hash: hash, raw: raw)] }
        } else {
            said = reader.objects("transactions", Payment.Transaction.init) ?? []
        }
        // The line has no reference if the payment identifies its request in the older form `Payment.Subject.first`.
        let reference = reader.optionalString("reference")
        let isReferenced = reference != nil
        _ = reader.optionalString(LegacyMembers.name)
        let expires = reader.optionalString("expires") { try Timestamp($0) }
        // Refuse unknown members. An unknown member could contain a second transaction or a comparison code, which
        // would be ignored.
        reader.refuseUnknown()
        if let all = ProblemList(reader.problems) { throw all }
        if said.contains(where: { $0.permit != nil }) {
            throw ProblemList(
                Problem(
                    SendRule.permit, at: "/transactions/0",
                    expected: "a transaction of someone else to its address with its data"))
        }
        let kind = isReferenced ? said.first { $0.role == .pay }.flatMap { Self.kind(of: $0.raw ?? []) } : nil
        let request = kind.map { Request(kind: $0, name: reference, expires: expires) }
        try self.init(raw: said.compactMap(\.raw), of: request) { steps, sender throws(ProblemList) in
            try Self.named(steps, sender, as: said, of: request, isSingle: isSingle, isReferenced: isReferenced)
        }
        try requireOnePayment()
    }

    /// Finds the kind of request from the signed bytes, because the output of `airlock sign --lines` does not contain
    /// the kind.
    private static func kind(of raw: [UInt8]) -> String? {
        guard let signed = try? SignedTransaction(raw: raw), let sender = try? signed.sender,
            let to = signed.transaction.to, let chain = signed.transaction.chainID
        else { return nil }
        let transaction = signed.transaction
        let call = SignedCall(
            chain: Chain(id: chain), payer: sender, to: to, value: transaction.value, data: transaction.data, name: "")
        return RequestKinds.reading(call).map { type(of: $0.request).kind }
    }

    private static func named(
        _ steps: [Step], _ sender: Address, as said: [Payment.Transaction], of request: Request?,
        isSingle: Bool, isReferenced: Bool
    ) throws(ProblemList) -> [Step] {
        var (named, problems): ([Step], [Problem]) = ([], [])
        for (index, (step, said)) in zip(steps, said).enumerated() {
            let place = isSingle ? "" : "/transactions/\(index)"
            func compare(_ rule: PaymentFileRule, _ field: String, _ saw: String, _ expected: String) {
                guard saw != expected else { return }
                problems.append(Problem(rule, at: "\(place)/\(field)", saw: saw, expected: expected))
            }
            if steps[..<index].contains(where: { $0.hash == step.hash }) {
                problems.append(Problem(PaymentFileRule.repeatedTransaction, at: place))
            }
            compare(.hashMismatch, "hash", "\(said.hash)", "\(step.hash)")
            if !isSingle { compare(.nonceMismatch, "nonce", "\(said.nonce)", "\(step.nonce)") }
            let isPaying = step.reading(of: request, sender) != nil
            var role: Payment.Role? = said.role
            switch said.role {
            // If the call belongs to no known kind of request, the transaction gets no role. The relay then only waits
            // for the receipt of the transaction.
            case .pay where !isPaying && isReferenced: role = nil
            case .pay where !isPaying:
                problems.append(
                    Problem(
                        SendRule.otherPayment, at: "\(place)/raw", expected: "a call that pays a \(LegacyMembers.kind)")
                )
            case .cancel where !step.isSelfTransfer(of: sender):
                problems.append(Problem(SendRule.notACancel, at: "\(place)/raw"))
            default: break
            }
            named.append(Step(role: role, rung: said.rung, signed: step.signed, hash: step.hash, raw: step.raw))
        }
        if let all = ProblemList(problems) { throw all }
        return named
    }
}
