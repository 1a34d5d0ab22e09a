public import AirlockDiagnostics
package import AirlockEthereumTypes
import AirlockMessages
public import AirlockPaymentFiles
import AirlockRequestKinds
public import AirlockRequests
import AirlockStrictJSON
import AirlockTypedData

/// One line of a batch: a request, its conditions, and the options for paying the request.
public struct BatchLine: Sendable {
    public let request: any Request
    /// The name of the JSON member that contains the request. The name is either `request`, or a name that is reserved
    /// for one kind of request.
    let member: String
    public let conditions: Conditions?
    let method: String?
    package let value: UInt256?
    package let poolFee: UInt64?
    let reference: String?

    /// Reads one line of a batch. If the line has problems, throws all of them at once.
    public init(_ bytes: [UInt8]) throws(ProblemList) {
        self = try AirlockFile.read(bytes, Self.read)
    }

    private static func read(_ reader: inout ObjectReader) -> BatchLine? {
        let own = RequestKinds.ownMembers.filter { reader.optionalValue($0) != nil }
        let member = own.first ?? "request"
        let value = reader.value(member)
        let request: (any Request)?? = value.map { value in
            collect(&reader) { () throws(ProblemList) in try RequestKinds.read(value) }
        }
        if !own.isEmpty, reader.optionalValue("request") != nil {
            reader.record([Problem(RequestRule.twice, at: reader.pointer(to: "request"))])
        }
        let conditions = reader.optionalValue("conditions").map { value in
            collect(&reader) { () throws(ProblemList) in try Conditions(line: value) }
        }
        let subject = request.flatMap(\.self)
        let method = reader.optionalString("method") { text throws(Problem) in
            try subject?.requireMethod(text)
            return text
        }
        // The member `value` contains an amount of a currency, such as `1.05`. If this currency is a token, the
        // conversion to atomic units needs the token's decimals. They are taken only from the line's own conditions,
        // and not from conditions that all lines of the batch share.
        let token = conditions.flatMap { $0?.token }.map { ($0.symbol, Int($0.decimals)) }
        let amount = reader.optionalString("value") { text throws(ValueError) in
            try subject?.value(text, method: method, token: token)
        }
        let poolFee = reader.optionalString("poolFee", Quantity.uint64)
        let reference = reader.optionalString("reference")
        guard let subject else { return nil }
        return BatchLine(
            request: subject, member: member, conditions: conditions.flatMap(\.self), method: method,
            value: amount.flatMap(\.self), poolFee: poolFee, reference: reference)
    }

    private init(
        request: any Request, member: String, conditions: Conditions?, method: String?, value: UInt256?,
        poolFee: UInt64?, reference: String?
    ) {
        self.request = request
        self.member = member
        self.conditions = conditions
        self.method = method
        self.value = value
        self.poolFee = poolFee
        self.reference = reference
    }

    /// Returns the JSON pointer of an argument in a line of a batch. Returns `nil` if lines have no member for this
    /// argument.
    private static func place(of argument: ArgumentPlace) -> String? {
        switch argument {
        case .method: "/method"
        case .value: "/value"
        case .poolFee: "/poolFee"
        case .conditions: conditions
        case .nonce: "\(conditions)/nonce"
        case .gas: "\(conditions)/gas"
        case .maxFeePerGas: "\(conditions)/maxFeePerGas"
        case .maxPriorityFeePerGas: "\(conditions)/maxPriorityFeePerGas"
        case .approveGas: "\(conditions)/approveGas"
        case .token, .quoter, .payer, .chain, .reference, .approve, .rungs, .cancel, .replace, .policy, .now, .safe,
            .safeVersion, .safeNonce, .ownerSafe, .safeProof:
            nil
        }
    }

    /// Converts the location of a problem to a location in the line of the batch. A review gives a location as if the
    /// request and the conditions were two files, but a line of a batch contains both. If a problem has no location, or
    /// already names a file, it is returned unchanged.
    ///
    /// - Parameter shared: the conditions that all lines share, and the name of the conditions file. `nil` if each line
    ///   has its own conditions.
    func placed(_ problem: Problem, sharing shared: (measured: Conditions, file: String)? = nil) -> Problem {
        guard let field = problem.field, problem.file == nil else { return problem }
        func isShared(_ field: String, _ shared: (measured: Conditions, file: String)) -> Problem {
            problem.at(shared.measured.place(of: field, narrowedTo: request)).inFile(shared.file)
        }
        if let place = ArgumentPlace(rawValue: field).flatMap(Self.place) {
            guard let shared, place.hasPrefix(Self.conditions + "/") else { return problem.at(place) }
            return isShared(String(place.dropFirst(Self.conditions.utf8.count)), shared)
        }
        guard field.hasPrefix("/") else { return problem.at("/\(member)") }
        // The request and the conditions both have a member for the chain, with the same name. So the JSON pointer of
        // this member does not show which of the two contains the problem. The problem is in the conditions if the
        // broken rule is about the conditions, or if this JSON pointer is not a location in the request. In any other
        // case, the problem is in the request.
        let isOfConditions = (problem.rule as? SigningRule)?.isOfConditions == true || !request.isPlace(field)
        if let shared, isOfConditions { return isShared(field, shared) }
        return problem.at((isOfConditions ? Self.conditions : "/\(member)") + field)
    }

    static let conditions = "/conditions"

    private static func collect<Value>(
        _ reader: inout ObjectReader, _ body: () throws(ProblemList) -> Value
    ) -> Value? {
        do { return try body() } catch {
            reader.record(error.problems)
            return nil
        }
    }
}

/// A line of a batch that requests a signature on typed data. The line has no member besides `request`, which contains
/// the typed data.
struct MessageLine: Sendable {
    let message: SignableMessage

    /// Reads one line of a batch. Returns `nil` if the line does not request a signature on typed data. If the line has
    /// problems, throws all of them at once.
    init?(_ bytes: [UInt8]) throws(ProblemList) {
        guard let root = (try? JSONDocument(bytes))?.root, let request = root[Self.member],
            SignableMessage.recognises(request)
        else { return nil }
        message = try AirlockFile.read(root) { reader -> SignableMessage? in
            guard let value = reader.value(Self.member) else { return nil }
            do throws(ProblemList) { return try SignableMessage(TypedData(value)) } catch {
                // Some JSON pointers already start at the line of the batch (`/request/…`), so they are kept. All
                // others start at the typed data, so they are converted.
                reader.record(
                    error.problems.map { $0.field?.hasPrefix("/\(Self.member)/") == true ? $0 : Self.placed($0) })
                return nil
            }
        }
    }

    private static let member = "request"

    /// Converts the location of a problem to a location in the line of the batch. The review gives a location as if the
    /// message were in a file of its own.
    static func placed(_ problem: Problem) -> Problem {
        guard let field = problem.field, problem.file == nil else { return problem }
        return problem.at(field.hasPrefix("/") ? "/\(member)\(field)" : "/\(member)")
    }
}
