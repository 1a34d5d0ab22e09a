import AirlockEthereumTypes
import AirlockStrictJSON
import AirlockToolSupport
import Foundation
import Testing

extension Workspace {
    /// Writes the lines of the batch to a file, and uses this file as the standard input of the tool. A pipe is not
    /// used, because it could not hold all lines.
    fileprivate func give(_ lines: [String]) {
        write("lines.jsonl", lines.joined(separator: "\n") + "\n")
        input = .file(path("lines.jsonl"))
    }
}

/// Tests of `sign --lines -c`. With these options, one conditions file applies to all lines of the batch.
@Suite("A payroll that is signed under one conditions file")
struct SharedConditionsTests {
    private static let shop = SamplePayment().recipient
    private static let usdc = SamplePayment.usdc

    /// Returns a line of a batch with a transfer in native currency or in a token.
    private static func line(
        _ number: Int, token: Address? = nil, amount: String = "1000", to: Address = shop, more: String = ""
    ) -> String {
        let token = token.map { "\"token\":\"\($0)\"," } ?? ""
        return """
            {"request":{"airlock":1,"kind":"transfer","chainId":"8453","from":"\(SamplePayment.payer)","to":"\(to)",\
            \(token)"amount":"\(amount)","reference":"salary \(number)"}\(more)}
            """
    }

    private static func conditions(
        nonce: String = "7", native: String = "50000000000000000", tokens: String? = nil
    ) -> String {
        let usdc = """
            {"address":"\(usdc)","symbol":"USDC","decimals":"6","balance":"5000000","gas":"62000"}
            """
        return """
            {"airlock":1,"kind":"conditions","chainId":"8453","sender":"\(SamplePayment.payer)","nonce":"\(nonce)",\
            "gas":"25200","maxFeePerGas":"30000000","maxPriorityFeePerGas":"1000000","block":{"number":"43000000",\
            "hash":"0x\(String(repeating: "ab", count: 32))","timestamp":"1773131359"},"nativeBalance":"\(native)",\
            "tokens":\(tokens ?? "[\(usdc)]")}
            """
    }

    private static func workspace(_ lines: [String], _ conditions: String = conditions()) throws -> Workspace {
        let workspace = try Workspace()
        workspace.operands = []
        workspace.drop("--yes")
        workspace.set("--lines")
        workspace.write("conditions.json", conditions)
        workspace.give(lines)
        return workspace
    }

    /// Returns one text for each answer: the nonce and the gas limit of the signed transaction, or the error code and
    /// the field of the refusal.
    private static func said(_ outcome: Outcome) throws -> [String] {
        try outcome.out.split(separator: "\n").map { text in
            let answer = try JSONDocument(Array(text.utf8)).root
            guard let raw = answer["raw"]?.string else {
                let error = answer["error"]
                let file = error?["file"]?.string.map { "\($0)#" } ?? ""
                return "\(error?["code"]?.string ?? "none") \(file)\(error?["field"]?.string ?? "")"
            }
            let shown = try document(BuiltTool("airlock").run(["inspect", raw, "--json"], in: "/").out)
            return "\(shown["nonce"]?.string ?? "none") \(shown["gas"]?.string ?? "none")"
        }
    }

    @Test("counts the nonces up, without a gap after a refused line, and takes each currency's gas")
    func nonces() throws {
        let lines = [
            Self.line(1), Self.line(2, token: Self.usdc), "{",
            Self.line(3, to: SamplePayment.operator), Self.line(4, token: SamplePayment.wrappedNative),
            Self.line(5, token: Self.usdc, amount: "5000000"), Self.line(6),
            Self.line(7, more: ",\"conditions\":{\"chainId\":\"8453\",\"sender\":\"\(SamplePayment.payer)\"}"),
            Self.line(6), Self.line(8, token: Self.usdc, amount: "4999000"), Self.line(9),
        ]
        let workspace = try Self.workspace(lines)
        let outcome = try workspace.run()
        #expect(outcome.exit == 10)
        #expect(
            try Self.said(outcome) == [
                "7 25200", "8 62000", "json.unfinished ", "policy.recipient-not-listed /request/to",
                "sign.missing-value conditions.json#/gas",
                // This line must be refused, because line 2 has already spent a part of the token balance.
                "money.token-balance-too-low conditions.json#/tokens/0/balance", "9 25200",
                "request.two-conditions /conditions",
                // This line contains the same request as line 7.
                "ledger.signed-with-other-nonce /request/reference", "10 62000", "11 25200",
            ])
        #expect(workspace.entries.count == 5)
        // If the same batch is signed again, the tool outputs the same bytes, and the ledger gets no new entry.
        #expect(try workspace.run().out == outcome.out)
        #expect(workspace.entries.count == 5)
    }

    @Test("names the member of the conditions that is wrong, as their file has it")
    func places() throws {
        func token(_ address: Address, _ decimals: String, _ balance: String, _ gas: String) -> String {
            """
            {"address":"\(address)","symbol":"USDC","decimals":"\(decimals)","balance":"\(balance)","gas":"\(gas)"}
            """
        }
        let first = token(SamplePayment.wrappedNative, "18", "1", "62000")
        let wrong = [
            (token(Self.usdc, "6", "999", "62000"), "money.token-balance-too-low", "balance"),
            (token(Self.usdc, "18", "1000", "62000"), "conditions.other-decimals", "decimals"),
            (token(Self.usdc, "6", "1000", "20000"), "transaction.gas-below-intrinsic", "gas"),
        ]
        for (second, code, member) in wrong {
            let conditions = Self.conditions(tokens: "[\(first),\(second)]")
            let workspace = try Self.workspace([Self.line(1, token: Self.usdc), Self.line(2)], conditions)
            #expect(try Self.said(workspace.run()) == ["\(code) conditions.json#/tokens/1/\(member)", "7 25200"])
            // If the same transfer is signed outside a batch, the tool reports the same error code, file and JSON
            // pointer.
            workspace.drop("--lines")
            workspace.set("--json")
            workspace.write("transfer.json", String(Self.line(1, token: Self.usdc).dropFirst(11).dropLast()))
            workspace.operands = ["transfer.json"]
            let error = try JSONDocument(Array(workspace.run().out.utf8)).root["error"]
            #expect(error?["code"]?.string == code && error?["field"]?.string == "/tokens/1/\(member)")
            #expect(error?["file"]?.string == "conditions.json")
        }
    }

    @Test("shows one code over all payments, and none where nothing is signed")
    func code() throws {
        func code(_ lines: [String]) throws -> Substring? {
            try Self.workspace(lines).run().err
                .wholeMatch(of: /airlock: signed 2 payments, code over all ([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})\n/)?.1
        }
        let first = try #require(try code([Self.line(1), "{", Self.line(2)]))
        #expect(try code([Self.line(1), Self.line(2)]) == first)
        // A signed transaction does not contain the reference of its request. If the two lines differed only in the
        // reference, their order would not change the transactions or the comparison code. Therefore the second line
        // also has another amount.
        let more = Self.line(2, amount: "1001")
        for others in [[Self.line(1), more], [more, Self.line(1)]] {
            let other = try #require(try code(others))
            #expect(other != first)
        }
        #expect(try Self.workspace(["{"]).run().err.isEmpty)
        // If the input has no lines, there is no answer. So a note says that nothing was signed.
        let empty = try Self.workspace([])
        empty.write("lines.jsonl", "")
        let nothing = try empty.run()
        #expect(nothing.exit == 0 && nothing.out.isEmpty && nothing.err == "airlock: signed 0 payments\n")
    }

    @Test("adds up what the lines before spend of the native balance, fees included")
    func sum() throws {
        // Each line costs 756000000000 wei in fees: 25200 gas at 30000000 wei.
        let lines = (1...4).map { Self.line($0) }
        let outcome = try Self.workspace(lines, Self.conditions(native: "\(3 * 756_000_001_000)", tokens: "[]")).run()
        #expect(
            try Self.said(outcome) == [
                "7 25200", "8 25200", "9 25200", "money.native-balance-too-low conditions.json#/nativeBalance",
            ])
    }

    @Test("counts what the lines before spend in the cap of a day, over chunks of the input too")
    func cap() throws {
        let workspace = try Self.workspace((1...600).map { Self.line($0, token: Self.usdc, amount: "1000") })
        try workspace.edit(
            "policy.json", "\"decimals\":\"6\",\"perPayment\":\"100\"",
            """
            "decimals":"6","perPayment":"100","perDay":"0.55"
            """)
        let lines = try workspace.run().out.split(separator: "\n")
        #expect(lines.count == 600 && lines.prefix(550).allSatisfy { $0.hasPrefix("{\"ok\":true,") })
        #expect(lines.dropFirst(550).allSatisfy { $0.contains("\"code\":\"policy.over-day-cap\"") })
        let raw = try #require(document(String(lines[549]))["raw"]?.string)
        let shown = try document(BuiltTool("airlock").run(["inspect", raw, "--json"], in: "/").out)
        #expect(shown["nonce"]?.string == "556")
    }

    @Test("pays each line once where it was cut off before and is run again, and gives a new line the next nonce")
    func cutOff() throws {
        let lines = (1...5).map { Self.line($0) }
        let whole = try Self.workspace(lines).run()
        let workspace = try Self.workspace(Array(lines.prefix(3)))
        #expect(try workspace.run().out == whole.out.split(separator: "\n").prefix(3).map { "\($0)\n" }.joined())
        workspace.write("lines.jsonl", (lines + [Self.line(6)]).joined(separator: "\n") + "\n")
        let again = try workspace.run()
        #expect(again.out.hasPrefix(whole.out) && again.exit == 0)
        #expect(try Self.said(again).last == "12 25200")
        #expect(workspace.entries.count == 6)
        // If signed lines are removed from the batch, the other signed lines keep their nonces.
        workspace.write(
            "lines.jsonl", (lines.dropFirst(2) + [Self.line(6), Self.line(7)]).joined(separator: "\n") + "\n")
        #expect(try Self.said(workspace.run()) == ["9 25200", "10 25200", "11 25200", "12 25200", "13 25200"])
        // The new conditions file begins with nonce 14. The first line was already signed with another nonce, so it is
        // refused. The second line is new, so it gets nonce 14.
        workspace.write("conditions.json", Self.conditions(nonce: "14"))
        workspace.write("lines.jsonl", [lines[0], Self.line(8)].joined(separator: "\n") + "\n")
        #expect(
            try Self.said(workspace.run()) == ["ledger.signed-with-other-nonce /request/reference", "14 25200"])
    }

    @Test(
        "refuses a corrected line whose nonce a later line got, until it is signed alone; the others keep their bytes")
    func resumed() throws {
        func tokens(_ balance: String) -> String {
            """
            [{"address":"\(Self.usdc)","symbol":"USDC","decimals":"6","balance":"\(balance)","gas":"62000"}]
            """
        }
        let lines = [
            Self.line(1), Self.line(2, token: Self.usdc), Self.line(3), Self.line(4, token: Self.usdc, amount: "5000"),
            Self.line(5),
        ]
        let workspace = try Self.workspace(lines, Self.conditions(tokens: tokens("5999")))
        let first = try workspace.run()
        let low = "money.token-balance-too-low conditions.json#/tokens/0/balance"
        #expect(try Self.said(first) == ["7 25200", "8 62000", "9 25200", low, "10 25200"])
        // The refused line is refused again for the same reason, and the output for the other lines is unchanged, byte
        // for byte.
        #expect(try workspace.run().out == first.out)
        workspace.write("conditions.json", Self.conditions(tokens: tokens("6000")))
        let second = try workspace.run()
        let used = "ledger.nonce-already-signed conditions.json#/nonce"
        #expect(try Self.said(second) == ["7 25200", "8 62000", "9 25200", used, "10 25200"])
        let (before, after) = (first.out.split(separator: "\n"), second.out.split(separator: "\n"))
        for index in [0, 1, 2, 4] { #expect(before[index] == after[index]) }
        // The corrected line is first signed alone and gets the next nonce. When it is signed with the others, it keeps
        // this nonce.
        workspace.write("conditions.json", Self.conditions(nonce: "11", tokens: tokens("6000")))
        workspace.give([lines[3]])
        #expect(try Self.said(workspace.run()) == ["11 62000"])
        workspace.write("conditions.json", Self.conditions(tokens: tokens("6000")))
        workspace.give([Self.line(6)] + lines.reversed() + [Self.line(7)])
        #expect(
            try Self.said(workspace.run()) == [
                used, "10 25200", "11 62000", "9 25200", "8 62000", "7 25200", "12 25200",
            ])
        #expect(workspace.entries.count == 6)
    }

    @Test("gives no line a nonce that the ledger has for a payment of another payroll, and steps over none")
    func usedBefore() throws {
        let workspace = try Self.workspace([Self.line(1), Self.line(2)], Self.conditions(nonce: "8"))
        #expect(try Self.said(workspace.run()) == ["8 25200", "9 25200"])
        workspace.write("conditions.json", Self.conditions())
        workspace.give((3...5).map { Self.line($0) })
        let used = "ledger.nonce-already-signed conditions.json#/nonce"
        #expect(try Self.said(workspace.run()) == ["7 25200", used, used])
    }

    @Test("pays each line once where it is killed in the middle and run again", .needsTracer)
    func killed() throws {
        let strace = try #require(BuiltTool.tracer)
        let lines = (1...700).map { Self.line($0) }
        let whole = try Self.workspace(lines).run()
        #expect(whole.exit == 0)
        var recorded: Set<Int> = []
        // The tool signs the lines in chunks. It writes the entries of a chunk to the ledger, flushes the ledger to
        // disk, and only then outputs the signed lines of the chunk. The process is killed at one of these steps. The
        // first fsync is that of the ledger's folder.
        for (name, number) in [("write", 2), ("write", 3), ("fsync", 1), ("fsync", 2), ("fsync", 3)] {
            let workspace = try Self.workspace(lines)
            let killed = try strace.run(
                [
                    "-f", "-qq", "-e", "signal=none", "-o", "/dev/null", "-e",
                    "inject=\(name):signal=KILL:when=\(number)", BuiltTool("airlock").path,
                ] + workspace.words, in: workspace.path("."), input: workspace.input, environment: workspace.environment
            )
            #expect(killed.exit == -SIGKILL, "\(name) \(number)")
            #expect(whole.out.hasPrefix(killed.out))
            recorded.insert(workspace.entries.count)
            let again = try workspace.run()
            #expect(again.out == whole.out && again.exit == 0, "\(name) \(number)")
            #expect(workspace.entries.count == 700)
        }
        // The processes were killed at different points, so they did not all leave the same number of ledger entries.
        #expect(recorded.count > 1)
    }

    @Test("gives the same bytes on one core as on all", .needs("taskset"))
    func cores() throws {
        let taskset = try #require(BuiltTool.installed("taskset"))
        let lines = (1...300).map { $0 % 7 == 0 ? "{}" : Self.line($0, token: $0 % 3 == 0 ? Self.usdc : nil) }
        let (all, one) = (try Self.workspace(lines), try Self.workspace(lines))
        let outcome = try all.run()
        let single = try taskset.run(
            ["-c", "0", BuiltTool("airlock").path] + one.words, in: one.path("."), input: one.input,
            environment: one.environment)
        #expect(single.out == outcome.out && single.exit == 10)
    }

    @Test("needs conditions with a nonce and fees, of its payer, and measured for its tokens")
    func refused() throws {
        let workspace = try Self.workspace([Self.line(1)])
        for name in ["nonce", "maxFeePerGas"] {
            workspace.write(
                "conditions.json",
                Self.conditions().replacing("\"\(name)\":", with: "\"approveGas\":")
                    .replacing(",\"tokens\":[", with: ",\"x\":["))
            #expect(try workspace.run().exit == 65)
        }
        workspace.write("conditions.json", Self.conditions().replacing("\"nonce\":\"7\",", with: ""))
        let outcome = try workspace.run()
        #expect(outcome.exit == 64 && outcome.err.contains("conditions.json#/nonce"))
        // This conditions file has no list of tokens. So it contains no gas limit for the token of the first line.
        let ordinary = Self.conditions().replacing("\"tokens\":[", with: "\"x\":[").split(separator: ",\"x\":")[0] + "}"
        workspace.write("conditions.json", String(ordinary))
        workspace.write("lines.jsonl", Self.line(1, token: Self.usdc) + "\n" + Self.line(2) + "\n")
        #expect(try Self.said(workspace.run()) == ["sign.missing-value conditions.json#/tokens", "7 25200"])
        workspace.set("-c", "-")
        #expect(try workspace.run().exit == 64)
        workspace.set("-c", "policy.json")
        #expect(try workspace.run().exit == 65)
        // A payment that is signed outside a batch uses the gas limit that was measured for its token.
        let single = try Self.workspace([])
        single.drop("--lines")
        single.set("--yes")
        single.set("--json")
        single.write("transfer.json", String(Self.line(1, token: Self.usdc).dropFirst(11).dropLast()))
        single.operands = ["transfer.json"]
        let raw = try #require(document(single.run().out)["payment"]?["transactions"]?[0]?["raw"]?.string)
        let shown = try document(BuiltTool("airlock").run(["inspect", raw, "--json"], in: "/").out)
        #expect(shown["gas"]?.string == "62000")
    }
}
