import AirlockEthereumTypes
import AirlockTestSupport
import Testing
import AirlockToolSupport

extension EndToEnd {
    @Suite("Every method of the contract")
    struct Methods {
        let devnet: Devnet
        let workspace: Workspace

        init() throws {
            devnet = try EndToEnd.devnet()
            workspace = try Workspace(devnet)
        }

        enum Currency: CaseIterable {
            case native, token, secondToken, wrapped
        }

        /// A way to pay a charge, with the currency and the amount that the payer spends.
        struct Way: CustomTestStringConvertible, Sendable {
            let method: String
            let asked: Currency
            let spent: Currency
            var amount = Workspace.needed
            /// The options that tell `prepare` the amount and the pool fee. Empty if `prepare` takes both from a quote.
            var value: [String] = []

            var testDescription: String { "\(method) of \(spent) for \(asked)" }
            var isSwap: Bool { method.hasPrefix("swap") }
        }

        // What the devnet's pools take for the amount `Workspace.needed`. The first number is in native currency, and
        // the second is in the devnet's second token. Each number is a fixed price plus the pool fee, rounded up.
        private static let fromNative = 420_210_105_052_527
        private static let fromSecond = 1_050_105_010_501_050_106

        static let ways = [
            Way(method: "transferNative", asked: .native, spent: .native),
            Way(method: "wrapAndTransfer", asked: .wrapped, spent: .native),
            Way(method: "transferToken", asked: .token, spent: .token),
            Way(method: "transferTokenPreApproved", asked: .token, spent: .token),
            Way(method: "unwrapAndTransfer", asked: .native, spent: .wrapped),
            Way(method: "unwrapAndTransferPreApproved", asked: .native, spent: .wrapped),
            Way(method: "swapAndTransferUniswapV3Native", asked: .token, spent: .native, amount: fromNative),
            Way(method: "swapAndTransferUniswapV3Token", asked: .token, spent: .secondToken, amount: fromSecond),
            Way(
                method: "swapAndTransferUniswapV3TokenPreApproved", asked: .token, spent: .secondToken,
                amount: fromSecond, value: ["--value", "1.1DAI", "--pool-fee", "100"]),
            Way(
                method: "swapAndTransferUniswapV3TokenPreApproved", asked: .native, spent: .secondToken,
                amount: 2_632_898_697, value: ["--value", "2700000000", "--pool-fee", "3000"]),
        ]

        private func address(_ currency: Currency) -> String {
            switch currency {
            case .native: "0x" + String(repeating: "0", count: 40)
            case .token: devnet.token
            case .secondToken: devnet.secondToken
            case .wrapped: devnet.wrappedNative
            }
        }

        /// Returns the balances of the merchant, the fee destination and the payer, in this order, for each currency.
        private func holdings() async throws -> [Currency: [Int]] {
            var all: [Currency: [Int]] = [:]
            for currency in Currency.allCases {
                for account in [devnet.merchant, devnet.feeDestination, devnet.payer] {
                    let held =
                        currency == .native
                        ? try await devnet.balance(account)
                        : try await devnet.balance(account, of: address(currency))
                    all[currency, default: []].append(held)
                }
            }
            return all
        }

        /// Returns the options of `prepare` for this way to pay.
        private func options(_ way: Way) -> [String] {
            let isTold = way.isSwap || way.spent == .wrapped
            let token = isTold && way.spent != .native ? ["--token", address(way.spent)] : []
            let quoter =
                way.method == "swapAndTransferUniswapV3Native"
                ? ["--quoter", devnet.quoter, "--token", devnet.wrappedNative] : ["--quoter", devnet.quoter]
            return ["-m", way.method, "--approve"] + token + (way.isSwap ? quoter : []) + way.value
        }

        /// Returns the sum of the network fees of all transactions in the payment file.
        private func networkFee() async throws -> Int {
            let transactions = try JSON(workspace.scratch.content("payment.json"))["transactions"]
            var fee = 0
            for index in 0..<transactions.count {
                let hash = try transactions[index]["hash"].text
                let receipt = try await devnet.rpc("eth_getTransactionReceipt", [hash])
                #expect(try receipt["status"].text == "0x1")
                let numbers = try ["gasUsed", "effectiveGasPrice"].map { try receipt[$0].text.dropFirst(2) }
                fee += numbers.compactMap { Int($0, radix: 16) }.reduce(1, *)
            }
            return fee
        }

        @Test("is prepared, signed, sent and settled, and moves just what it has to", arguments: ways)
        func settles(way: Way) async throws {
            let id = try await workspace.charge(in: address(way.asked))
            let run = try workspace.prepare(options(way))
            #expect(run.exit == 0, "\(run.out) \(run.err)")
            let conditions = try run.json["conditions"]
            #expect(try conditions["method"].text == way.method)
            var signing = ["-m", way.method, "--approve"]
            if way.isSwap {
                let value = try conditions["value"].integer
                #expect(value >= way.amount)
                signing += ["--value", "\(value)", "--pool-fee", try conditions["poolFee"].text]
            }
            try workspace.sign("payment.json", signing)
            let before = try await holdings()
            let sent = try workspace.send()
            #expect(sent.exit == 0, "\(sent.out) \(sent.err)")
            let event = try sent.json["event"]
            #expect(try event["id"].text == id)
            #expect(try event["spentAmount"].integer == way.amount)
            #expect(try event["spentCurrency"].text == address(way.spent))
            var expected = before
            expected[way.asked]?[0] += Workspace.amount
            expected[way.asked]?[1] += Workspace.fee
            expected[way.spent]?[2] -= way.amount
            expected[.native]?[2] -= try await networkFee()
            #expect(try await holdings() == expected)
        }

        /// Payments in the devnet's token that `prepare` must refuse. Each row has the options of `prepare`, the
        /// expected error code, and a part of the expected error message.
        static let refusals: [(String, String, String)] = [
            ("-m transferToken", "prepare.would-revert", "Permit2 may take 0 atomic units of the token"),
            ("-m transferTokenPreApproved", "prepare.would-revert", "InsufficientAllowance(1050000)"),
            ("-m wrapAndTransfer", "prepare.would-revert", "IncorrectCurrency("),
            ("-m swapAndTransferUniswapV3Native --token WETH", "prepare.no-quoter", ""),
            ("-m swapAndTransferUniswapV3Native --token WETH --quoter Q --pool-fee 100", "prepare.no-pool", ""),
            ("-m swapAndTransferUniswapV3Native --token WETH --quoter Q --pool-fee 10000", "prepare.no-pool", ""),
            (
                "-m swapAndTransferUniswapV3Native --token WETH --value 0.5eth --pool-fee 100",
                "prepare.would-revert", "V3InvalidSwap"
            ),
            (
                "-m swapAndTransferUniswapV3Native --token WETH --value 0.5eth --pool-fee 10000",
                "prepare.would-revert", "SwapFailedBytes(0x)"
            ),
            (
                "-m swapAndTransferUniswapV3Native --token WETH --value 420210105052526",
                "prepare.would-revert", "V3TooMuchRequested"
            ),
            (
                "-m swapAndTransferUniswapV3TokenPreApproved --token DAI --approve --value 1.05DAI --pool-fee 100",
                "prepare.would-revert", "V3TooMuchRequested"
            ),
            (
                "-m swapAndTransferUniswapV3Token --token DAI --approve --value 1.2DAI --pool-fee 500",
                "prepare.would-revert", "V3InvalidAmountOut"
            ),
            (
                "-m swapAndTransferUniswapV3Token --token DAI --approve --value 10DAI",
                "prepare.would-revert", "InsufficientBalance("
            ),
            ("-m swapAndTransferUniswapV3Token --token DAI --value 1USDC", "value.wrong-unit", ""),
        ]

        @Test("is refused by prepare, and named, when the chain would refuse it", arguments: refusals)
        func refused(options: String, code: String, words: String) async throws {
            try await workspace.charge(in: devnet.token)
            let names = ["WETH": devnet.wrappedNative, "DAI": devnet.secondToken, "Q": devnet.quoter]
            let run = try workspace.prepare(options.split(separator: " ").map { names[String($0)] ?? String($0) })
            let error = try run.json["error"]
            #expect(try error["code"].text == code)
            #expect(try error["message"].text.contains(words), "\(run.out)")
            #expect(try !workspace.scratch.names.contains("conditions.json"))
        }

        @Test("with a permit is refused by prepare when the permit's number is used")
        func usedPermit() async throws {
            try await workspace.charge(in: devnet.token)
            #expect(try workspace.prepare("-m", "transferToken", "--approve").exit == 0)
            try workspace.sign("payment.json", "-m", "transferToken", "--approve")
            #expect(try workspace.send().exit == 0)
            let run = try workspace.prepare("-m", "transferToken", "--approve")
            #expect(run.exit == 10)
            #expect(try run.json["error"]["message"].text.contains("InvalidNonce()"))
        }

        @Test("can come after a reset of the allowance, for a token that wants one")
        func resetFirst() async throws {
            let workspace = try Workspace(Devnet.start("--reset-first"))
            let devnet = workspace.devnet
            let words = [String(devnet.transfers.dropFirst(2)), "9"].map {
                String(repeating: "0", count: 64 - $0.count) + $0
            }
            let data = try Hex.decode("0x095ea7b3" + words.joined())
            let raw = try workspace.signed(to: devnet.token, data: data, nonce: await devnet.nonce(devnet.payer))
            try await devnet.rpc("eth_sendRawTransaction", [raw])
            try await workspace.charge(in: devnet.token)
            let prepared = try workspace.prepare("--approve")
            #expect(try prepared.json["conditions"]["approval"]["resetFirst"].description == "1", "\(prepared.out)")
            try workspace.sign("payment.json", "--approve")
            let payment = try JSON(workspace.scratch.content("payment.json"))["transactions"]
            #expect(try (0..<payment.count).map { try payment[$0]["role"].text } == ["reset", "approve", "pay"])
            let before = try await devnet.balance(devnet.payer, of: devnet.token)
            let sent = try workspace.send()
            #expect(sent.exit == 0, "\(sent.out) \(sent.err)")
            // Two transactions come before the payment: one resets the allowance to zero, and one approves the amount.
            // The journal also records the block and the gas of these two transactions.
            let known = try workspace.relay("status", "--json").json["payments"][0]["transactions"]
            #expect(try (0..<known.count).filter { try known[$0]["block"].text.isEmpty } == [])
            let sheet = try workspace.relay("journal", "export", "--csv").out.split(separator: "\r\n")
                .map { $0.split(separator: ",", omittingEmptySubsequences: false) }
            let gas = try #require(sheet[0].firstIndex(of: "gas_used"))
            #expect(sheet.count == 4 && sheet.allSatisfy { !$0[gas].isEmpty })
            #expect(try await devnet.balance(devnet.merchant, of: devnet.token) == Workspace.amount)
            #expect(try await devnet.balance(devnet.feeDestination, of: devnet.token) == Workspace.fee)
            #expect(try await devnet.balance(devnet.payer, of: devnet.token) == before - Workspace.needed)
        }
    }
}
