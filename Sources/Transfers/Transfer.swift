import AirlockABI
public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockPaymentFiles
public import AirlockRequests
import AirlockSecp256k1
public import AirlockStrictJSON
import AirlockTokens
import AirlockTypedData

/// A request to send native currency or a token to somebody. The request was read and is well-formed, but it is not
/// verified yet.
public struct Transfer: Hashable, Sendable {
    public let chain: Chain
    /// The account that pays. `nil` if the signer may be any account.
    public let from: Address?
    public let to: Address
    /// The token that is sent. `nil` means native currency.
    public let token: Address?
    /// The amount in the smallest unit. It is never zero.
    public let amount: UInt256
    /// The payee's reference text for the payment. `nil` if the request has no reference text.
    public var reference: String?
    public let expires: Timestamp?
    /// The account that requests the transfer. The requester and its signature are either both present or both absent.
    public let requester: Address?
    public let signature: [UInt8]?
    /// The nonce, gas limit and fees of the unsigned transaction that the transfer was read from. `nil` if the transfer
    /// was read from anything else.
    public let proposal: Proposal?
    /// The source from which the transfer was read. If a value is wrong, the source determines which location the error
    /// message names.
    public let source: Source

    public enum Source: Hashable, Sendable {
        case file
        case uri
        /// An unsigned transaction. Each associated value is a name or a JSON pointer that shows, in an error message,
        /// where a wrong value is. `chain` is the location of the chain, and `from` is the location of the payer. `to`
        /// is the location of the recipient or the token. `data` is the location of the call data, or of the amount if
        /// native currency is sent.
        case transaction(chain: String, from: String, to: String, data: String)
        /// A transaction that is already signed.
        case bytes
    }

    /// Makes a transfer. If the values break rules for transfers, throws one error that lists all problems.
    public init(
        chain: Chain, from: Address?, to: Address, token: Address?, amount: UInt256, reference: String? = nil,
        expires: Timestamp? = nil, requester: Address? = nil, signature: [UInt8]? = nil, proposal: Proposal? = nil,
        source: Source = .file
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
        self.proposal = proposal
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
        if let reference { problems += Reference.problems(of: reference, at: places.reference) }
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

    public var places: Terms.Places {
        switch source {
        case .file, .bytes:
            Terms.Places(
                chain: "/chainId", payer: "/from", payee: "/to", currency: "/token", amount: "/amount",
                expires: "/expires", reference: "/reference")
        case .transaction(let chain, let from, let to, let data):
            Terms.Places(
                chain: chain, payer: from, payee: token == nil ? to : data, currency: token == nil ? data : to,
                amount: data,
                expires: ArgumentPlace.now.rawValue, reference: ArgumentPlace.reference.rawValue)
        case .uri:
            Terms.Places(
                chain: "chain id", payer: ArgumentPlace.payer.rawValue,
                payee: token == nil ? "target" : "address",
                currency: "target", amount: token == nil ? "value" : "uint256",
                expires: ArgumentPlace.now.rawValue, reference: ArgumentPlace.reference.rawValue)
        }
    }

    /// The terms of the payment: the chain, the payer, the payee, the owed amount and the time of expiry. If the
    /// request names no payer, `payer` is `nil`. In this case, the account that signs is the payer.
    public var terms: Terms {
        Terms(
            chain: chain, payer: from, payee: to, owed: [Terms.Amount(currency: token ?? .zero, amount: amount)],
            expires: expires, places: places)
    }

    public static let kind = "transfer"

    public var readAs: String {
        switch source {
        case .file: "transfer file"
        case .transaction: "unsigned transaction that is a transfer"
        case .bytes: "transfer"
        case .uri: "EIP-681 payment URI"
        }
    }

    /// A description of the checks that the transfer passed when it was read, such as `strict JSON, and every member is
    /// well-formed`.
    public var form: String {
        switch self.source {
        case .file: "strict JSON, and every member is well-formed"
        case .transaction: "an unsigned transaction that is a transfer, and every part of it is well-formed"
        case .bytes: "a transfer, by the bytes of the transaction"
        case .uri: "a payment URI (EIP-681), and every part of it is well-formed"
        }
    }

    /// Returns the ``Reference`` that identifies the transfer. It is computed from the chain, the payer, the payee, the
    /// token and the reference text. Two transfers that differ only in the amount have the same `Reference`.
    public func reference(payer: Address) -> Reference {
        Reference(
            kind: Self.kind, text: reference ?? "",
            of: [
                Array("\(chain.id)".utf8), payer.bytes.bytes, to.bytes.bytes, token?.bytes.bytes ?? [],
                reference.map { [1] + Array($0.utf8) } ?? [],
            ])
    }

    // MARK: The requester's signature

    /// The digest that the requester signs (EIP-712).
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

    /// The account that the payer's transaction calls. This is the payee for native currency, and the token's contract
    /// for a token.
    public var target: Address { token ?? to }
    /// The native currency that the transaction sends. It is zero if a token is sent.
    public var value: UInt256 { token == nil ? amount : .zero }
    /// The call data: a call of `transfer(address,uint256)` for a token, and no data for native currency.
    public var data: [UInt8] { token == nil ? [] : ERC20.transfer(to, amount) }

    /// Reads the call of a transaction as a transfer. The call must be a transfer of native currency without call data,
    /// or a call of a token's function `transfer` without native currency and without extra call data. Returns `nil`
    /// for any other call.
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

extension Transfer {
    /// Reads the JSON of a transfer file.
    public init(_ root: JSONValue) throws(ProblemList) {
        let members = try AirlockFile.read(root, Self.read)
        do throws(ProblemList) {
            try self.init(
                chain: members.chain, from: members.from, to: members.to, token: members.token,
                amount: members.amount, reference: members.reference, expires: members.expires,
                requester: members.requester, signature: members.signature)
        } catch { throw ProblemList(error.problems.map { $0.at(root.pointer + ($0.field ?? "")) }) ?? error }
    }

    private struct Members {
        let chain: Chain
        let from: Address?
        let to: Address
        let token: Address?
        let amount: UInt256
        let reference: String?
        let expires: Timestamp?
        let requester: Address?
        let signature: [UInt8]?
    }

    private static func read(_ reader: inout ObjectReader) -> Members? {
        AirlockFile.readHead(&reader, kind: kind)
        let chain = reader.string("chainId") { try Chain(decimal: $0) }
        let from = reader.optionalString("from") { try Address($0) }
        let to = reader.string("to") { try Address($0) }
        let token = reader.optionalString("token") { try Address($0) }
        let amount = reader.string("amount") { try UInt256(decimal: $0) }
        let reference = reader.optionalString("reference")
        let expires = reader.optionalString("expires") { try Timestamp($0) }
        let requester = reader.optionalString("requester") { try Address($0) }
        let signature = reader.optionalString("signature") { text throws in
            let bytes = try Hex.decode(text)
            guard bytes.count == 65 else {
                throw Problem(TransferRule.signatureForm, saw: "\(bytes.count) bytes", expected: "65 bytes")
            }
            return bytes
        }
        guard let chain, let to, let amount else { return nil }
        return Members(
            chain: chain, from: from, to: to, token: token, amount: amount, reference: reference, expires: expires,
            requester: requester, signature: signature)
    }

    /// Recovers the requester from the signature. Returns `nil` if the request is not signed, because then nothing
    /// proves who the requester is.
    public func provenRequester() throws(ProblemList) -> Address? {
        guard let requester, let signature else { return nil }
        let signer: Address
        do throws(SignatureError) {
            let read = try Signature(signature, accepting: .only27Or28)
            try read.requireLowS()
            signer = try read.recoverAddress(digest: digest)
        } catch {
            let problems = error.problems.map { Problem(TransferRule.signatureForm, because: $0, at: "/signature") }
            throw ProblemList(problems) ?? ProblemList(Problem(TransferRule.signatureForm, at: "/signature"))
        }
        guard signer == requester else {
            throw ProblemList(
                Problem(
                    TransferRule.signatureMismatch, at: "/signature", saw: "a signature of \(signer)",
                    expected: "one of the requester \(requester)"))
        }
        return requester
    }

    /// The request as the JSON of a transfer file.
    public var json: JSONOutput {
        var members: [(String, JSONOutput)] = [
            ("airlock", .number(AirlockFile.version)), ("kind", .string(Self.kind)),
            ("chainId", .string("\(chain.id)")),
        ]
        func add(_ name: String, _ value: (some CustomStringConvertible)?) {
            if let value { members.append((name, .string(value.description))) }
        }
        add("from", from)
        add("to", to)
        add("token", token)
        add("amount", amount)
        add("reference", reference)
        add("expires", expires)
        add("requester", requester)
        add("signature", signature.map { Hex.encode($0) })
        return .object(members)
    }
}

/// The rules for transfers.
public enum TransferRule: String, Rule {
    case nullRecipient = "transfer.null-recipient"
    case toToken = "transfer.to-the-token"
    case toPayer = "transfer.to-the-payer"
    case zeroToken = "transfer.zero-token"
    case nothing = "transfer.zero-amount"
    case nullRequester = "transfer.null-requester"
    case halfSigned = "transfer.requester-without-signature"
    case signatureForm = "transfer.signature-form"
    case signatureMismatch = "transfer.signature-mismatch"
    case expired = "transfer.expired"
    case requester = "policy.requester-not-listed"

    public var meaning: String {
        switch self {
        case .nullRecipient: "the recipient is the zero address"
        case .toToken: "the recipient is the token's own contract, where the tokens would be lost"
        case .toPayer: "the recipient is the payer"
        case .zeroToken: "the token is the zero address"
        case .nothing: "the amount is zero"
        case .nullRequester: "the requester is the zero address"
        case .halfSigned: "the requester and the signature come together or not at all"
        case .signatureForm: "the requester's signature is malformed"
        case .signatureMismatch: "the requester did not sign this request"
        case .expired: "the request has expired"
        case .requester: "the policy does not list the requester"
        }
    }
}
