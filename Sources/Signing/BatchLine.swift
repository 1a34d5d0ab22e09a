public import EthereumTypes
public import PaymentFiles
public import Problems
import StrictJSON
import TransferProtocol

/// One line of a batch: a charge, its conditions, and how it is to be paid.
struct BatchLine {
    let charge: UnverifiedCharge
    let conditions: Conditions?
    let method: PaymentRequest.MethodChoice
    let value: UInt256?
    let poolFee: UInt64?

    init(_ bytes: [UInt8]) throws(ProblemList) {
        self = try AirlockFile.read(bytes, Self.read)
    }

    private static func read(_ reader: inout ObjectReader) -> BatchLine? {
        let charge = reader.value("charge").flatMap { value in
            collect(&reader) { () throws(ProblemList) in try UnverifiedCharge(value) }
        }
        let conditions = reader.optionalValue("conditions").map { value in
            collect(&reader) { () throws(ProblemList) in try Conditions(line: value) }
        }
        let method = reader.optionalString("method", PaymentRequest.MethodChoice.init(name:))
        // What an amount may be called depends on the chain.
        let token = conditions.flatMap { $0?.token }
        let value = reader.optionalString("value") {
            try (method ?? .automatic).swapValue($0, on: charge?.chain ?? .ethereum, token: token)
        }
        let poolFee = reader.optionalString("poolFee", Quantity.uint64)
        guard let charge else { return nil }
        return BatchLine(
            charge: charge, conditions: conditions.flatMap(\.self), method: method ?? .automatic, value: value,
            poolFee: poolFee)
    }

    private init(
        charge: UnverifiedCharge, conditions: Conditions?, method: PaymentRequest.MethodChoice, value: UInt256?,
        poolFee: UInt64?
    ) {
        self.charge = charge
        self.conditions = conditions
        self.method = method
        self.value = value
        self.poolFee = poolFee
    }

    /// Where in a line an option stands that would be typed for one payment.
    private static let places = [
        "--method": "/method", "--value": "/value", "--pool-fee": "/poolFee", "--conditions": "/conditions",
        "--nonce": "/conditions/nonce", "--gas": "/conditions/gas", "--max-fee": "/conditions/maxFeePerGas",
        "--priority-fee": "/conditions/maxPriorityFeePerGas", "approveGas": "/conditions/approveGas",
    ]

    /// Says a problem of a review of where it stands in the line. A review knows the charge and the conditions as files
    /// of their own; what was found when the line was read has its place in it already.
    static func placed(_ problem: Problem) -> Problem {
        guard let field = problem.field else { return problem }
        if let place = places[field] { return problem.at(place) }
        guard field.hasPrefix("/") else { return problem }
        return problem.at((field.hasPrefix("/data/") ? "/charge" : "/conditions") + field)
    }

    /// `{"ok":false,…}` and the end of the line.
    static func refusal(_ problems: [Problem]) -> [UInt8] {
        var members: [(String, JSONOutput)] = [("ok", false)]
        if let first = problems.first { members.append(("error", first.json)) }
        if problems.count > 1 { members.append(("errors", .array(problems.map(\.json)))) }
        return Array((JSONOutput.object(members).printable + "\n").utf8)
    }

    private static func collect<Value>(
        _ reader: inout ObjectReader, _ body: () throws(ProblemList) -> Value
    ) -> Value? {
        do { return try body() } catch {
            reader.record(error.problems)
            return nil
        }
    }
}

extension PaymentRequest.MethodChoice {
    /// `auto`, or the name of a function of the contract.
    public init(name: String) throws(Problem) {
        self = try TransferMethod.choice(name).map { .named($0) } ?? .automatic
    }

    /// The most that a swap may spend: an amount of the token that the conditions name where one is swapped, else of
    /// native currency.
    public func swapValue(_ text: String, on chain: Chain, token: Conditions.Token?) throws(ValueError) -> UInt256 {
        guard case .named(let method) = self, method.isSwap, !method.spendsNative, let token,
            let decimals = Int(exactly: token.decimals)
        else { return try Amount.parseNative(text, on: chain) }
        return try Amount.parseToken(text, symbol: token.symbol, decimals: decimals)
    }
}
