import EthereumTypes
public import Problems

extension Journal {
    /// The payments that no run has seen to their end, the first one first.
    public func unfinished() throws(ProblemList) -> [Shipment] {
        try shipments("SELECT id FROM payments WHERE ended_at IS NULL ORDER BY id", [])
    }

    /// The one payment that a code, a charge, an intent or a transaction's hash names.
    public func shipment(_ name: String) throws(ProblemList) -> Shipment {
        let known: [JournalPayment]
        do throws(JournalError) { known = try payments(name) } catch { throw ProblemList(error) }
        guard known.count == 1, let only = known.first else {
            let codes = known.map(\.code).joined(separator: ", ")
            throw ProblemList(Problem(JournalRule.severalPayments, at: name, expected: "one of the codes \(codes)"))
        }
        let found = try shipments("SELECT id FROM payments WHERE id = ?", [.integer(only.id)])
        guard let shipment = found.first else { throw ProblemList(unknown(name)) }
        return shipment
    }

    /// The transactions as they were written down, each decoded afresh.
    private func shipments(_ payments: String, _ values: [DatabaseValue]) throws(ProblemList) -> [Shipment] {
        let raws: [[String]]
        do throws(JournalError) {
            raws = try read { database throws(JournalError) in
                var raws: [[String]] = []
                for row in try database.execute(payments, values) {
                    let steps = try database.execute(
                        "SELECT raw FROM steps JOIN transactions USING (hash) WHERE payment = ? ORDER BY position",
                        [row["id"] ?? .null])
                    raws.append(steps.compactMap { if case .text(let raw)? = $0["raw"] { raw } else { nil } })
                }
                return raws
            }
        } catch { throw ProblemList(error) }
        var shipments: [Shipment] = []
        for raw in raws { shipments.append(try Shipment(hexadecimal: raw.joined(separator: "\n"))) }
        return shipments
    }
}
