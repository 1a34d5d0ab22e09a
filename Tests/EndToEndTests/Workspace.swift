import AirlockEthereumTypes
import Foundation
import AirlockSecp256k1
import AirlockSecretKeys
import AirlockTestSupport
import AirlockToolSupport
import AirlockTransactions

/// A folder with the payer's key and a policy, and functions for the steps that a user takes in it.
struct Workspace {
    let devnet: Devnet
    let scratch: Scratch

    init(_ devnet: Devnet) throws {
        self.devnet = devnet
        scratch = try Scratch()
        scratch.file("key", String(devnet.payerKey.dropFirst(2)), mode: 0o600)
        let native = "0x" + String(repeating: "0", count: 40)
        let currency = { (symbol: String, decimals: Int) in
            #"{"symbol":"\#(symbol)","decimals":"\#(decimals)","perPayment":"1000"}"#
        }
        scratch.file(
            "policy.json",
            """
            {"airlock":1,"kind":"policy","chains":{"\(devnet.chainID)":{"contracts":["\(devnet.transfers)"],
            "operators":["\(devnet.operatorAddress)"],"recipients":{"\(devnet.merchant)":"Shop"},
            "currencies":{"\(native)":\(currency("ETH", 18)),"\(devnet.token)":\(currency("USDC", 6)),
            "\(devnet.wrappedNative)":\(currency("WETH", 18)),
            "\(devnet.secondToken)":\(currency("DAI", 18))},"maxNativeValue":"1000000000000000000",
            "maxNetworkFee":"10000000000000000","wrappedNative":"\(devnet.wrappedNative)"}}}
            """, mode: 0o600)
    }

    func relay(_ arguments: String..., input: String? = nil) throws -> Outcome {
        try Tool.start("airlock-relay", arguments, in: scratch.path, input: input).finish()
    }

    static let amount = 1_039_500
    static let fee = 10_500
    static let needed = amount + fee

    /// Writes a new charge to charge.json, and returns the id of its intent.
    @discardableResult
    func charge(in currency: String? = nil, deadline: Int? = nil) async throws -> String {
        var members: [String: Any] = ["recipientAmount": Self.amount, "feeAmount": Self.fee]
        members["recipientCurrency"] = currency
        members["deadline"] = deadline.map { "\($0)" }
        let charge = try await devnet.rpc("devnet_createCharge", [members])
        scratch.file("charge.json", try charge.serialized)
        return try charge["data"]["web3_data"]["transfer_intent"]["call_data"]["id"].text
    }

    /// Runs `airlock-relay prepare` for the charge. The command writes the conditions to conditions.json.
    @discardableResult
    func prepare(_ more: String...) throws -> Outcome { try prepare(more) }

    @discardableResult
    func prepare(_ more: [String]) throws -> Outcome {
        let command = ["prepare", "charge.json", "--rpc", devnet.url, "-o", "conditions.json", "--force", "--json"]
        return try Tool.start("airlock-relay", command + more, in: scratch.path).finish()
    }

    /// Signs the charge with the built tool, and writes the payment file.
    func sign(_ name: String = "payment.json", nonce: Int? = nil, _ more: String...) throws {
        try sign(name, nonce: nonce, more)
    }

    func sign(_ name: String = "payment.json", nonce: Int? = nil, _ more: [String]) throws {
        var command = ["sign", "charge.json", "-c", "conditions.json", "-k", "key", "--policy", "policy.json", "--yes"]
        if let nonce { command += ["--nonce", "\(nonce)"] }
        // Each run of the tool gets an empty ledger. With the earlier payments in its ledger, the tool would refuse
        // some payments of these tests.
        let forgotten = try Scratch()
        let run = try Tool.start("airlock", command + more + ["-o", name], in: scratch.path, state: forgotten.path)
            .finish()
        guard run.exit == 0 else { throw Unexpected(run.err) }
    }

    /// Makes the charge, the conditions and the payment file. Returns the id of the intent.
    @discardableResult
    func pay(in currency: String? = nil, by method: String = "auto") async throws -> String {
        let id = try await charge(in: currency)
        let run = try prepare("-m", method)
        guard run.exit == 0 else { throw Unexpected(run.out) }
        try sign()
        return id
    }

    func send(_ more: String...) throws -> Outcome {
        try Tool.start("airlock-relay", sending(more), in: scratch.path).finish()
    }

    func sending(_ more: [String]) -> [String] {
        ["send", "payment.json", "--rpc", devnet.url, "--json"] + more
    }

    /// Signs a transaction of the payer that belongs to no request. Returns the raw transaction.
    func signed(to: String, data: [UInt8] = [], nonce: Int, fee: UInt64 = 1_000_000_000) throws -> String {
        let transaction = UnsignedTransaction(
            nonce: UInt64(nonce), gas: 100_000, to: try Address(to), value: 0, data: data,
            form: .dynamicFee(
                chainID: UInt64(devnet.chainID), maxPriorityFeePerGas: UInt256(fee), maxFeePerGas: UInt256(fee),
                accessList: []))
        let key = try SecretKey(hex: Array(devnet.payerKey.utf8).span)
        return Hex.encode(try SignedTransaction(transaction, key.sign(transaction.signingHash)).raw)
    }

    /// Signs one transfer for each nonce with `airlock sign --lines`, and returns the output. Even nonces transfer
    /// native currency, odd nonces transfer the token.
    func transfers(by sender: String, _ key: String, nonces: [Int]) throws -> String {
        let lines = nonces.map { nonce in
            let isNative = nonce % 2 == 0
            let token = isNative ? "" : #","token":"\#(devnet.token)""#
            let facts =
                #","token":{"address":"\#(devnet.token)","symbol":"USDC","decimals":"6","balance":"1000000000"}"#
            return """
                {"request":{"airlock":1,"kind":"transfer","chainId":"\(devnet.chainID)","to":"\(devnet.merchant)",\
                "amount":"\(Self.transferred(nonce))","reference":"\(key) \(nonce)"\(token)},\
                "conditions":{"chainId":"\(devnet.chainID)","sender":"\(sender)","nonce":"\(nonce)","gas":"100000",\
                "maxFeePerGas":"2000000000","maxPriorityFeePerGas":"1000000"\(isNative ? "" : facts)}}
                """
        }
        let run = try Tool.start(
            "airlock", ["sign", "--lines", "--policy", "policy.json", "-k", key, "--yes"], in: scratch.path,
            input: lines.joined(separator: "\n") + "\n"
        ).finish()
        guard run.exit == 0 else { throw Unexpected(run.out + run.err) }
        return run.out
    }

    /// Returns the amount of the transfer with this nonce.
    static func transferred(_ nonce: Int) -> Int { 1000 + nonce }
}
