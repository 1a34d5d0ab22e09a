import AirlockEthereumTypes
import AirlockSecretKeys
import AirlockTestSupport
import Testing
import AirlockToolSupport

extension EndToEnd {
    @Suite("A payment that someone else sends")
    struct Subsidized {
        private static let method = "subsidizedTransferToken"
        private static let sponsorKey = String(repeating: "5b", count: 32)

        let devnet: Devnet
        let workspace: Workspace
        let sponsor: String

        /// Starts a chain on which the payer has tokens, but no native currency to pay network fees.
        init() async throws {
            devnet = try Devnet.start("--payer-balance", "0")
            workspace = try Workspace(devnet)
            sponsor = try SecretKey(hex: Array(Self.sponsorKey.utf8).span).address.description
            workspace.scratch.file("sponsor", Self.sponsorKey, mode: 0o600)
            try await devnet.rpc("evm_setBalance", [sponsor, "0xde0b6b3a7640000"])
        }

        /// Makes a permit, as the owner of the tokens does: prepares the conditions and signs offline. Returns the
        /// permit in the payment file.
        private func permit(nonce: Int? = nil, change: (String) -> String = { $0 }) async throws -> JSON {
            try await workspace.charge(in: devnet.token)
            let prepared = try workspace.prepare("-m", Self.method)
            #expect(prepared.exit == 0, "\(prepared.out) \(prepared.err)")
            workspace.scratch.file("conditions.json", change(try workspace.scratch.content("conditions.json")))
            try pinDomain()
            try workspace.sign("payment.json", nonce: nonce, ["-m", Self.method, "--force"])
            return try JSON(workspace.scratch.content("payment.json"))["transactions"][0]
        }

        /// Writes the token's domain separator into the policy. Only the policy can confirm that the separator belongs
        /// to this token.
        private func pinDomain() throws {
            let separator = try JSON(workspace.scratch.content("conditions.json"))["token"]["domainSeparator"].text
            let pinned = #""symbol":"USDC","domainSeparator":"\#(separator)""#
            let policy = try workspace.scratch.content("policy.json")
                .replacing(/"symbol":"USDC"(,"domainSeparator":"0x[0-9a-f]{64}")?/, with: pinned)
            workspace.scratch.file("policy.json", policy, mode: 0o600)
        }

        /// Signs, with the built tool, a transaction of the sponsor that makes the permit's call. Returns the raw
        /// transaction.
        private func sponsored(_ permit: JSON) async throws -> String {
            workspace.scratch.file(
                "transaction.json",
                """
                {"type":"2","chainId":"\(devnet.chainID)","nonce":"\(try await devnet.nonce(sponsor))",\
                "to":"\(try permit["to"].text)","value":"0","gas":"300000","maxFeePerGas":"1000000000",\
                "maxPriorityFeePerGas":"1","accessList":[],"data":"\(try permit["data"].text)"}
                """)
            let command = ["tx", "encode", "transaction.json", "-k", "sponsor", "--blind", "--yes", "--ledger", "s"]
            let encoded = try Tool.start("airlock", command, in: workspace.scratch.path).finish()
            guard encoded.exit == 0 else { throw Unexpected(encoded.err) }
            return encoded.out.split(separator: "\n").map { String($0) }[0]
        }

        private func send(_ raw: String) throws -> Outcome {
            try workspace.relay("send", raw, "--rpc", devnet.url, "--json")
        }

        /// Simulates the permit's call. Returns the name of the contract's custom error, decoded by `airlock
        /// decode-error`. Returns an empty string if the call succeeds.
        private func refusal(of permit: JSON) async throws -> String {
            let call = ["from": sponsor, "to": try permit["to"].text, "data": try permit["data"].text]
            do { try await devnet.rpc("eth_call", [call, "latest"]) } catch let error as Unexpected {
                let data = error.description.split { !$0.isHexDigit && $0 != "x" }.last { $0.hasPrefix("0x") } ?? ""
                let run = try Tool.start(
                    "airlock", ["decode-error", String(data), "--json"], in: workspace.scratch.path)
                return try run.finish().json["name"].text
            }
            return ""
        }

        @Test("is a permit that the owner signs offline, and settles by the sponsor's transaction")
        func settles() async throws {
            let permit = try await permit()
            #expect(try permit["role"].text == "permit" && permit["nonce"].text == "0")
            let conditions = try JSON(workspace.scratch.content("conditions.json"))
            #expect(try permit["domainSeparator"].text == conditions["token"]["domainSeparator"].text)
            #expect(!conditions.has("gas") && !conditions.has("maxFeePerGas"))

            // The payment file has no transaction of the payer, so the relay cannot send anything.
            let alone = try workspace.send()
            #expect(alone.exit == 10)
            #expect(try alone.json["error"]["code"].text == "send.permit")

            let accounts = [devnet.merchant, devnet.feeDestination, devnet.payer, sponsor]
            func tokens() async throws -> [Int] {
                var held: [Int] = []
                for account in accounts { held.append(try await devnet.balance(account, of: devnet.token)) }
                return held
            }
            let before = try await tokens()
            let native = try await devnet.balance(sponsor)
            let sent = try send(try await sponsored(permit))
            #expect(sent.exit == 0, "\(sent.out) \(sent.err)")
            let said = try sent.json
            #expect(try said["status"].text == "settled")
            #expect(try said["event"]["sender"].text == devnet.payer)
            #expect(try said["event"]["spentAmount"].integer == Workspace.needed)
            #expect(try said["event"]["spentCurrency"].text == devnet.token)
            #expect(
                try await tokens() == [
                    before[0] + Workspace.amount, before[1] + Workspace.fee, before[2] - Workspace.needed, before[3],
                ])
            let receipt = try await devnet.rpc("eth_getTransactionReceipt", [try said["hash"].text])
            let fee = try ["gasUsed", "effectiveGasPrice"].compactMap {
                Int(try receipt[$0].text.dropFirst(2), radix: 16)
            }
            .reduce(1, *)
            #expect(try await devnet.balance(sponsor) == native - fee)
            #expect(try await devnet.balance(devnet.payer) == 0)

            // Anyone who has only the permit's file can follow the payment if they give the hash of the sponsor's
            // transaction.
            let theirs = try said["hash"].text
            let followed = try workspace.send("--transaction", theirs)
            #expect(followed.exit == 0, "\(followed.out) \(followed.err)")
            #expect(try followed.json["status"].text == "settled" && followed.json["hash"].text == theirs)
            #expect(try followed.json["event"]["sender"].text == devnet.payer)
            let unknown = try workspace.send("--transaction", "\(Hash.zero)", "--no-wait")
            #expect(unknown.exit == 75)

            // The contract refuses the call of the first permit, because that payment was already made. The next permit
            // has the token's next nonce.
            #expect(try await refusal(of: permit) == "AlreadyProcessed")
            let again = try workspace.prepare("-m", Self.method)
            #expect(again.exit == 10)
            #expect(try again.json["error"]["message"].text.contains("AlreadyProcessed()"))
            let next = try await self.permit()
            #expect(try next["nonce"].text == "1")
            #expect(try await refusal(of: next) == "")
            // A new permit with the used nonce 0 fails, although the payer has signed it.
            #expect(try await refusal(of: try await self.permit(nonce: 0)) == "PermitCallFailed")
        }

        @Test("is refused by the chain, and named, where the permit is of another domain or nonce")
        func wrongPermits() async throws {
            let other = Hash.keccak([1]).description
            let domain = try await permit { text in
                text.replacing(/"domainSeparator":"0x[0-9a-f]{64}"/, with: "\"domainSeparator\":\"\(other)\"")
            }
            #expect(try domain["domainSeparator"].text == other)
            #expect(try await refusal(of: domain) == "PermitCallFailed")
            #expect(try await refusal(of: try await permit(nonce: 1)) == "PermitCallFailed")
            let sent = try send(try await sponsored(domain))
            #expect(sent.exit == 20)
            #expect(try sent.json["error"]["message"].text.contains("PermitCallFailed()"), "\(sent.out)")
        }

        @Test("is refused by prepare, and named, when the chain would refuse it")
        func refused() async throws {
            try await workspace.charge()
            let native = try workspace.prepare("-m", Self.method)
            #expect(try native.json["error"]["code"].text == "method.incorrect-currency")
            try await workspace.charge(in: devnet.token)
            let approving = try workspace.prepare("-m", Self.method, "--approve")
            #expect(approving.exit == 64)
            // The wrapped native currency also supports permits, because the devnet deploys the token's contract for it
            // too. The payer has only half of the amount that this charge asks for.
            let amount = ["recipientAmount": "\(2_000_000_000)", "recipientCurrency": devnet.wrappedNative]
            workspace.scratch.file("charge.json", try await devnet.rpc("devnet_createCharge", [amount]).serialized)
            let poor = try workspace.prepare("-m", Self.method)
            #expect(poor.exit == 10)
            #expect(try poor.json["error"]["message"].text.contains("InsufficientBalance(1000000000)"))
        }
    }
}
