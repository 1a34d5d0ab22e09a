import Testing

@Suite("What does not compile")
struct CompileFailTests {
    private let compiler: Compiler

    init() throws { compiler = try Compiler() }

    /// The modules that a snippet can import without access to the function that signs a hash with a key. Only the
    /// module `SecretKeys` has this function.
    private static let tool = [
        "Charges", "Diagnostics", "EthereumTypes", "Keys", "PaymentFiles", "Requests", "Signing", "Transactions",
    ]
    private static let all = tool + ["SecretKeys"]

    /// Returns the source of a function that contains only this line of Swift code. The function has a parameter for
    /// each type of value that the line can use.
    private static func function(_ line: String, _ number: Int, imports: [String]) -> String {
        """
        func snippet\(number)(
            contents: UnverifiedCharge, charge: Charge, call: PaymentCall, requested: Call, request: PaymentRequest, review: Review,
            reviewed: ReviewedPayment, consented: ConsentedPayment, message: ReviewedMessage, blind: BlindSigning,
            consentedBlind: ConsentedBlindSigning, unsigned: UnsignedTransaction, file: borrowing KeyFile,
            ledger: LedgerFile, hash: Hash, zero: Address, now: Timestamp
            \(imports.contains("SecretKeys") ? ", key: borrowing SecretKey" : "")
        ) throws {
        \(line)
        }

        """
    }

    private static func functions(_ lines: [String], imports: [String]) -> String {
        lines.enumerated().map { function($1, $0, imports: imports) }.joined()
    }

    /// Checks that the compiler refuses each line with the expected error, and that it reports no other error.
    private func check(_ snippets: [Snippet], imports: [String], _ body: String, _ depth: Compiler.Depth) throws {
        let source = imports.map { "import Airlock\($0)\n" }.joined() + body
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        let verdict = try compiler.verdict(on: source, depth)
        #expect(verdict.exit != 0)
        for snippet in snippets {
            let number = try #require(lines.firstIndex { $0 == snippet.line }) + 1
            let errors = verdict.errors[number] ?? []
            #expect(errors.contains { $0.contains(snippet.error) }, "\(snippet.line)\n\(errors)")
        }
        let others = verdict.errors.keys.filter { number in !snippets.contains { $0.line == lines[number - 1] } }
        #expect(others.isEmpty, "\(verdict.output)")
    }

    @Test("is a way around the proof that the operator signed")
    func unproved() throws {
        let body = Self.functions(Snippet.unproved.map(\.line), imports: Self.all)
        try check(Snippet.unproved, imports: Self.all, body, .types)
    }

    @Test("is a way around the review, or around somebody's consent to it")
    func unreviewed() throws {
        let body = Self.functions(Snippet.unreviewed.map(\.line), imports: Self.all)
        try check(Snippet.unreviewed, imports: Self.all, body, .types)
    }

    @Test("is a signature by a key, or a look at it, for whoever knows no more than the tool does")
    func keys() throws {
        let body = Self.functions(Snippet.keys.map(\.line), imports: Self.tool)
        try check(Snippet.keys, imports: Self.tool, body, .types)
    }

    @Test("is an initialiser of one's own for what others prove")
    func made() throws {
        let body = Snippet.made.map(\.line).joined(separator: "\n")
        try check(Snippet.made, imports: Self.all, body, .types)
    }

    @Test("is consent made of nothing, or a second owner of a key")
    func owned() throws {
        let body = Snippet.owned.map(\.line).joined(separator: "\n")
        try check(Snippet.owned, imports: Self.all, body, .ownership)
    }

    @Test("is not the way through, which does", arguments: [Compiler.Depth.types, .ownership])
    func control(depth: Compiler.Depth) throws {
        let lines = [
            "_ = try Charge(verifying: contents)",
            "_ = try PaymentCall(paying: charge, by: .transferNative, value: nil, poolFee: nil, wrappedNative: nil)",
            "_ = Review(request).payment",
            "_ = try ConsentedPayment.typed(\"sign\", for: reviewed).sign(with: key, recordingIn: ledger)",
            "_ = try ConsentedMessage.typed(\"sign\", for: message).sign(with: key, recordingIn: ledger).signature",
            "_ = try consented.sign(with: file.secret, recordingIn: ledger).transactions",
            "_ = try ConsentedBlindSigning.typed(\"sign\", for: blind).sign(with: key, recordingIn: ledger)",
            "_ = try key.sign(unsigned.signingHash)",
        ]
        let source = Self.all.map { "import Airlock\($0)\n" }.joined() + Self.functions(lines, imports: Self.all)
        let verdict = try compiler.verdict(on: source, depth)
        #expect(verdict.exit == 0)
        #expect(verdict.output.isEmpty, "\(verdict.output)")
    }
}
