import AirlockEthereumTypes
import AirlockSecp256k1
import AirlockTestSupport
import AirlockToolSupport
import AirlockTransactions
import AirlockUR
import Foundation
import Testing

extension EndToEnd {
    @Suite("What crosses the gap as light")
    struct Scanner {
        @Test("a payment is drawn by airlock, read by a scanner, sent from its text, and mined")
        func mined() async throws {
            let devnet = try EndToEnd.devnet()
            let workspace = try Workspace(devnet)
            let id = try await workspace.charge()
            #expect(try workspace.prepare().exit == 0)
            let command = ["sign", "charge.json", "-c", "conditions.json", "-k", "key", "--policy", "policy.json"]
            let signed = try Tool.start("airlock", command + ["--yes", "--qr"], in: workspace.scratch.path).finish()
            #expect(signed.exit == 0, "\(signed.err)")
            guard let scanned = try Screen(drawingIn: signed.err).scanned() else { return }
            let file = String(decoding: try UR(scanned.split(separator: "\n")[0]).bytes(), as: UTF8.self)
            let sent = try workspace.relay("send", "-", "--rpc", devnet.url, "--json", input: file)
            #expect(sent.exit == 0, "\(sent.err)")
            #expect(try sent.json["status"].text == "settled")
            #expect(try sent.json["event"]["id"].text == id)
        }

        static let words =
            "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
        static let account = Address(known: "0x9858EfFD232B4033E47d90003D41EC34EcaEda94")

        /// Reads the pictures of QR codes in the sender's folder with a scanner, and runs `scan` on the text in the
        /// receiver's folder. A real machine shows the pictures again and again. Here they are shown in two rounds. In
        /// the first round, the scanner misses a quarter of them.
        private static func carry(
            _ pictures: String, in sender: Scratch, to receiver: Scratch, as name: String, by tool: String
        ) throws {
            let scanner = try #require(BuiltTool.installed("zbarimg"))
            let names = try FileManager.default.contentsOfDirectory(atPath: sender(pictures)).shuffled()
            let seen = names.dropFirst(names.count / 4) + names.shuffled()
            let read = try scanner.run(
                ["-q", "--nodbus", "-Sdisable", "-Sqrcode.enable"] + seen, in: sender(pictures))
            let scanned = try Tool.start(tool, ["scan", "-o", name], in: receiver.path, input: read.out).finish()
            try #require(scanned.exit == 0, "\(scanned.err)")
        }

        @Test(
            "a whole payment, and a whole request of a wallet, with nothing but codes between the two machines",
            .needs("zbarimg"))
        func lightAlone() async throws {
            let devnet = try EndToEnd.devnet()
            let (online, offline) = (try Scratch(), try Scratch())
            let native = "0x" + String(repeating: "0", count: 40)
            offline.file("key", String(devnet.payerKey.dropFirst(2)), mode: 0o600)
            offline.file("words", Self.words + "\n", mode: 0o600)
            offline.file("none", "\n", mode: 0o600)
            offline.file(
                "policy.json",
                """
                {"airlock":1,"kind":"policy","chains":{"\(devnet.chainID)":{"recipients":{"\(Self.account)":"Wallet",
                "\(devnet.merchant)":"Shop"},"currencies":{"\(native)":{"symbol":"ETH","decimals":"18","perPayment":"1"}},
                "maxNativeValue":"1000000000000000000","maxNetworkFee":"10000000000000000"}}}
                """, mode: 0o600)
            func run(_ tool: String, _ words: [String], input: String? = nil) throws -> Outcome {
                let folder = tool == "airlock" ? offline.path : online.path
                let outcome = try Tool.start(tool, words, in: folder, input: input).finish()
                try #require(outcome.exit == 0, "\(words): \(outcome.err)\(outcome.out)")
                return outcome
            }
            // The first part of the test makes a payment. Its recipient is the account that the wallet uses in the
            // second part.
            let payer = try Address(devnet.payer)
            _ = try run(
                "airlock-relay",
                [
                    "request", "transfer", "--chain", "\(devnet.chainID)", "--from", "\(payer)", "--to",
                    "\(Self.account)",
                    "--amount", "0.5eth", "--reference", "light", "-o", "transfer.json", "--qr-frames", "request",
                    "--qr-size", "61",
                ])
            _ = try run(
                "airlock-relay",
                ["prepare", "transfer.json", "--rpc", devnet.url, "-o", "conditions.json", "--qr-frames", "conditions"])
            try Self.carry("request", in: online, to: offline, as: "transfer.json", by: "airlock")
            try Self.carry("conditions", in: online, to: offline, as: "conditions.json", by: "airlock")
            _ = try run(
                "airlock",
                [
                    "sign", "transfer.json", "-c", "conditions.json", "-k", "key", "--policy", "policy.json", "--yes",
                    "--qr-frames", "payment", "--qr-size", "61",
                ])
            try Self.carry("payment", in: offline, to: online, as: "payment.json", by: "airlock-relay")
            let sent = try run("airlock-relay", ["send", "payment.json", "--rpc", devnet.url, "--json", "--yes"])
            #expect(try ["mined", "settled"].contains(sent.json["status"].text))

            // The second part of the test acts as a wallet. The wallet knows the account from the QR code of `airlock
            // account`. It requests a signature for a legacy transaction.
            let opening = ["-k", "words", "--passphrase-file", "none"]
            _ = try run("airlock", ["account"] + opening)
            let transaction = UnsignedTransaction(
                nonce: UInt64(try await devnet.nonce("\(Self.account)")), gas: 21_000,
                to: try Address("\(devnet.merchant)"), value: 1_000_000, data: [],
                form: .legacy(chainID: UInt64(devnet.chainID), gasPrice: 2_000_000_000))
            let path = CryptoKeypath(
                [(44, true), (60, true), (0, true), (0, false), (0, false)].map { .index($0.0, isHardened: $0.1) },
                sourceFingerprint: 0x73c5_da0a)
            let request = EthSignRequest(
                id: FixedBytes { UInt8($0) }, signData: transaction.encoded, dataType: .legacyTransaction,
                chainID: UInt64(devnet.chainID), path: path, origin: "metamask")
            online.file("request.ur", request.ur.text)
            _ = try run("airlock-relay", ["qr", "request.ur", "--qr-frames", "wallet", "--qr-size", "41"])
            try Self.carry("wallet", in: online, to: offline, as: "request.ur", by: "airlock")
            let signed = try run(
                "airlock", ["sign", "request.ur", "--policy", "policy.json", "--yes", "--qr"] + opening)
            let code = try #require(try Screen(drawingIn: signed.err).scanned())
            let answer = try EthSignature(UR(code.split(separator: "\n")[0]))
            #expect(answer.id == request.id)
            let v = answer.signature.dropFirst(64).reduce(0) { $0 << 8 | Int($1) }
            let signature = try Signature(
                r: #require(FixedBytes(Array(answer.signature[0..<32]))),
                s: #require(FixedBytes(Array(answer.signature[32..<64]))),
                yParity: #require(UInt8(exactly: v - 35 - 2 * devnet.chainID)))
            let raw = Hex.encode(try SignedTransaction(transaction, signature).raw)
            let mined = try run("airlock-relay", ["send", "-", "--rpc", devnet.url, "--json"], input: raw)
            #expect(try ["mined", "settled"].contains(mined.json["status"].text))
        }
    }
}
