package import AirlockCommandLineTool
package import AirlockDiagnostics
package import AirlockEthereumTypes
import AirlockPaymentFiles
package import AirlockRequests
package import AirlockStrictJSON

/// A kind of request that exists only in the tests. It sends native currency to an address, with a memo in the call
/// data. The tools learn everything about this kind from this file.
package struct Tip: Request {
    let chain: Chain
    let to: Address
    let amount: UInt256
    let memo: String

    package static let kind = "tip"
    package static let rules: [any Rule.Type] = [TipRule.self]

    package static func read(_ root: JSONValue) throws(ProblemList) -> Tip { try Tip(root) }

    private static let mark = Array("tip:".utf8)

    var data: [UInt8] { Self.mark + Array(memo.utf8) }

    /// Reads a file such as `{"airlock":1,"kind":"tip","chainId":"1","to":"0x…","amount":"1","memo":"thanks"}`.
    init(_ root: JSONValue) throws(ProblemList) {
        self = try AirlockFile.read(root) { reader in
            AirlockFile.readHead(&reader, kind: Self.kind)
            let chain = reader.string("chainId") { try Chain(decimal: $0) }
            let to = reader.string("to") { try Address($0) }
            let amount = reader.string("amount") { try UInt256(decimal: $0) }
            let memo = reader.string("memo") { text throws in
                guard !text.isEmpty else { throw Problem(TipRule.emptyMemo) }
                return text
            }
            guard let chain, let to, let amount, let memo else { return nil }
            return Tip(chain: chain, to: to, amount: amount, memo: memo)
        }
    }

    private init(chain: Chain, to: Address, amount: UInt256, memo: String) {
        (self.chain, self.to, self.amount, self.memo) = (chain, to, amount, memo)
    }

    package static func reading(_ signed: SignedCall) -> RecognisedCall? {
        guard signed.data.starts(with: mark), !signed.value.isZero,
            let memo = String(validating: signed.data.dropFirst(mark.count), as: UTF8.self), !memo.isEmpty
        else { return nil }
        return RecognisedCall(
            request: Tip(chain: signed.chain, to: signed.to, amount: signed.value, memo: memo), method: kind,
            value: signed.value, effect: Effect(events: []))
    }

    package func isSame(as other: any Request) -> Bool {
        guard let other = other as? Tip else { return false }
        return chain == other.chain && to == other.to && amount == other.amount && memo == other.memo
    }

    package var form: String { "strict JSON, and a memo" }

    package var terms: Terms {
        Terms(
            chain: chain, payer: nil, payee: to, owed: [Terms.Amount(currency: .zero, amount: amount)], expires: nil,
            places: Terms.Places(
                chain: "/chainId", payer: "/from", payee: "/to", currency: "/amount", amount: "/amount",
                expires: "/expires", reference: "/memo"))
    }

    package func reference(payer: Address) -> Reference {
        Reference(
            kind: Self.kind, text: memo,
            of: [Array("\(chain.id)".utf8), payer.bytes.bytes, to.bytes.bytes, Array(memo.utf8)])
    }

    package var pins: [Pin] { [] }

    package func expiry(at now: Timestamp) -> Problem? { nil }

    package func referenced(_ text: String) throws(Problem) -> any Request {
        throw Problem(RequestRule.argumentUnused, at: .reference, detail: "a tip has its memo")
    }

    package func requireMethod(_ name: String) throws(Problem) {
        guard name == "auto" else { throw Problem(RequestRule.argumentUnused, saw: name, expected: "auto") }
    }

    package func prove() throws(ProblemList) -> any ProvedRequest { ProvedTip(tip: self) }

    package func facts(_ words: PolicyFormatter) -> Facts {
        // The memo is not escaped here. So the tests show that the tools escape what a kind of request has not escaped.
        Facts(identity: [("tip", [memo])], caution: "for \(memo)", members: [("memo", memo)])
    }
}

private struct ProvedTip: ProvedRequest {
    let tip: Tip

    var findings: [String] { [] }
    var warnings: [String] { ["nobody signs a tip"] }

    func action(_ inputs: ActionInputs) throws(ProblemList) -> Action {
        .call(Call(to: tip.to, value: tip.amount, data: tip.data, method: Tip.kind))
    }
}

package enum TipRule: String, Advised {
    case emptyMemo = "tip.empty-memo"

    package var meaning: String { "the memo is empty" }
    package var next: String { "say what the tip is for" }
    package var exit: ExitCode { .malformedInput }
}
