import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPaymentFiles
package import AirlockRequestKinds
import AirlockRequests
import AirlockStrictJSON

/// A kind of request that lives in the tests alone: native currency to somebody, with a memo in the call data. All that the
/// tools know of it is in this file.
struct Tip: Request {
    let chain: Chain
    let to: Address
    let amount: UInt256
    let memo: String

    static let kind = "tip"

    private static let mark = Array("tip:".utf8)

    var data: [UInt8] { Self.mark + Array(memo.utf8) }

    /// Reads a file: `{"airlock":1,"kind":"tip","chainId":"1","to":"0x…","amount":"1","memo":"thanks"}`.
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

    static func reading(_ signed: SignedCall) -> ReadBack? {
        guard signed.data.starts(with: mark), !signed.value.isZero,
            let memo = String(validating: signed.data.dropFirst(mark.count), as: UTF8.self), !memo.isEmpty
        else { return nil }
        return ReadBack(
            request: Tip(chain: signed.chain, to: signed.to, amount: signed.value, memo: memo), method: kind,
            value: signed.value, effect: Effect(logs: []))
    }

    func isSame(as other: any Request) -> Bool {
        guard let other = other as? Tip else { return false }
        return chain == other.chain && to == other.to && amount == other.amount && memo == other.memo
    }

    var form: String { "strict JSON, and a memo" }

    var terms: Terms {
        Terms(
            chain: chain, payer: nil, payee: to, owed: Terms.Amount(currency: .zero, amount: amount), expires: nil,
            places: Terms.Places(
                chain: "/chainId", payer: "/from", payee: "/to", currency: "/amount", amount: "/amount",
                expires: "/expires", reference: "/memo"))
    }

    func reference(payer: Address) -> Reference {
        Reference(
            kind: Self.kind, text: memo,
            of: [Array("\(chain.id)".utf8), payer.bytes.bytes, to.bytes.bytes, Array(memo.utf8)])
    }

    var pins: [Pin] { [] }

    func expiry(at now: Timestamp) -> Problem? { nil }

    func referenced(_ text: String) throws(Problem) -> any Request {
        throw Problem(RequestRule.optionUnused, at: "--reference", detail: "a tip has its memo")
    }

    func requireMethod(_ name: String) throws(Problem) {
        guard name == "auto" else { throw Problem(RequestRule.optionUnused, saw: name, expected: "auto") }
    }

    func prove() throws(ProblemList) -> any ProvedRequest { ProvedTip(tip: self) }

    func facts(_ words: Words) -> Facts { Facts(identity: [("tip", [escaped(memo)])], members: [("memo", memo)]) }
}

private struct ProvedTip: ProvedRequest {
    let tip: Tip

    var findings: [String] { [] }
    var warnings: [String] { ["nobody signs a tip"] }

    func action(_ means: Means) throws(ProblemList) -> Action {
        .call(Call(to: tip.to, value: tip.amount, data: tip.data, method: Tip.kind))
    }
}

enum TipRule: String, Rule {
    case emptyMemo = "tip.empty-memo"

    var meaning: String { "the memo is empty" }
    var next: String { "say what the tip is for" }
    var exit: ExitCode { .malformedInput }
}

extension RequestKinds.Kind {
    package static let tip = Self(Tip.self, rules: [TipRule.self]) { root throws(ProblemList) in try Tip(root) }
}
