import EthereumTypes
import Problems
import Samples
import Signing
import Testing
import TransferProtocol

@Suite("Consent")
struct ConsentTests {
    private func payment(_ change: (inout Draft) -> Void = { _ in }) throws -> ReviewedPayment {
        try #require(try Draft.review(change).payment)
    }

    private func unpinned(_ draft: inout Draft) { draft.rules { $0["recipients"] = nil } }

    @Test(
        "to a pinned recipient is the word sign", arguments: ["sign", "SIGN", "Sign", " sign ", "sign\n", "\tsign\r\n"])
    func sign(answer: String) throws {
        let payment = try payment()
        #expect(payment.expectedAnswer == "sign")
        #expect(payment.question == "Type sign to sign it: ")
        #expect(refusals { _ = try Consent.typed(answer, for: payment) }.isEmpty)
    }

    @Test(
        "to a pinned recipient is nothing else",
        arguments: [
            "", " ", "y", "yes", "sign it", "si gn", "\"sign\"", "signs", "sig", "F72581", "f72581", "s\u{131}gn",
            "sign\u{0}", "sign\u{200b}", "\u{ff53}ign",
        ])
    func notSign(answer: String) throws {
        let payment = try payment()
        #expect(refusals { _ = try Consent.typed(answer, for: payment) } == [Refusal("sign.declined", nil)])
    }

    @Test("to a recipient that nobody pins is its last six digits", arguments: ["F72581", "f72581", " f72581 \n"])
    func digits(answer: String) throws {
        let payment = try payment(unpinned)
        #expect(payment.expectedAnswer == "f72581")
        #expect(payment.question.contains("last six digits"))
        #expect(refusals { _ = try Consent.typed(answer, for: payment) }.isEmpty)
    }

    @Test(
        "to a recipient that nobody pins is nothing else",
        arguments: ["", "sign", "f72582", "72581", "44f72581", "0xf72581", "F7258l", "\(SampleCharge.recipient)"])
    func notDigits(answer: String) throws {
        let payment = try payment(unpinned)
        let found = problems { _ = try Consent.typed(answer, for: payment) }
        #expect(found.map { Refusal($0) } == [Refusal("sign.declined", nil)])
        #expect(found.first?.exit == .declined)
    }

    @Test("cannot be had where there is nobody to ask")
    func nobody() throws {
        let payment = try payment()
        let found = problems { _ = try Consent.typed(nil, for: payment) }
        #expect(found.map { Refusal($0) } == [Refusal("sign.nobody-to-ask", nil)])
        #expect(found.first?.exit == .usage)
    }

    /// Whether a policy is enough to pay without asking.
    private static let policies: [(String, Bool, @Sendable (inout Draft) -> Void)] = [
        ("pins and caps", true, { _ in }),
        ("pins nobody", false, { $0.rules { $0["recipients"] = nil } }),
        ("caps no token", false, { $0.currency("\(usdc)") { $0["perPayment"] = nil } }),
        (
            "caps a token by the day alone", false,
            {
                $0.currency("\(usdc)") {
                    $0["perPayment"] = nil; $0["perDay"] = "\"5\""
                }
            }
        ),
        ("caps no native value, for a token", true, { $0.rules { $0["maxNativeValue"] = nil } }),
        (
            "caps native payments", true,
            {
                $0.pay(in: .zero); $0.rules { $0["maxNativeValue"] = nil }
            }
        ),
        (
            "caps native value", true,
            {
                $0.pay(in: .zero); $0.currency("0x0") { $0["perPayment"] = nil }
            }
        ),
        (
            "caps nothing native", false,
            {
                $0.pay(in: .zero); $0.leaveNativeUncapped()
            }
        ),
        (
            "caps no native value, for a wrapped payment", false,
            {
                $0.pay(in: wrapped); $0.leaveNativeUncapped()
            }
        ),
        (
            "caps no native value, for a swap", false,
            {
                $0.leaveNativeUncapped()
                $0.edit {
                    $0.method = .named(.swapAndTransferUniswapV3Native); $0.value = 1
                }
            }
        ),
        (
            "caps native value, for a swap", true,
            {
                $0.edit {
                    $0.method = .named(.swapAndTransferUniswapV3Native); $0.value = 1
                }
            }
        ),
    ]

    @Test("of a policy needs one that pins recipients and caps what is spent", arguments: policies.indices)
    func policy(index: Int) throws {
        let (name, isEnough, change) = Self.policies[index]
        let payment = try payment(change)
        let found = problems { _ = try Consent.ofPolicy(for: payment) }
        #expect(
            found.map { Refusal($0) } == (isEnough ? [] : [Refusal("sign.policy-not-enough", "--policy")]), "\(name)")
        #expect(found.allSatisfy { $0.exit == .refused })
    }
}

extension Draft {
    /// Takes every cap on native money out of the policy.
    fileprivate mutating func leaveNativeUncapped() {
        rules {
            $0["maxNativeValue"] = nil
            let native = SampleFile.nativeCurrency.with("perPayment", nil)
            $0["currencies"] = SampleFile.currencies.with("0x0", native.json).json
        }
    }
}
