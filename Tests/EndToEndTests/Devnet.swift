import Foundation
import AirlockHTTP
import AirlockToolSupport
import AirlockTestSupport

/// A chain for tests. The program Tests/Devnet runs in a separate process, which ends when this object is released or
/// the test process ends.
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
    /// The Safes of the chain; empty without the option `--safes`. The first has version 1.3.0, the second has version
    /// 1.4.1. The third is owned by the second Safe together with another owner.
    let safes: [DevnetSafe]
    let safeOwners: [(address: String, key: String)]

    private let server: PythonServer?
    private let client = HTTPClient()

    /// The devnet that the tests share, so these tests run one after the other. `nil` if there is no Python
    /// interpreter, which the devnet needs.
    static let shared: Devnet? = {
        guard BuiltTool.python != nil else {
            print("The end-to-end tests are skipped: neither AIRLOCK_PYTHON nor .venv/bin/python is a Python.")
            return nil
        }
        do { return try Devnet([]) } catch {
            // The devnet could not be started, so the tests that need it must fail. If the result were `nil`, they
            // would only be skipped.
            return Devnet(brokenBy: error)
        }
    }()

    /// Starts another chain with other options, for a test that cannot use the shared chain.
    static func start(_ more: String...) throws -> Devnet { try Devnet(more) }

    /// Starts another chain, on which each of these accounts has the same balances as the payer.
    static func start(funding accounts: [String]) throws -> Devnet {
        try Devnet(accounts.flatMap { ["--fund", $0] })
    }

    private init(_ more: [String]) throws {
        // These balances are small enough for an `Int`, because the tests read every balance as an `Int`.
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

    /// Sends a request to the node, and returns the result. Throws if the node answers with an error.
    @discardableResult
    func rpc(_ method: String, _ parameters: [Any] = []) async throws -> JSON {
        let question: [String: Any] = ["jsonrpc": "2.0", "id": 1, "method": method, "params": parameters]
        let body = [UInt8](try JSONSerialization.data(withJSONObject: question))
        let answer = try await client.send(HTTPRequest(.post(body), HTTPURL(url), headers: [.contentIsJSON]))
        let document = try JSON(Data(answer.body))
        if document.has("error") { throw Unexpected("\(method): \(document)") }
        return document["result"]
    }

    /// Sends a request to the node, and returns the quantity in its answer.
    func number(_ method: String, _ parameters: [Any]) async throws -> Int {
        let text = try await rpc(method, parameters).text
        guard let number = Int(text.dropFirst(2), radix: 16) else { throw Unexpected(text) }
        return number
    }

    func balance(_ account: String) async throws -> Int { try await number("eth_getBalance", [account, "latest"]) }

    /// Returns an account's balance of a token.
    func balance(_ account: String, of token: String) async throws -> Int {
        let data = "0x70a08231" + String(repeating: "0", count: 24) + account.dropFirst(2)
        return try await number("eth_call", [["to": token, "data": data], "latest"])
    }

    /// Turns automatic mining off, runs `body`, and turns automatic mining on again.
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

/// A Safe on the devnet.
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

/// An error that says what a test found and did not expect.
struct Unexpected: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
