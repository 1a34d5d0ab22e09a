// The standard library normalises text and says so to nobody else.
@_spi(_Unicode) import Swift
import AirlockABI
public import AirlockEthereumTypes
public import AirlockDiagnostics
public import AirlockRequests
import AirlockTokens
import AirlockTypedData

/// A request to send native currency or a token to somebody: read and well-formed, and not yet believed.
public struct Transfer: Hashable, Sendable {
    public let chain: Chain
    /// Who pays; `nil` leaves it to whoever signs.
    public let from: Address?
    public let to: Address
    /// `nil` is native currency.
    public let token: Address?
    /// In the smallest unit; never zero.
    public let amount: UInt256
    /// What the payee knows it by; `nil` where there is none.
    public var reference: String?
    public let expires: Timestamp?
    /// Who asks and what that party signed: both or neither.
    public let requester: Address?
    public let signature: [UInt8]?
    /// What it was read from, which tells where its members stand.
    public let source: Source

    public enum Source: Hashable, Sendable {
        case file
        case uri
        /// A transaction that was signed before.
        case bytes
    }

    /// The longest reference, in bytes of UTF-8.
    public static let longestReference = 256

    /// Checks what no single member tells; all that is wrong is said at once.
    public init(
        chain: Chain, from: Address?, to: Address, token: Address?, amount: UInt256, reference: String? = nil,
        expires: Timestamp? = nil, requester: Address? = nil, signature: [UInt8]? = nil, source: Source = .file
    ) throws(ProblemList) {
        self.chain = chain
        self.from = from
        self.to = to
        self.token = token
        self.amount = amount
        self.reference = reference
        self.expires = expires
        self.requester = requester
        self.signature = signature
        self.source = source
        if let all = ProblemList(problems) { throw all }
    }

    private var problems: [Problem] {
        var problems: [Problem] = []
        if to.isZero { problems.append(Problem(TransferRule.nullRecipient, at: places.payee)) }
        if to == token { problems.append(Problem(TransferRule.toToken, at: places.payee, saw: "\(to)")) }
        if let from, from == to { problems.append(Problem(TransferRule.toPayer, at: places.payee, saw: "\(to)")) }
        if let token, token.isZero { problems.append(Problem(TransferRule.zeroToken, at: places.currency)) }
        if amount.isZero { problems.append(Problem(TransferRule.nothing, at: places.amount)) }
        if let reference { problems += Self.problems(of: reference, at: places.reference) }
        if let requester, requester.isZero {
            problems.append(Problem(TransferRule.nullRequester, at: "/requester"))
        }
        if (requester == nil) != (signature == nil) {
            problems.append(
                Problem(
                    TransferRule.halfSigned, at: requester == nil ? "/signature" : "/requester",
                    expected: requester == nil ? "a requester beside it" : "a signature beside it"))
        }
        return problems
    }

    /// What is wrong with a text that is to be a reference.
    public static func problems(of reference: String, at place: String) -> [Problem] {
        let size = reference.utf8.count
        let words = reference.split(whereSeparator: \.isWhitespace)
        if size > 0,
            words.joined(separator: " ") != reference
                || reference.unicodeScalars.contains(where: isInvisible)
        {
            return [
                Problem(
                    TransferRule.referenceBlanks, at: place, saw: reference,
                    expected: "single spaces, and only between words")
            ]
        }
        if !reference._nfc.elementsEqual(reference.unicodeScalars) {
            return [Problem(TransferRule.referenceForm, at: place, saw: reference, expected: "normalization form C")]
        }
        guard size == 0 || size > longestReference else { return [] }
        return [
            Problem(
                TransferRule.referenceLength, at: place, saw: "\(size) bytes",
                expected: "1 to \(longestReference) bytes")
        ]
    }

    /// Two references that differ only in such a character look alike, and are paid as two.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
            || scalar.properties.isDefaultIgnorableCodePoint
    }

    public var places: Terms.Places {
        switch source {
        case .file, .bytes:
            Terms.Places(
                chain: "/chainId", payer: "/from", payee: "/to", currency: "/token", amount: "/amount",
                expires: "/expires", reference: "/reference")
        case .uri:
            Terms.Places(
                chain: "chain id", payer: "--from", payee: token == nil ? "target" : "address",
                currency: "target", amount: token == nil ? "value" : "uint256",
                expires: "--now", reference: "--reference")
        }
    }

    /// What is owed, by whoever signs where the request names nobody.
    public var terms: Terms {
        Terms(
            chain: chain, payer: from, payee: to, owed: Terms.Amount(currency: token ?? .zero, amount: amount),
            expires: expires, places: places)
    }

    public static let kind = "transfer"

    /// What was checked when it was read.
    public var form: String {
        switch self.source {
        case .file: "strict JSON, and every member is well-formed"
        case .bytes: "a transfer, by the bytes of the transaction"
        case .uri: "a payment URI (EIP-681), and every part of it is well-formed"
        }
    }

    /// Chain, payer, payee, token and reference make a transfer; another amount with the same is the same transfer.
    public func reference(payer: Address) -> Reference {
        Reference(
            kind: Self.kind, text: reference ?? "",
            of: [
                Array("\(chain.id)".utf8), payer.bytes.bytes, to.bytes.bytes, token?.bytes.bytes ?? [],
                reference.map { [1] + Array($0.utf8) } ?? [],
            ])
    }

    // MARK: The requester

    /// What the requester signs (EIP-712).
    public var digest: Hash {
        var request = StructEncoder(
            "PaymentRequest(uint256 chainId,address payer,address payee,address token,uint256 amount,string reference,"
                + "uint256 expires)")
        request.append(UInt256(chain.id))
        request.append(from ?? .zero)
        request.append(to)
        request.append(token ?? .zero)
        request.append(amount)
        request.append(string: reference ?? "")
        request.append(UInt256(expires?.seconds ?? 0))
        return TypedDataDomain(name: "Airlock payment request", version: "1").digest(structHash: request.hash)
    }

    // MARK: The call

    /// Whom the payer's transaction calls: the payee, or the token.
    public var target: Address { token ?? to }
    /// What it sends in native currency.
    public var value: UInt256 { token == nil ? amount : .zero }
    /// `transfer(address,uint256)` of the token; empty for native currency.
    public var data: [UInt8] { token == nil ? [] : ERC20.transfer(to, amount) }

    /// Reads a transaction's call back: a transfer of native currency, or of a token by exactly `transfer`. `nil` for any
    /// other call.
    public static func reading(
        target: Address, value: UInt256, data: [UInt8]
    ) -> (to: Address, token: Address?, amount: UInt256)? {
        if data.isEmpty { return value.isZero ? nil : (target, nil, value) }
        guard value.isZero, data.count == 68, Selector(of: data.span) == ERC20.transferSelector,
            let recipient = FixedBytes<32>(Array(data[4..<36])), (0..<12).allSatisfy({ recipient[$0] == 0 }),
            let to = Address(lowBytesOf: recipient) as Address?, let amount = FixedBytes<32>(Array(data[36..<68]))
        else { return nil }
        return (to, target, UInt256(amount))
    }
}
