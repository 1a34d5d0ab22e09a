import AirlockEthereumTypes
import Foundation
import AirlockStrictJSON
import Testing
import AirlockToolSupport
import AirlockTestSupport

/// A command whose output must never change. The same files and options give the same bytes in every version.
struct RecordedCase: Sendable, CustomTestStringConvertible {
    let name: String
    let prepare: @Sendable (Workspace) throws -> Void

    var testDescription: String { name }

    init(_ name: String, _ prepare: @escaping @Sendable (Workspace) throws -> Void) {
        self.name = name
        self.prepare = prepare
    }

    private static let permit2 = Address(known: "0x000000000022D473030F116dDEE9F6B43aC78BA3")

    /// Returns a function that changes a workspace so that the charge is paid with this method. If `token` is given,
    /// the conditions file describes this token, and the payer has enough of it.
    private static func way(
        _ method: String, currency: Address, token: Address? = nil, symbol: String = "USDC", decimals: Int = 6,
        spender: Address = SamplePayment().contract, _ options: [(String, String)] = []
    ) -> @Sendable (Workspace) throws -> Void {
        { workspace in
            try workspace.charge { $0.recipientCurrency = currency }
            workspace.set("-m", method)
            for (name, value) in options { workspace.set(name, value) }
            guard let token else { return }
            try workspace.edit("conditions.json", "\"address\":\"\(SamplePayment.usdc)\"", "\"address\":\"\(token)\"")
            try workspace.edit("conditions.json", "\"symbol\":\"USDC\"", "\"symbol\":\"\(symbol)\"")
            try workspace.edit("conditions.json", "\"decimals\":\"6\"", "\"decimals\":\"\(decimals)\"")
            try workspace.edit(
                "conditions.json", "\"spender\":\"\(SamplePayment().contract)\"", "\"spender\":\"\(spender)\"")
        }
    }

    static let all: [RecordedCase] = [
        RecordedCase("transferNative", way("transferNative", currency: .zero)),
        RecordedCase("transferTokenPreApproved", way("transferTokenPreApproved", currency: SamplePayment.usdc)),
        RecordedCase(
            "transferToken",
            way("transferToken", currency: SamplePayment.usdc, token: SamplePayment.usdc, spender: permit2)),
        RecordedCase("wrapAndTransfer", way("wrapAndTransfer", currency: SamplePayment.wrappedNative)),
        RecordedCase(
            "unwrapAndTransfer",
            way(
                "unwrapAndTransfer", currency: .zero, token: SamplePayment.wrappedNative, symbol: "WETH",
                decimals: 18, spender: permit2)),
        RecordedCase(
            "unwrapAndTransferPreApproved",
            way(
                "unwrapAndTransferPreApproved", currency: .zero, token: SamplePayment.wrappedNative, symbol: "WETH",
                decimals: 18)),
        RecordedCase(
            "swapAndTransferUniswapV3Native",
            way(
                "swapAndTransferUniswapV3Native", currency: SamplePayment.usdc,
                [("--value", "0.0008eth"), ("--pool-fee", "3000")])),
        RecordedCase(
            "swapAndTransferUniswapV3Token",
            way(
                "swapAndTransferUniswapV3Token", currency: SamplePayment.usdc, token: SamplePayment.wrappedNative,
                symbol: "WETH", decimals: 18, spender: permit2, [("--value", "1500000")])),
        RecordedCase(
            "swapAndTransferUniswapV3TokenPreApproved",
            way(
                "swapAndTransferUniswapV3TokenPreApproved", currency: SamplePayment.usdc,
                token: SamplePayment.wrappedNative, symbol: "WETH", decimals: 18, [("--value", "1500000")])),
        RecordedCase("subsidizedTransferToken") { workspace in
            workspace.write(
                "conditions.json",
                """
                {"airlock":1,"kind":"conditions","chainId":"8453","sender":"\(SamplePayment.payer)","nonce":"3",\
                "block":{"number":"43000000","hash":"0x\(String(repeating: "ab", count: 32))",\
                "timestamp":"1773131359"},"token":{"address":"\(SamplePayment.usdc)","symbol":"USDC",\
                "decimals":"6","balance":"5000000","domainSeparator":\
                "0x02fa7265e7c5d81118673727957699e4d68f74cd74b7db77da710fe8a2c7834f"},\
                "method":"subsidizedTransferToken"}
                """)
            workspace.set("-m", "subsidizedTransferToken")
        },
        RecordedCase("approval, rungs and cancels") { workspace in
            try workspace.edit("conditions.json", "\"allowance\":\"2000000\"", "\"allowance\":\"1\"")
            try workspace.edit("conditions.json", "\"resetFirst\":false", "\"resetFirst\":true")
            try workspace.edit("conditions.json", "\"gas\":\"180000\"", "\"gas\":\"180000\",\"approveGas\":\"60000\"")
            workspace.set("--approve")
            workspace.set("--rungs", "3")
            workspace.set("--cancel")
        },
        RecordedCase("permit, rungs and cancels") { workspace in
            try way("transferToken", currency: SamplePayment.usdc, token: SamplePayment.usdc, spender: permit2)(
                workspace)
            workspace.set("--rungs", "2")
            workspace.set("--cancel")
        },
    ]
}

/// The folder of the recorded files, and whether the tests record them again.
enum Fixtures {
    static let folder = PackageRoot.url("Fixtures")
    static let isRecording = ProcessInfo.processInfo.environment["AIRLOCK_RECORD"] == "1"
}

@Suite("Recorded outputs of earlier versions")
struct OutputFixtureTests {
    /// Returns a document without the values that depend on the time: the times in the ledger, and the hashes that
    /// depend on them.
    private static func normalized(_ value: JSONValue) -> JSONOutput {
        switch value.kind {
        case .object:
            .object(
                (value.members ?? []).compactMap { name, member in
                    ["ledgerHead", "previous", "time"].contains(name) ? nil : (name, normalized(member))
                })
        case .array: .array((value.elements ?? []).map(normalized))
        default: value.json
        }
    }

    @Test("are put out again, byte for byte", arguments: RecordedCase.all)
    func payment(recorded: RecordedCase) throws {
        let workspace = try Workspace()
        try recorded.prepare(workspace)
        workspace.set("--ledger", "ledger.jsonl")
        workspace.set("-o", "payment.json")
        let outcome = try workspace.run()
        #expect(outcome.exit == 0, "\(outcome.err)")
        let payment = try JSONDocument(Array(workspace.content("payment.json").utf8)).root
        let entries = try workspace.content("ledger.jsonl").split(separator: "\n").map {
            try JSONDocument(Array($0.utf8)).root
        }
        let document: JSONOutput = [
            "payment": Self.normalized(payment), "ledger": .array(entries.map(Self.normalized)),
        ]
        let file = Fixtures.folder.appending(path: "outputs/\(recorded.name).json")
        if Fixtures.isRecording {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data((document.text + "\n").utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == document.text + "\n")
    }
}
