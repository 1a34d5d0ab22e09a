internal import AirlockHTTP
internal import AirlockDiagnostics
internal import AirlockStrictJSON

/// An account's credits.
public struct Credits: Hashable, Sendable {
    /// All that was ever bought.
    public let total: Dollars
    /// All that was ever used.
    public let used: Dollars
    /// What is left: the service gives no such number, so it is the exact difference.
    public let balance: Dollars

    init(_ response: HTTPResponse, from url: HTTPURL) throws(OpenRouterError) {
        let root: JSONValue
        do throws(JSONError) { root = try JSONDocument(response.body).root } catch {
            throw OpenRouterError(malformed: error.problems, at: url)
        }
        var reader = ObjectReader(root)
        let read = reader.object("data") { data -> Credits? in
            let total = data.number("total_credits") { try Dollars(number: $0) }
            let used = data.number("total_usage") { try Dollars(number: $0) }
            guard let total, let used else { return nil }
            guard let balance = total.subtracting(used) else { return nil }
            return Credits(total: total, used: used, balance: balance)
        }
        guard let read else { throw OpenRouterError(malformed: reader.problems, at: url) }
        self = read
    }

    private init(total: Dollars, used: Dollars, balance: Dollars) {
        self.total = total
        self.used = used
        self.balance = balance
    }
}
