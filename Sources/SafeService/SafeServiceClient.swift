internal import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockHTTP
public import AirlockSafes
internal import AirlockStrictJSON
internal import Glibc

/// A client for a Safe transaction service. It offers the API calls that an owner of a Safe needs. Its functions throw
/// an error if an answer of the service does not match the request that was sent.
///
///     let service = SafeServiceClient(HTTPClient(), base: HTTPURL(text), key: nil)
///     let answer = try await service.transaction(of: safe, nonce: 71)
///     let transaction = try answer.identify(on: .base)
///     try save(answer.bytes)
public struct SafeServiceClient: Sendable {
    /// The address of the service that Safe runs for a chain; `nil` if no service is known for the chain. The address
    /// does not include `/api/v…`.
    public static func defaultBase(on chain: Chain) -> String? {
        services[chain.id].map { "https://api.safe.global/tx-service/\($0)" }
    }

    private static let services: [UInt64: String] = [
        1: "eth", 10: "oeth", 100: "gno", 137: "pol", 8453: "base", 42161: "arb1", 84532: "basesep",
        11_155_111: "sep",
    ]

    /// The number of transactions on one page of the service's list of transactions.
    static let pageSize = 100
    /// The maximum size of a transaction that `airlock` reads, in bytes.
    static let largest = 1 << 20

    private let client: HTTPClient
    private let base: HTTPURL
    private let key: BearerKey?
    private let timeout: Duration?
    private let retry: RetryPolicy?

    /// Creates a client for one service.
    ///
    /// - Parameters:
    ///   - client: the HTTP client.
    ///   - base: the service's address, without `/api/v…`.
    ///   - key: the API key for every request; `nil` if the service needs no key.
    ///   - timeout: the timeout of each attempt.
    ///   - retry: the retry policy. If `nil`, a failed GET is repeated with exponential backoff, and a failed POST is
    ///     not repeated.
    public init(
        _ client: HTTPClient, base: HTTPURL, key: BearerKey?, timeout: Duration? = nil, retry: RetryPolicy? = nil
    ) {
        self.client = client
        self.base = base
        self.key = key
        self.timeout = timeout
        self.retry = retry
    }

    // MARK: Reading

    /// Fetches the transaction with this hash. Returns `nil` if the service does not know the transaction.
    public func transaction(_ hash: Hash, of safe: Address) async throws(SafeServiceError) -> ServiceTransaction? {
        guard let answer = try await get("/multisig-transactions/\(hash)/") else { return nil }
        let found = try read(answer.body, from: answer.url)
        try require(found, safe: safe, hash: hash, at: answer.url)
        return found
    }

    /// Fetches the transaction of the Safe with this nonce, whether it was executed or not. Throws if the service has
    /// no transaction or several transactions with this nonce. Of several transactions, the Safe can execute only one,
    /// and only the user knows which one is meant.
    public func transaction(of safe: Address, nonce: UInt64) async throws(SafeServiceError) -> ServiceTransaction {
        let page = try await list(of: safe, ["nonce=\(nonce)"])
        var problems: [Problem] = []
        for entry in page.entries where entry.nonce != nonce {
            problems.append(
                Problem(
                    SafeServiceRule.otherTransaction, at: "\(entry.value.pointer)/nonce", saw: "\(entry.nonce)",
                    expected: "\(nonce)"))
        }
        if !problems.isEmpty { throw SafeServiceError(problems) }
        if page.goesOn, page.entries.count < 2 { throw SafeServiceError(goesOn(page)) }
        return try only(page.entries, in: page, of: safe, expected: "a transaction with nonce \(nonce)")
    }

    /// Fetches the transaction that the Safe can still execute. Throws if there is no such transaction or more than
    /// one. Transactions with a nonce below the Safe's next nonce are ignored.
    ///
    /// - Parameters:
    ///   - safe: the Safe.
    ///   - first: the Safe's next nonce on the chain. If `nil`, the nonce after the highest nonce of an executed
    ///     transaction is used instead.
    public func pendingTransaction(
        of safe: Address, from first: UInt64? = nil
    ) async throws(SafeServiceError) -> ServiceTransaction {
        let page = try await list(of: safe, ["limit=\(Self.pageSize)"])
        let executed = page.entries.filter(\.isExecuted).map(\.nonce).max()
        // The service sorts the transactions by nonce in descending order. So after an executed transaction, the list
        // contains no transaction that can still be executed, and no further page is needed.
        let isSorted = zip(page.entries, page.entries.dropFirst()).allSatisfy { $0.nonce >= $1.nonce }
        let last = page.entries.last?.nonce ?? 0
        if page.goesOn, !isSorted || (executed == nil && first.map { last >= $0 } != false) {
            throw SafeServiceError(goesOn(page))
        }
        let waiting = page.entries.filter { entry in
            !entry.isExecuted && executed.map { entry.nonce > $0 } != false && first.map { entry.nonce >= $0 } != false
        }
        return try only(waiting, in: page, of: safe, expected: "one that is not executed")
    }

    private func goesOn(_ page: Page) -> Problem {
        Problem(
            SafeServiceRule.morePages, at: page.url.description, saw: "\(page.entries.count) transactions and more")
    }

    private func only(
        _ entries: [Entry], in page: Page, of safe: Address, expected: String
    ) throws(SafeServiceError) -> ServiceTransaction {
        guard let first = entries.first else {
            throw SafeServiceError(
                Problem(SafeServiceRule.noTransaction, at: page.url.description, expected: expected))
        }
        // Entries with equal bytes count as one transaction. Entries with the same hash but different fields are
        // refused.
        let bytes = page.bytes(of: first)
        guard entries.allSatisfy({ page.bytes(of: $0) == bytes }) else {
            throw SafeServiceError(
                entries.prefix(20).map { entry in
                    Problem(
                        SafeServiceRule.severalTransactions, at: entry.value.pointer,
                        saw: "nonce \(entry.nonce), \(entry.hash)\(entry.isExecuted ? ", executed" : "")",
                        expected: "one transaction")
                })
        }
        let found = try read(bytes, from: page.url, at: first.value.pointer)
        try require(found, safe: safe, hash: first.hash, at: page.url)
        return found
    }

    // MARK: Posting

    /// Sends a new transaction, which the service does not know yet, with the signature of an owner.
    public func propose(
        _ transaction: PossibleTransaction, by sender: Address, signature: [UInt8]
    ) async throws(SafeServiceError) {
        var members: [(String, JSONOutput)] = transaction.transaction.fields.map { name, value in
            // The service expects the operation as a number and all other fields as strings.
            (name, name == "operation" ? .number(value) : .string(value))
        }
        members += [
            ("contractTransactionHash", .string("\(transaction.hash)")), ("sender", .string("\(sender)")),
            ("signature", .string(Hex.encode(signature))),
        ]
        try await post(
            "/safes/\(transaction.safe)/multisig-transactions/", .object(members), versions: ["v2", "v1"])
    }

    /// Adds the signature of an owner to a transaction that the service already knows.
    public func confirm(_ hash: Hash, signature: [UInt8]) async throws(SafeServiceError) {
        try await post(
            "/multisig-transactions/\(hash)/confirmations/", ["signature": .string(Hex.encode(signature))],
            versions: ["v1", "v2"])
    }

    // MARK: The list

    /// An entry in the service's list of transactions, with the values by which the client chooses one entry.
    private struct Entry {
        let value: JSONValue
        let hash: Hash
        let nonce: UInt64
        let isExecuted: Bool
    }

    private struct Page {
        let body: [UInt8]
        let url: HTTPURL
        let entries: [Entry]
        let goesOn: Bool

        func bytes(of entry: Entry) -> [UInt8] { Array(body[entry.value.byteRange]) }
    }

    private func list(of safe: Address, _ query: [String]) async throws(SafeServiceError) -> Page {
        guard let answer = try await get("/safes/\(safe)/multisig-transactions/", query) else {
            throw SafeServiceError(Problem(SafeServiceRule.noTransaction, at: base.description, saw: "status 404"))
        }
        let root: JSONValue
        do throws(JSONError) { root = try JSONDocument(answer.body).root } catch {
            throw SafeServiceError(malformed: error.problems, at: answer.url)
        }
        var reader = ObjectReader(root)
        let next = reader.optionalString("next")
        let entries = reader.objects("results") { reader -> (Hash, UInt64, Bool)? in
            let hash = reader.string("safeTxHash") { try Hash(hex: $0) }
            let own = reader.string("safe") { try Address($0) }
            let nonce = Self.nonce(&reader)
            let isExecuted = reader.optionalBoolean("isExecuted") ?? false
            if let own, own != safe {
                reader.record([
                    Problem(
                        SafeServiceRule.otherTransaction, at: reader.pointer(to: "safe"), saw: "\(own)",
                        expected: "\(safe)")
                ])
            }
            guard let hash, let nonce else { return nil }
            return (hash, nonce, isExecuted)
        }
        guard let entries, reader.problems.isEmpty else { throw refusal(reader.problems, at: answer.url) }
        let values = root["results"]?.elements ?? []
        return Page(
            body: answer.body, url: answer.url,
            entries: zip(values, entries).map { Entry(value: $0, hash: $1.0, nonce: $1.1, isExecuted: $1.2) },
            goesOn: next != nil)
    }

    /// Returns the error for an answer that has problems. If the answer is well-formed but contains transactions that
    /// were not requested, the error reports those transactions. In all other cases, the error reports a malformed
    /// answer.
    private func refusal(_ problems: [Problem], at url: HTTPURL) -> SafeServiceError {
        let isReadable = problems.allSatisfy { $0.rule as? SafeServiceRule == .otherTransaction }
        return isReadable && !problems.isEmpty
            ? SafeServiceError(problems) : SafeServiceError(malformed: problems, at: url)
    }

    /// Reads a nonce, which is a number in version 1 of the API and a string in version 2.
    private static func nonce(_ reader: inout ObjectReader) -> UInt64? {
        guard let value = reader.value("nonce") else { return nil }
        guard let text = value.string ?? value.number, let nonce = UInt64(text), "\(nonce)" == text else {
            reader.record([
                Problem(JSONRule.wrongType, at: value.pointer, saw: value.text, expected: "a nonce in digits")
            ])
            return nil
        }
        return nonce
    }

    private func read(
        _ bytes: [UInt8], from url: HTTPURL, at pointer: String = ""
    ) throws(SafeServiceError) -> ServiceTransaction {
        guard bytes.count <= Self.largest else {
            throw SafeServiceError(
                Problem(
                    SafeServiceRule.badAnswer, at: url.description, saw: "a transaction of \(bytes.count) bytes",
                    expected: "at most \(Self.largest) bytes"))
        }
        do throws(ProblemList) { return try ServiceTransaction(bytes) } catch {
            throw SafeServiceError(
                malformed: error.problems.map { $0.at(pointer + ($0.field ?? "")) }, at: url)
        }
    }

    private func require(
        _ found: ServiceTransaction, safe: Address, hash: Hash, at url: HTTPURL
    ) throws(SafeServiceError) {
        var problems: [Problem] = []
        if found.request.safe != safe {
            let saw = found.request.safe.map { "\($0)" }
            problems.append(Problem(SafeServiceRule.otherTransaction, at: "/safe", saw: saw, expected: "\(safe)"))
        }
        if found.hash != hash {
            problems.append(
                Problem(
                    SafeServiceRule.otherTransaction, at: "/safeTxHash", saw: "\(found.hash)", expected: "\(hash)"))
        }
        if !problems.isEmpty { throw SafeServiceError(problems) }
    }

    // MARK: Requests

    /// Sends a GET request and returns the body of the answer. Returns `nil` if every version of the API answers with
    /// 404.
    private func get(
        _ path: String, _ query: [String] = []
    ) async throws(SafeServiceError) -> (body: [UInt8], url: HTTPURL)? {
        for version in ["v2", "v1"] {
            do throws(SafeServiceError) {
                return try await send(.get, "/api/\(version)\(path)", query, retry: .backoff)
            } catch {
                guard error.status == 404 else { throw error }
            }
        }
        return nil
    }

    /// Sends a POST request to the versions of the API in order, until one of them does not answer with 404.
    private func post(_ path: String, _ body: JSONOutput, versions: [String]) async throws(SafeServiceError) {
        for version in versions {
            do throws(SafeServiceError) {
                _ = try await send(.post(body.bytes), "/api/\(version)\(path)", [], retry: .never)
                return
            } catch {
                guard error.status == 404, version != versions.last else { throw error }
            }
        }
    }

    private func send(
        _ method: HTTPRequest.Method, _ path: String, _ query: [String], retry usual: RetryPolicy
    ) async throws(SafeServiceError) -> (body: [UInt8], url: HTTPURL) {
        let isPost = if case .post = method { true } else { false }
        var headers = [key?.header].compactMap(\.self)
        if isPost { headers.append(.contentIsJSON) }
        let request: HTTPRequest
        let response: HTTPResponse
        do throws(HTTPError) {
            var whole = HTTPRequest(
                method, try base.appending(path, query: query), headers: headers, timeout: timeout)
            whole.retry = retry ?? usual
            whole.isSentOnce = isPost
            request = whole
            response = try await client.send(whole)
        } catch { throw SafeServiceError(error) }
        guard 200..<300 ~= response.status else {
            // The service's error message can repeat secrets from the base address or the headers, so these are removed
            // from it. The path and the query of the request contain no secrets, so they can stay in the message.
            let secrets = HTTPRequest(.get, base, headers: headers)
            throw SafeServiceError(
                response, to: request, withoutSecrets: secrets.withoutSecrets, now: time(nil))
        }
        return (response.body, request.url)
    }
}
