import AirlockCharges
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockSamples
import AirlockStrictJSON
import AirlockTokens
import AirlockTransactions
import Testing

@testable import AirlockBroadcast

@Suite("Many payments as they come")
struct PaymentBatchTests {
    private func raw(_ nonce: UInt64 = 7, value: UInt256 = 1) throws -> SignedTransaction {
        try SamplePayment.signed(nonce: nonce, to: SampleCharge.recipient, value: value)
    }

    private func line(_ text: String) throws(ProblemList) -> SignedPayment { try SignedPayment(line: Array(text.utf8)) }

    private func codes(_ text: String) -> [String] {
        do throws(ProblemList) {
            _ = try line(text)
            return []
        } catch { return error.problems.map { "\($0.code) \($0.field ?? "")" } }
    }

    @Test("a line may be a raw transaction, an answer of sign --lines, or a payment file")
    func forms() throws {
        let signed = try raw()
        let hex = Hex.encode(signed.raw)
        #expect(try line(hex).steps[0].role == nil)
        let transfer = try line(#"{"ok":true,"raw":"\#(hex)","hash":"\#(signed.hash)","reference":"r"}"#)
        #expect(transfer.steps[0].role == .pay)
        #expect(transfer.request?.kind == "transfer")
        let charge = try SamplePayment.nativeCharge()
        let pay = try SamplePayment.pay(charge)
        let file = try SamplePayment.file(charge, [(.pay, pay)])
        #expect(try line(file.json.text).payment == file)
        let answer = #"{"ok":true,"raw":"\#(Hex.encode(pay.raw))","hash":"\#(pay.hash)","chargeId":"c"}"#
        #expect(try line(answer).charge?.intent == charge.contents.intent)
    }

    @Test("an answer with several transactions keeps their roles")
    func transactions() throws {
        let charge = try SamplePayment.nativeCharge()
        let pay = try SamplePayment.pay(charge)
        let cancel = try SamplePayment.signed(to: SampleKey.payer.address, fee: 90_000_000)
        let file = try SamplePayment.file(charge, [(.pay, pay), (.cancel, cancel)])
        let all = file.transactions.map(\.json.text).joined(separator: ",")
        let read = try line(#"{"ok":true,"chargeId":"c","transactions":[\#(all)]}"#)
        #expect(read.steps.map(\.role) == [.pay, .cancel])
        #expect(read.code == file.code)
    }

    @Test("a line that was refused, or does not say what its bytes are, is refused")
    func refusals() throws {
        let (signed, other) = (try raw(), try raw(8))
        let hex = Hex.encode(signed.raw)
        #expect(codes(#"{"ok":false,"error":{"code":"policy.recipient"}}"#) == ["send.refused-line /error"])
        #expect(
            codes(#"{"ok":true,"raw":"\#(hex)","hash":"\#(other.hash)","reference":"r"}"#) == [
                "payment.hash-mismatch /hash"
            ])
        #expect(codes(#"{"ok":true,"raw":"\#(hex)","hash":"\#(signed.hash)"}"#) == ["send.other-payment /raw"])
        let whole = #""ok":true,"raw":"\#(hex)","hash":"\#(signed.hash)","reference":"r""#
        #expect(codes("{\(whole),\"code\":\"AAAA-BBBB-CCCC\"}") == ["json.unknown-field /code"])
        #expect(codes("{\(whole),\"transactions\":[]}") == ["json.unknown-field /transactions"])
        #expect(codes(#"{"ok":true,"raw":"\#(hex)"}"#) == ["json.missing-field /hash"])
        let cancel = #"{"role":"cancel","nonce":"7","hash":"\#(signed.hash)","raw":"\#(hex)"}"#
        #expect(codes(#"{"ok":true,"transactions":[\#(cancel)]}"#) == ["send.not-a-cancel /transactions/0/raw"])
        let pay = #"{"role":"pay","nonce":"7","hash":"\#(signed.hash)","raw":"\#(hex)"}"#
        #expect(
            codes(#"{"ok":true,"reference":"r","transactions":[\#(pay),\#(pay)]}"#) == [
                "payment.repeated-transaction /transactions/1"
            ])
        #expect(codes(#"{"ok":true}"#) == ["json.missing-field /transactions"])
        #expect(codes("not hex").count == 1)
    }

    @Test("a payment that comes twice is one, and the file counts before its bytes")
    func twice() throws {
        let charge = try SamplePayment.nativeCharge()
        let pay = try SamplePayment.pay(charge)
        let file = try SignedPayment(SamplePayment.file(charge, [(.pay, pay)]))
        let batch = try PaymentBatch([
            ("a", SignedPayment(raw: [pay.raw])), ("b", file), ("c", SignedPayment(raw: [raw(8).raw])),
        ])
        #expect(batch.items.map(\.place) == ["a", "c"])
        #expect(batch.signedPayments[0].payment != nil)
    }

    @Test("two payments with one nonce are refused, and the place of each is said")
    func sameNonce() throws {
        let items = [
            ("a:1", try SignedPayment(raw: [raw().raw])), ("a:2", try SignedPayment(raw: [raw(value: 2).raw])),
        ]
        do throws(ProblemList) {
            _ = try PaymentBatch(items)
            Issue.record("it was taken")
        } catch {
            #expect(error.problems.map(\.code) == ["send.same-nonce"])
            #expect(error.problems[0].field == "a:2")
            #expect(error.problems[0].message.contains("a:1"))
        }
    }

    @Test("shows how many, the sums, the worst cost and the codes")
    func text() throws {
        let few = try PaymentBatch((0..<2).map { ("\($0)", try SignedPayment(raw: [raw(7 + $0, value: 5).raw])) })
        #expect(few.text.contains("2 payments on base (8453) from \(SampleKey.payer.address)\n"))
        #expect(few.text.contains("pays 0.00000000000000001 ETH\n"))
        #expect(few.text.contains("network fees at most 0.000012 ETH\n"))
        for one in few.signedPayments { #expect(few.text.contains("code \(one.code) pays")) }
        #expect(few.text.contains("code over all \(few.code)\n"))
        let many = try PaymentBatch((0..<11).map { ("\($0)", try SignedPayment(raw: [raw(7 + $0).raw])) })
        #expect(!many.text.contains("code \(many.signedPayments[5].code)"))
    }

    @Test("shows each approval once even if it shows no payment, and says how many more there are")
    func approvals() throws {
        let spender = SampleKey.stranger.address
        func batch(_ amounts: [UInt256]) throws -> PaymentBatch {
            var transactions = try (0..<10).map { try raw(7 + $0) }
            for (nonce, amount) in zip(UInt64(17)..., amounts) {
                let data = ERC20.approve(spender, amount)
                transactions.append(try SamplePayment.signed(nonce: nonce, to: SamplePayment.usdc, data: data))
            }
            return try PaymentBatch(transactions.map { ("", try SignedPayment(raw: [$0.raw])) })
        }
        let unlimited = "lets \(spender) take any amount of USDC\n"
        #expect(try batch([.max]).text.contains(unlimited))
        let two = "lets \(spender) take at most 0.000008 USDC\nlets \(spender) take at most 0.000007 USDC\nfirst code "
        #expect(try batch([7, 7, 8]).text.contains(two))
        let amounts = (UInt64(1)...22).map { UInt256($0) }
        let many = try batch(Array(amounts.prefix(20)) + [.max])
        #expect(many.text.split(separator: "\n").count { $0.hasPrefix("lets ") } == 20)
        #expect(
            many.text.contains(unlimited) && many.text.contains("\n1 more approval, which the JSON document lists\n"))
        #expect(try batch(amounts).text.contains("\n2 more approvals, which the JSON document lists\n"))
        let approval = #"{"token":"\#(SamplePayment.usdc)","spender":"\#(spender)","amount":"\#(UInt256.max)"}"#
        let checked = try batch([.max]).signedPayments.map { JSONOutput.object($0.json).text }
        #expect(checked[10].contains("\"approvals\":[\(approval)]"))
        #expect(checked[0].contains("\"approvals\":[]"))
    }
}
