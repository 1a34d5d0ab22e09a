import AirlockRequests
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import AirlockSigning
import AirlockStrictJSON
import Testing
import AirlockCharges

/// The payer's known balance and allowance, and the method that Airlock must choose if the user gives none.
private struct Choice: CustomTestStringConvertible, Sendable {
    let currency: Address
    /// The balance; `nil` if it is unknown. `allowance` is `nil` if the allowance is unknown.
    let balance: UInt256?
    let allowance: UInt256?
    var approves = false
    /// The method that Airlock must choose; `nil` if it can choose none.
    let method: TransferMethod?

    var testDescription: String {
        "\(currency), \(balance.map(\.description) ?? "?"), \(allowance.map(\.description) ?? "?"), \(approves)"
    }
}

private let needed: UInt256 = 1_050_000

@Suite("The method")
struct MethodTests {
    private static let choices: [Choice] = [
        Choice(currency: .zero, balance: nil, allowance: nil, method: .transferNative),
        Choice(currency: .zero, balance: 0, allowance: 0, method: .transferNative),
        Choice(currency: wrapped, balance: nil, allowance: nil, method: .wrapAndTransfer),
        Choice(currency: wrapped, balance: .max, allowance: .max, method: .wrapAndTransfer),
        Choice(currency: usdc, balance: needed, allowance: needed, method: .transferTokenPreApproved),
        Choice(currency: usdc, balance: .max, allowance: .max, method: .transferTokenPreApproved),
        Choice(currency: usdc, balance: needed, allowance: 1_049_999, method: nil),
        Choice(currency: usdc, balance: 1_049_999, allowance: needed, method: nil),
        Choice(currency: usdc, balance: needed, allowance: nil, method: nil),
        Choice(currency: usdc, balance: nil, allowance: needed, method: nil),
        Choice(currency: usdc, balance: nil, allowance: nil, method: nil),
        Choice(currency: usdc, balance: needed, allowance: 0, approves: true, method: .transferTokenPreApproved),
        Choice(currency: usdc, balance: needed, allowance: nil, approves: true, method: .transferTokenPreApproved),
        Choice(currency: usdc, balance: 1_049_999, allowance: 0, approves: true, method: nil),
        Choice(currency: usdc, balance: nil, allowance: nil, approves: true, method: nil),
    ]

    @Test("is chosen by the currency, the balance and the allowance, and never a swap", arguments: choices)
    fileprivate func choose(choice: Choice) throws {
        let review = try Draft.review {
            $0.pay(in: choice.currency)
            $0.conditions?.token = choice.balance.map {
                Conditions.Token(
                    address: choice.currency, symbol: "X", decimals: choice.currency == usdc ? 6 : 18, balance: $0)
            }
            $0.conditions?.approval = choice.allowance.map {
                Conditions.Approval(spender: transfers, allowance: $0, resetFirst: false)
            }
            // The conditions also propose a method and a value. They must not influence which method Airlock chooses.
            $0.conditions?.method = "swapAndTransferUniswapV3Native"
            $0.conditions?.value = choice.method == nil ? 1 : nil
            $0.edit { $0.approve = choice.approves }
        }
        #expect(review.action?.call.method == choice.method?.rawValue)
        #expect(review.problems.map(\.code) == (choice.method == nil ? ["method.none-fits"] : []))
    }

    @Test("that cannot be chosen says what is known, and lists the choices")
    func unchosen() throws {
        let review = try Draft.review { $0.conditions?.approval = nil }
        let message = try #require(review.problems.first?.message)
        #expect(message.contains("the balance is sufficient, the allowance not known"))
        #expect(message.contains("transferTokenPreApproved") && message.contains("swapAndTransferUniswapV3Native"))
    }

    /// Values of a swap in wei. Each row has: the value that the user typed, the value that the conditions propose, the
    /// policy's highest price for each token, and the value that is spent (`nil` if the payment is refused). At a price
    /// of 4e14 wei, 1.05 tokens cost at most 4.2e14 wei.
    private static let swaps: [(typed: UInt256?, proposed: UInt256?, price: String?, value: UInt256?)] = [
        (5, nil, nil, 5), (5, 7, nil, 5), (.some(600_000_000_000_000), 7, "\"400000000000000\"", 600_000_000_000_000),
        (nil, 420_000_000_000_000, "\"400000000000000\"", 420_000_000_000_000),
        (nil, 1, "\"1\"", 1), (nil, 2, "\"1\"", nil), (nil, 420_000_000_000_001, "\"400000000000000\"", nil),
        (nil, nil, "\"400000000000000\"", nil), (nil, 1, nil, nil), (nil, 1, "\"0\"", nil),
    ]

    @Test(
        "of a swap spends what was typed, or what was proposed at no more than the policy's price",
        arguments: swaps.indices)
    func price(index: Int) throws {
        let (typed, proposed, price, value) = Self.swaps[index]
        let review = try Draft.review {
            $0.rules {
                $0["maxNativePerToken"] = price
                $0["maxNativeValue"] = nil
            }
            $0.conditions?.value = proposed
            $0.edit {
                $0.method = "swapAndTransferUniswapV3Native"
                $0.value = typed
            }
        }
        #expect(review.action?.call.value == value)
        #expect((review.payment == nil) == (value == nil))
    }

    @Test("of a swap takes the pool fee that was typed, else the proposed one, else 500")
    func poolFee() throws {
        func poolFee(typed: UInt64?, proposed: UInt64?) throws -> UInt64? {
            try Draft.review {
                $0.conditions?.poolFee = proposed
                $0.edit {
                    $0.method = "swapAndTransferUniswapV3Native"
                    $0.value = 1
                    $0.poolFee = typed
                }
            }.action?.call.members.first { $0.name == "poolFee" }.flatMap { UInt64($0.value.text.filter(\.isNumber)) }
        }
        #expect(try poolFee(typed: 3000, proposed: 100) == 3000)
        #expect(try poolFee(typed: nil, proposed: 100) == 100)
        #expect(try poolFee(typed: nil, proposed: nil) == 500)
        // Without a swap, a proposed pool fee is ignored. It causes no problem.
        #expect(try Draft.review { $0.conditions?.poolFee = 7 }.payment != nil)
    }

    @Test("knows the wrapped currency from the policy first, and then from the deployment")
    func wrappedNative() throws {
        let own = try Draft.review {
            $0.pay(in: usdc)
            $0.rules { $0["wrappedNative"] = quoted(usdc) }
        }
        #expect(own.action?.call.method == "wrapAndTransfer")
        let known = try Draft.review {
            $0.pay(in: wrapped)
            $0.rules { $0["wrappedNative"] = nil }
        }
        #expect(known.action?.call.method == "wrapAndTransfer")
    }
}
