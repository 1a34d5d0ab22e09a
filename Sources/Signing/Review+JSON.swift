import EthereumTypes
import PaymentFiles
public import StrictJSON
import Transactions
import TransferProtocol

extension Review {
    /// The review as `--json` says it: quantities as decimal strings.
    public var json: JSONOutput {
        let charge = request.charge
        let intent = charge.intent
        var members: [(String, JSONOutput)] = [
            ("sentence", .string(sentence)),
            ("chargeId", .string(charge.id)),
            ("intentId", .string("\(intent.id)")),
            ("chainId", .string("\(charge.chain.id)")),
            ("from", .string("\(charge.sender)")),
            ("contract", .string("\(charge.contract)")),
            ("operator", .string("\(intent.operator)")),
            ("recipient", .string("\(intent.recipient)")),
            ("recipientLabel", label.map { .string($0) } ?? .null),
            ("recipientCurrency", .string("\(intent.recipientCurrency)")),
            ("recipientAmount", .string("\(intent.recipientAmount)")),
            ("feeAmount", .string("\(intent.feeAmount)")),
            ("needed", .string("\(charge.needed)")),
            ("amount", .string(amount)),
            ("expires", .string("\(charge.deadline)")),
            ("policy", .string(request.policy.origin)),
            ("policyHash", .string("\(request.policy.hash)")),
        ]
        if let call {
            members += [
                ("method", .string(call.method.rawValue)), ("value", .string("\(call.value)")),
                ("data", .string(Hex.encode(call.data))),
            ]
            if let poolFee = call.poolFee { members.append(("poolFee", .string("\(poolFee)"))) }
        }
        if let transaction {
            members += [
                ("nonce", .string("\(transaction.nonce)")), ("gas", .string("\(transaction.gas)")),
                ("maxFeePerGas", .string("\(transaction.maxFeePerGas)")),
                ("maxPriorityFeePerGas", .string("\(transaction.maxPriorityFeePerGas)")),
                ("signingHash", .string("\(transaction.signingHash)")),
            ]
        }
        if let permit { members.append(("permit", permit.json)) }
        if !plan.isEmpty { members.append(("transactions", .array(plan.map(\.json)))) }
        if let worstNetworkFee { members.append(("worstNetworkFee", .string("\(worstNetworkFee)"))) }
        if let totalCost { members.append(("worstTotalCost", .string("\(totalCost)"))) }
        if let code = payment?.code { members.append(("code", .string(code))) }
        members.append(("checks", .array(checks.map(\.json))))
        return .object(members)
    }
}

extension TokenPermit {
    fileprivate var json: JSONOutput {
        [
            "owner": .string("\(owner)"), "spender": .string("\(spender)"), "value": .string("\(value)"),
            "nonce": .string("\(nonce)"), "deadline": .string("\(deadline)"),
            "domainSeparator": .string("\(domainSeparator)"), "signingHash": .string("\(digest)"),
        ]
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
