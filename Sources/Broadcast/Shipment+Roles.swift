import AirlockABI
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockRequestKinds
import AirlockRequests
import AirlockTokens
import AirlockTransactions

/// What a transaction is for, by what it does.
extension Shipment {
    /// The file's words about a payment against the bytes that would be sent.
    static func mismatches(of step: Step, with payment: Payment, at place: String) -> [Problem] {
        let transaction = step.signed.transaction
        let call = transaction.to.map {
            SignedCall(
                chain: payment.chain, payer: payment.from, to: $0, value: transaction.value, data: transaction.data,
                name: payment.name)
        }
        return mismatches(of: call, with: payment, at: place)
    }

    static func mismatches(of call: SignedCall?, with payment: Payment, at place: String) -> [Problem] {
        let read = call.flatMap { RequestKinds.reading($0) }
        guard let read, payment.mayPay(read.request) else {
            return [Problem(SendRule.otherPayment, at: place, expected: "a call that pays what the file says")]
        }
        let reference = read.request.reference(payer: payment.from)
        var says: [(String, String, String)] = []
        switch payment.subject {
        case .first(_, let id, let method):
            says = [
                ("/intentId", "\(id)", reference.legacy.map { "\($0)" } ?? "none"),
                ("/expires", payment.expires.map { "\($0)" } ?? "", read.request.terms.expires.map { "\($0)" } ?? ""),
                ("/method", method, read.method),
            ]
        case .request(let kind, let key, _):
            says = [
                ("/request/kind", kind, type(of: read.request).kind), ("/request/key", "\(key)", "\(reference.key)"),
            ]
        }
        return says.filter { $0.1 != $0.2 }.map { field, saw, expected in
            Problem(SendRule.otherPayment, at: field, saw: saw, expected: expected)
        }
    }

    /// Raw transactions get the roles that a payment file would have given them.
    static func named(_ steps: [Step], _ sender: Address) -> [Step] {
        var rungs: [UInt64: UInt64] = [:]
        return steps.map { step in
            let role = role(of: step, sender, isAlone: steps.count { $0.nonce == step.nonce } == 1)
            var rung: UInt64?
            if role == .pay || role == .approve {
                rung = rungs[step.nonce, default: 0]
                rungs[step.nonce, default: 0] += 1
            }
            return Step(role: role, rung: rung, signed: step.signed, hash: step.hash, raw: step.raw)
        }
    }

    private static func role(of step: Step, _ sender: Address, isAlone: Bool) -> Payment.Role? {
        if step.reading(of: nil, sender) != nil { return .pay }
        if step.isSelfTransfer(of: sender), !isAlone { return .cancel }
        return Selector(of: step.signed.transaction.data.span) == ERC20.approveSelector ? .approve : nil
    }
}

extension Shipment {
    /// What a transaction with the target nonce must leave behind on the chain: what it pays itself, since variants may differ
    /// in what they spend. One that pays nothing known is in the place of the payment, and proves nothing.
    func effect(of step: Step) -> Effect? {
        step.role == .cancel ? nil : (step.reading(of: request, sender) ?? reading)?.effect
    }
}

extension Shipment.Step {
    /// What the transaction pays, by its bytes. Of a kind without a contract of its own a file must have said that it is of
    /// this kind: a raw transaction may only look like one.
    func reading(of request: Shipment.Request?, _ sender: Address) -> ReadBack? {
        let transaction = signed.transaction
        guard let to = transaction.to, let chain = transaction.chainID,
            let read = RequestKinds.reading(
                SignedCall(
                    chain: Chain(id: chain), payer: sender, to: to, value: transaction.value, data: transaction.data,
                    name: request?.name ?? ""))
        else { return nil }
        let kind = type(of: read.request)
        return kind.isKeptByContract || kind.kind == request?.kind ? read : nil
    }

    /// A transfer of nothing to oneself, which uses the nonce and does nothing else.
    func isSelfTransfer(of sender: Address) -> Bool {
        let transaction = signed.transaction
        return transaction.to == sender && transaction.value.isZero && transaction.data.isEmpty
    }
}
