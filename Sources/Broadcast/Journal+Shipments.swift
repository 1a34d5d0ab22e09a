import AirlockEthereumTypes
public import AirlockDiagnostics
import AirlockRequestKinds

extension Journal {
    /// The payments that no run has seen to their end, the first one first.
    public func unfinished() throws(ProblemList) -> [Shipment] {
        try shipments("WHERE ended_at IS NULL ORDER BY id", [])
    }

    /// The one payment that a code, a charge, an intent or a transaction's hash names.
    public func shipment(_ name: String) throws(ProblemList) -> Shipment {
        let known: [JournalPayment]
        do throws(JournalError) { known = try payments(name) } catch { throw ProblemList(error) }
        guard known.count == 1, let only = known.first else {
            let codes = known.map(\.code).joined(separator: ", ")
            throw ProblemList(Problem(JournalRule.severalPayments, at: name, expected: "one of the codes \(codes)"))
        }
        let found = try shipments("WHERE id = ?", [.integer(only.id)])
        guard let shipment = found.first else { throw ProblemList(unknown(name)) }
        return shipment
    }

    /// The transactions as they were written down, each decoded afresh, with what their file said of a transfer.
    private func shipments(_ which: String, _ values: [DatabaseValue]) throws(ProblemList) -> [Shipment] {
        let found: [(raws: [String], method: String?, expires: String?)]
        do throws(JournalError) {
            found = try read { database throws(JournalError) in
                var found: [(raws: [String], method: String?, expires: String?)] = []
                for row in try database.execute("SELECT id, method, expires FROM payments \(which)", values) {
                    let steps = try database.execute(
                        "SELECT raw FROM steps JOIN transactions USING (hash) WHERE payment = ? ORDER BY position",
                        [row["id"] ?? .null])
                    found.append(
                        (
                            steps.compactMap { $0.optionalText("raw") }, row.optionalText("method"),
                            row.optionalText("expires")
                        ))
                }
                return found
            }
        } catch { throw ProblemList(error) }
        var shipments: [Shipment] = []
        for (raws, method, expires) in found {
            let request = method.flatMap { kind in
                RequestKinds.names.contains(kind)
                    ? Shipment.Request(kind: kind, expires: expires.flatMap { try? Timestamp($0) }) : nil
            }
            shipments.append(try Shipment(hexadecimal: raws.joined(separator: "\n"), of: request))
        }
        return shipments
    }
}
