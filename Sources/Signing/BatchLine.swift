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

    /// Says a problem of where it stands in the line, which holds the charge, the conditions and the options.
    static func placed(_ problem: Problem) -> Problem {
        guard let field = problem.field else { return problem }
        // What the conditions propose, not what the line says itself.
        if problem.code == PolicyRule.price.rawValue { return problem.at("/conditions\(field)") }
        let members = ["--method": "/method", "--value": "/value", "--pool-fee": "/poolFee"]
        let conditions = [
            "--nonce": "/nonce", "--gas": "/gas", "--max-fee": "/maxFeePerGas",
            "--priority-fee": "/maxPriorityFeePerGas",
        ]
        let isOurs = ["/charge", "/conditions", "/method", "/value", "/poolFee"].contains { field.hasPrefix($0) }
        if let member = members[field] { return problem.at(member) }
        if let member = conditions[field] { return problem.at("/conditions\(member)") }
        if field.hasPrefix("/data/") { return problem.at("/charge\(field)") }
        return field.hasPrefix("/") && !isOurs ? problem.at("/conditions\(field)") : problem
    }

    /// `{"ok":false,…}` and the end of the line.
    static func refusal(_ problems: [Problem]) -> [UInt8] {
        let problems = problems.map(placed)
        var members: [(String, JSONOutput)] = [("ok", false)]
        if let first = problems.first { members.append(("error", first.json)) }
        if problems.count > 1 { members.append(("errors", .array(problems.map(\.json)))) }
        return JSONOutput.object(members).bytes + [UInt8(ascii: "\n")]
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
