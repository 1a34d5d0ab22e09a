import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
public import AirlockDiagnostics
import AirlockRequests
import AirlockCharges

/// The proof that an intent was paid: the contract's own event in the receipt, equal to the intent in every field.
enum Settlement {
    /// Each event that the request must leave behind stands in the receipt. A request that leaves none is proved by its
    /// transaction's success.
    static func require(_ effect: Effect, in receipt: Receipt) throws(ProblemList) {
        var problems: [Problem] = []
        for expected in effect.logs {
            let logged = receipt.logs.filter {
                $0.address == expected.contract && $0.topics.first == expected.topics.first
            }
            guard !logged.contains(where: { $0.topics == expected.topics && $0.data == expected.data }) else {
                continue
            }
            guard let other = logged.first else {
                problems.append(
                    Problem(
                        SettlementRule.noEvent, at: "\(receipt.transactionHash)",
                        expected: "one of \(expected.contract)"))
                continue
            }
            problems.append(
                Problem(
                    SettlementRule.otherEvent, at: expected.event, saw: expected.words(other.topics, other.data),
                    expected: expected.words(expected.topics, expected.data)))
        }
        if let all = ProblemList(problems) { throw all }
    }

    /// Whether the receipt is the good end of the payment that the transaction belongs to.
    static func isProof(_ receipt: Receipt, of step: Shipment.Step, _ shipment: Shipment) -> Bool {
        guard step.role != .cancel, receipt.succeeded else { return false }
        guard let expected = step.expectation ?? shipment.expectation else {
            guard let effect = shipment.effect(of: step) else { return true }
            return (try? require(effect, in: receipt)) != nil
        }
        return (try? event(in: receipt, of: shipment.sender, for: expected)) != nil
    }

    static func event(
        in receipt: Receipt, of sender: Address, for expected: Shipment.Expectation
    ) throws(ProblemList) -> TransferredEvent {
        let events = receipt.logs.compactMap { log in
            log.address == expected.contract ? TransferredEvent(topics: log.topics, data: log.data) : nil
        }
        // Should a transaction pay several intents, the one with the id is ours.
        guard let event = events.first(where: { $0.id == expected.intent.id }) ?? events.first else {
            throw ProblemList(
                Problem(
                    SettlementRule.noEvent, at: receipt.transactionHash.description,
                    expected: "one of \(expected.contract)"))
        }
        var problems: [Problem] = []
        func compare(_ field: String, _ saw: some CustomStringConvertible, _ wanted: String, _ isRight: Bool) {
            guard !isRight else { return }
            problems.append(
                Problem(SettlementRule.otherEvent, at: field, saw: saw.description, expected: wanted))
        }
        func equal<Value: Equatable & CustomStringConvertible>(_ field: String, _ saw: Value, _ wanted: Value) {
            compare(field, saw, wanted.description, saw == wanted)
        }
        let intent = expected.intent
        equal("operator", event.operator, intent.operator)
        equal("id", event.id, intent.id)
        equal("recipient", event.recipient, intent.recipient)
        equal("sender", event.sender, expected.owner ?? sender)
        let outlay = expected.outlay
        compare(
            "spentCurrency", event.spentCurrency, outlay.currency.text, outlay.currency.includes(event.spentCurrency))
        compare(
            "spentAmount", event.spentAmount, outlay.amountText,
            event.spentAmount >= outlay.least && event.spentAmount <= outlay.most)
        if let all = ProblemList(problems) { throw all }
        return event
    }
}

extension Outlay {
    fileprivate var amountText: String { least == most ? "\(most)" : "\(least) to \(most)" }
}

extension Outlay.Currency {
    fileprivate var text: String {
        switch self {
        case .one(let one): one.description
        case .anyToken: "the wrapped native currency"
        }
    }
}

/// What is wrong when a transaction succeeded and yet the intent is not proved to be paid.
public enum SettlementRule: String, Rule {
    case noEvent = "settlement.no-event"
    case otherEvent = "settlement.other-event"

    public var meaning: String {
        switch self {
        case .noEvent: "the transaction succeeded, but the contract did not say that it paid"
        case .otherEvent: "the transaction succeeded, but what the contract says it paid is not the intent"
        }
    }
}

extension Address {
    /// The address as the contracts see it, in a word of 32 bytes.
    var word: Hash { Hash { $0 < 12 ? 0 : bytes[$0 - 12] } }
}
