import Foundation
import AirlockHTTP
import AirlockToolSupport
import AirlockTestSupport

/// A chain to test on: Tests/Devnet in a process of its own, which ends when this one does.
final class Devnet: Sendable {
    let url: String
    let chainID: Int
    let transfers: String
    let token: String
    let secondToken: String
    let permit2: String
    let quoter: String
    let wrappedNative: String
    let operatorAddress: String
    let feeDestination: String
    let payer: String
    let payerKey: String
    let merchant: String
    /// With `--safes`: one of 1.3.0, one of 1.4.1, and one that the second owns in part.
    let safes: [DevnetSafe]
    let safeOwners: [(address: String, key: String)]

    private let server: PythonServer?
    private let client = HTTPClient()

    /// One for all the tests, which run one after the other; nothing where there is no Python to run it with.
    static let shared: Devnet? = {
        guard BuiltTool.python != nil else {
            print("The end-to-end tests are skipped: neither AIRLOCK_PYTHON nor .venv/bin/python is a Python.")
            return nil
        }
        do { return try Devnet([]) } catch {
            // To be seen as a failure of the tests, not as a skip.
            return Devnet(brokenBy: error)
        }
    }()

    /// Another chain, for a test that needs it otherwise.
    static func start(_ more: String...) throws -> Devnet { try Devnet(more) }

    /// Another chain, on which these have as much as the payer.
    static func start(funding accounts: [String]) throws -> Devnet {
        try Devnet(accounts.flatMap { ["--fund", $0] })
    }

    private init(_ more: [String]) throws {
        // As much as a test can count in an Int.
        let arguments = [
            "\(PackageRoot.path)/Tests/Devnet", "start", "--payer-balance", "1000000000000000000",
            "--payer-second-tokens", "9000000000000000000", "--payer-wrapped", "1000000000",
        ]
        let server = try PythonServer(arguments + more)
        let said = try JSON(server.announcement)
        self.server = server
        url = try said["url"].text
        chainID = try said["chainId"].integer
        transfers = try said["transfers"].text
        token = try said["token"].text
        secondToken = try said["secondToken"].text
        permit2 = try said["permit2"].text
        quoter = try said["quoter"].text
        wrappedNative = try said["wrappedNative"].text
        operatorAddress = try said["operator"]["address"].text
        feeDestination = try said["feeDestination"].text
        payer = try said["payer"]["address"].text
        payerKey = try said["payer"]["key"].text
        merchant = try said["merchant"].text
        safes = try (0..<said["safes"].count).map { try DevnetSafe(said["safes"][$0]) }
        safeOwners = try (0..<said["safeOwners"].count).map {
            (try said["safeOwners"][$0]["address"].text, try said["safeOwners"][$0]["key"].text)
        }
    }

    private init(brokenBy error: any Error) {
        print("The devnet cannot be used: \(error)")
        server = nil
        (url, chainID, transfers, token, wrappedNative) = ("", 0, "", "", "")
        (secondToken, permit2, quoter) = ("", "", "")
        (operatorAddress, feeDestination, payer, payerKey, merchant) = ("", "", "", "", "")
        (safes, safeOwners) = ([], [])
    }

    /// Asks the node; its no is thrown.
    @discardableResult
    func rpc(_ method: String, _ parameters: [Any] = []) async throws -> JSON {
        let question: [String: Any] = ["jsonrpc": "2.0", "id": 1, "method": method, "params": parameters]
        let body = [UInt8](try JSONSerialization.data(withJSONObject: question))
        let answer = try await client.send(HTTPRequest(.post(body), HTTPURL(url), headers: [.contentIsJSON]))
        let document = try JSON(Data(answer.body))
        if document.has("error") { throw Unexpected("\(method): \(document)") }
        return document["result"]
    }

    /// A quantity that the node answers with.
    func number(_ method: String, _ parameters: [Any]) async throws -> Int {
        let text = try await rpc(method, parameters).text
        guard let number = Int(text.dropFirst(2), radix: 16) else { throw Unexpected(text) }
        return number
    }

    func balance(_ account: String) async throws -> Int { try await number("eth_getBalance", [account, "latest"]) }

    /// How much of a token an account has.
    func balance(_ account: String, of token: String) async throws -> Int {
        let data = "0x70a08231" + String(repeating: "0", count: 24) + account.dropFirst(2)
        return try await number("eth_call", [["to": token, "data": data], "latest"])
    }

    /// Mines nothing by itself while the body runs.
    func holdingMining(_ body: () async throws -> Void) async throws {
        try await rpc("evm_setAutomine", [false])
        do { try await body() } catch {
            try await rpc("evm_setAutomine", [true])
            throw error
        }
        try await rpc("evm_setAutomine", [true])
    }

    func nonce(_ account: String) async throws -> Int {
        try await number("eth_getTransactionCount", [account, "latest"])
    }
}

/// A Safe of the devnet's.
struct DevnetSafe: Sendable, CustomStringConvertible {
    let version: String
    let address: String
    let owners: [String]
    let fallbackHandler: String

    init(_ said: JSON) throws {
        version = try said["version"].text
        address = try said["address"].text
        owners = try (0..<said["owners"].count).map { try said["owners"][$0].text }
        fallbackHandler = try said["fallbackHandler"].text
    }

    var description: String { "Safe \(version)" }
}

/// Something is not as the test needs it to be.
struct Unexpected: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
