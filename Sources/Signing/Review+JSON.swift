import AirlockPolicies
import AirlockEthereumTypes
import AirlockPaymentFiles
public import AirlockDiagnostics
public import AirlockStrictJSON
import AirlockTransactions
import AirlockRequests

extension Review {
    /// The review as `--json` says it: quantities as decimal strings.
    ///
    /// - Parameter problem: how one problem is said.
    public func json(_ problem: (Problem) -> JSONOutput) -> JSONOutput {
        let terms = request.terms
        let own = request.facts.members.map { ($0.name, JSONOutput.string($0.value)) }
        var members: [(String, JSONOutput)] =
            [
                ("sentence", .string(sentence)), ("kind", .string(type(of: request.subject).kind)),
                ("readAs", .string(request.subject.readAs)),
            ] + own
        members += [
            ("chainId", .string("\(terms.chain.id)")),
            ("from", request.payer.map { .string("\($0)") } ?? .null),
            ("recipient", .string("\(terms.payee)")),
            ("recipientLabel", label.map { .string($0) } ?? .null),
            ("recipientCurrency", terms.owed.first.map { .string("\($0.currency)") } ?? .null),
            ("needed", terms.owed.first.map { .string("\($0.amount)") } ?? .null),
            ("amount", .string(amount)),
            ("expires", terms.expires.map { .string("\($0)") } ?? .null),
            ("policy", .string(request.policy.origin)),
            ("policyHash", .string("\(request.policy.hash)")),
        ]
        if let call = action?.call {
            members += [
                ("method", .string(call.method)), ("to", .string("\(call.to)")), ("value", .string("\(call.value)")),
                ("data", .string(Hex.encode(call.data))),
            ]
            if let callDataDigest { members.append(("calldataDigest", .string("\(callDataDigest)"))) }
            members += call.members.map { ($0.name, $0.value) }
            if request.facts.deed != nil {
                let spends = request.spends(call).map { spend -> JSONOutput in
                    ["currency": .string("\(spend.currency)"), "amount": .string("\(spend.amount)")]
                }
                members.append(("spends", .array(spends)))
            }
        }
        if let transaction {
            members += [
                ("nonce", .string("\(transaction.nonce)")), ("gas", .string("\(transaction.gas)")),
                ("maxFeePerGas", .string("\(transaction.maxFeePerGas)")),
                ("maxPriorityFeePerGas", .string("\(transaction.maxPriorityFeePerGas)")),
            ]
            if !transaction.accessList.isEmpty {
                let entries = transaction.accessList.map { entry -> JSONOutput in
                    let keys = entry.storageKeys.map { JSONOutput.string("\($0)") }
                    return ["address": .string("\(entry.address)"), "storageKeys": .array(keys)]
                }
                members.append(("accessList", .array(entries)))
            }
            members.append(("signingHash", .string("\(transaction.signingHash)")))
        }
        if let message {
            members.append(("permit", .object(message.members.map { ($0.name, .string($0.value)) })))
        }
        if let rendering { members.append(("words", .object(rendering.members))) }
        if !plan.isEmpty { members.append(("transactions", .array(plan.map(\.json)))) }
        if let worstNetworkFee { members.append(("worstNetworkFee", .string("\(worstNetworkFee)"))) }
        if let totalCost { members.append(("worstTotalCost", .string("\(totalCost)"))) }
        if let approved = request.approval?.review {
            members.append(("approves", approved.json(problem)))
        }
        if let code = payment?.code { members.append(("code", .string(code))) }
        members.append(("checks", .array(checks.map { $0.json(problem) })))
        return .object(members)
    }
}

extension PlannedTransaction {
    fileprivate var json: JSONOutput {
        var members: [(String, JSONOutput)] = [("role", .string(role.rawValue))]
        if let rung { members.append(("rung", .string("\(rung)"))) }
        members += [
            ("nonce", .string("\(transaction.nonce)")), ("gas", .string("\(transaction.gas)")),
            ("maxFeePerGas", .string("\(transaction.maxFeePerGas)")),
            ("maxPriorityFeePerGas", .string("\(transaction.maxPriorityFeePerGas)")),
            ("signingHash", .string("\(transaction.signingHash)")),
        ]
        return .object(members)
    }
}
