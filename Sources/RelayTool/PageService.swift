import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockJSONRPC
import AirlockRequestKinds
import AirlockRequests
import AirlockStrictJSON
import AirlockWeb
import Synchronization

/// The HTTP API of the web page, and the metrics (docs/api.md). It reads the journal over a separate connection, so a
/// slow query never delays the sending of a payment.
final class PageService: Sendable {
    /// The maximum number of payments in one HTTP response.
    private static let longestPage = 200
    private static let longestRange = 366

    /// The journal, opened read-only, for the queries of the web page.
    private let reader: SQLJournal
    /// The journal, opened for reading and writing. A payment from the web page is recorded here before it is sent. The
    /// part of the service that sends payments uses the same connection to the journal.
    private let journal: any PaymentJournal
    private let requests: ServiceRequests
    private let monitor: NodeMonitor
    private let owner: String
    private let figures = Cached<JournalFigures>(), traffic = Cached<JournalTraffic>()
    private let charts = Mutex<[Int: Cached<String>]>([:])

    init(
        reading reader: SQLJournal, _ journal: any PaymentJournal, _ requests: ServiceRequests, _ monitor: NodeMonitor
    ) {
        (self.reader, self.journal, self.requests, self.monitor) = (reader, journal, requests, monitor)
        owner = journal.owner
    }

    /// Returns the routes of the API.
    func routes(hasMetrics: Bool) -> [WebRoute] {
        let filters: Set = ["state", "chain", "q", "before", "limit"]
        var routes = [
            get("/api/state") { try await $0.state() },
            get("/api/payments", query: filters) { try await $0.payments($1) },
            get("/api/payments/*") { try await $0.payment($1) },
            get("/api/charts", query: ["days"]) { try await $0.days($1) },
            WebRoute(.get, "/api/events") { _ in WebResponse(WebStream()) },
            post("/api/inspect") { try await $0.inspect($1) },
            post("/api/send") { try await $0.send($1) },
            post("/api/payments/*/resume") { try await $0.resume($1) },
            post("/api/payments/*/cancel") { try await $0.cancel($1) },
        ]
        if hasMetrics {
            routes.append(
                WebRoute(.get, "/metrics") { [self] _ in
                    do {
                        return try await WebResponse(type: "text/plain; version=0.0.4; charset=utf-8", metrics())
                    } catch {
                        return Self.refusal(error)
                    }
                })
        }
        return routes
    }

    private typealias Answer = @Sendable (PageService, WebRequest) async throws -> WebResponse

    private func get(_ path: String, query: Set<String> = [], _ answer: @escaping Answer) -> WebRoute {
        WebRoute(.get, path, query: query) { [self] request in
            do { return try await answer(self, request) } catch { return Self.refusal(error) }
        }
    }

    private func get(_ path: String, _ answer: @escaping @Sendable (PageService) async throws -> WebResponse)
        -> WebRoute
    {
        get(path) { service, _ in try await answer(service) }
    }

    private func post(_ path: String, _ answer: @escaping Answer) -> WebRoute {
        WebRoute(.post, path, longestBody: InputFile.usualLimit) { [self] request in
            do { return try await answer(self, request) } catch { return Self.refusal(error) }
        }
    }

    private static func json(_ members: PageJSON.Members, status: UInt32 = 200) -> WebResponse {
        WebResponse(status: status, type: "application/json", JSONOutput.object(members).bytes)
    }

    /// Makes the JSON document with which the API reports problems.
    static func document(_ problems: [Problem]) -> [UInt8] {
        JSONOutput.object([("problems", PageJSON.problems(problems))]).bytes
    }

    private static func refusal(_ error: any Error) -> WebResponse {
        let problems = (error as? any RuleBroken)?.problems ?? [Problem(InternalRule.unexpected)]
        let status: UInt32 =
            switch problems.first?.rule {
            case let rule as PageRule: rule.status
            case let rule as JournalRule: rule == .unknownPayment ? 404 : 503
            case is InternalRule: 500
            default: 400
            }
        return WebResponse(status: status, type: "application/json", document(problems))
    }

    // MARK: Reading

    private func state() async throws -> WebResponse {
        let figures = try await figures.value { try await self.reader.figures() }
        let counts = PaymentState.allCases.map { ($0.rawValue, JSONOutput.number("\(figures.counts[$0] ?? 0)")) }
        let nodes = monitor.nodes.sorted { $0.key < $1.key }
        let chains = Set(nodes.compactMap(\.value.chain)).union(figures.oldestOpen.keys).sorted { $0.id < $1.id }
        return Self.json([
            ("airlock", 1), ("version", .string(Release.version)), ("journal", .string(reader.place)),
            ("counts", .object(counts)), ("open", .number("\(figures.open)")), ("now", .string("\(RelayOptions.now)")),
            (
                "chains",
                .array(
                    chains.map { chain in
                        var members: PageJSON.Members = [
                            ("chainId", .string("\(chain.id)")), ("name", .string(PageJSON.name(of: chain))),
                        ]
                        if let since = figures.oldestOpen[chain] { members.append(("oldestOpen", .string("\(since)"))) }
                        return .object(members)
                    })
            ),
            ("nodes", .array(nodes.map { Self.json(of: $0.key, $0.value) })),
            ("relays", .array(figures.leases.map { json(of: $0) })),
        ])
    }

    private static func json(of node: String, _ health: NodeMonitor.Health) -> JSONOutput {
        var members: PageJSON.Members = [("node", .string(node))]
        if let chain = health.chain { members.append(("chainId", .string("\(chain.id)"))) }
        members.append(("ok", .boolean(health.complaint == nil)))
        if let said = health.complaint { members.append(("said", .string(said))) }
        if let seconds = health.seconds { members.append(("seconds", .number("\((seconds * 1000).rounded() / 1000)"))) }
        members.append(("at", .string("\(health.at)")))
        return .object(members)
    }

    private func json(of lease: JournalFigures.Lease) -> JSONOutput {
        var members: PageJSON.Members = [
            ("owner", .string(lease.owner)), ("chainId", .string(lease.chainID)), ("from", .string(lease.sender)),
        ]
        if let until = lease.until { members.append(("until", .string("\(until)"))) }
        members.append(("isThis", .boolean(lease.owner == owner)))
        return .object(members)
    }

    private func payments(_ request: WebRequest) async throws -> WebResponse {
        var (filter, problems): (JournalFilter, [Problem]) = (JournalFilter(), [])
        func value<Value>(_ name: String, _ expected: String, _ read: (String) -> Value?) -> Value? {
            guard let text = request.query[name] else { return nil }
            let value = read(text)
            if value == nil { problems.append(Problem(PageRule.parameter, at: name, saw: text, expected: expected)) }
            return value
        }
        let states = PaymentState.allCases.map(\.rawValue).joined(separator: ", ")
        if let state = value("state", "one of \(states)", PaymentState.init(rawValue:)) { filter.states = [state] }
        filter.chain = value("chain", "a chain id") { try? Chain(decimal: $0) }
        filter.text = value("q", "1 to 100 characters") { 1...100 ~= $0.utf8.count ? $0 : nil }
        let before = value("before", "a payment's id") { Self.number($0) }
        let limit = value("limit", "1 to \(Self.longestPage)") { text in
            Int(text).flatMap { 1...Self.longestPage ~= $0 ? $0 : nil }
        }
        if let all = ProblemList(problems) { throw all }
        let size = limit ?? 50
        let found = try await reader.page(filter, before: before, of: size + 1)
        let fees = try await reader.fees(of: found.map(\.id))
        let shown = found.prefix(size)
        var members: PageJSON.Members = [
            ("payments", .array(shown.map { .object(PageJSON.members(of: $0, fee: fees[$0.id])) }))
        ]
        if found.count > size, let last = shown.last { members.append(("next", .string("\(last.id)"))) }
        return Self.json(members)
    }

    private static func number(_ text: String) -> Int64? { Int64(text).flatMap { $0 > 0 ? $0 : nil } }

    private func known(_ request: WebRequest) async throws -> JournalPayment {
        let text = request.parameters.first ?? ""
        guard let number = Self.number(text), number < .max,
            let payment = try await reader.page(JournalFilter(), before: number + 1, of: 1).first, payment.id == number
        else { throw Problem(JournalRule.unknownPayment, at: reader.place, saw: text) }
        return payment
    }

    private func payment(_ request: WebRequest) async throws -> WebResponse {
        let payment = try await known(request)
        let fee = try await reader.fees(of: [payment.id])[payment.id]
        var members = PageJSON.members(of: payment, fee: fee)
        if let summary = payment.summary { members.append(("sentence", .string("pays \(summary.text)"))) }
        members.append(("steps", PageJSON.steps(of: payment)))
        var moments = try await reader.timeline(of: payment.id).map { (at: $0.at, json: PageJSON.json(of: $0)) }
        for one in payment.transactions {
            guard one.block != nil, let (count, at) = monitor.confirmations(of: one.hash) else { continue }
            let detail = count == 1 ? "1 confirmation" : "\(count) confirmations"
            let moment: JSONOutput = [
                "at": .string("\(at)"), "event": "confirmed", "hash": .string(one.hash), "detail": .string(detail),
            ]
            moments.insert(("\(at)", moment), at: moments.firstIndex { $0.at > "\(at)" } ?? moments.endIndex)
        }
        members.append(("timeline", .array(moments.map(\.json))))
        members.append(("canResume", .boolean(Self.canResume(payment))))
        members.append(("canCancel", .boolean(Self.canCancel(payment))))
        let problems = payment.failure.map { [Problem($0)] } ?? []
        members.append(("problems", PageJSON.problems(problems)))
        return Self.json(members)
    }

    private static func canResume(_ payment: JournalPayment) -> Bool {
        payment.endedAt == nil && [.recorded, .sent].contains(payment.state)
    }

    /// Whether the user can still cancel the payment. This is possible only if the payment can still be resumed. The
    /// payment must also include a signed cancel transaction with the same nonce as the transaction that makes the
    /// payment. The result is `false` if a relay was already asked to cancel the payment, or if the journal already
    /// contains a node's answer to a cancel transaction.
    private static func canCancel(_ payment: JournalPayment) -> Bool {
        let cancels = payment.transactions.filter { $0.role == "cancel" }
        let own = Set(payment.transactions.filter { $0.role == "pay" || $0.role == nil }.map(\.nonce))
        return canResume(payment) && payment.cancelAskedAt == nil && cancels.contains { own.contains($0.nonce) }
            && cancels.allSatisfy { $0.answer == nil }
    }

    private func days(_ request: WebRequest) async throws -> WebResponse {
        let text = request.query["days"] ?? "30"
        guard let count = Int(text), 1...Self.longestRange ~= count else {
            throw Problem(PageRule.parameter, at: "days", saw: text, expected: "1 to \(Self.longestRange)")
        }
        let kept = charts.withLock { charts in
            let kept = charts[count] ?? Cached<String>(for: .seconds(30))
            charts[count] = kept
            return kept
        }
        let json = try await kept.value {
            var days = PageDays(count, until: RelayOptions.now)
            var last: Int64 = 0
            while true {
                // The payments are read in groups of 500, so that other queries of the journal can run between two
                // groups.
                let found = try await self.reader.ended(since: days.since, after: last, of: 500)
                for payment in found { days.add(payment) }
                guard found.count == 500, let next = found.last?.number else { break }
                last = next
            }
            return days.json.text
        }
        return WebResponse(type: "application/json", Array("{\"days\":\(json)}".utf8))
    }

    private func metrics() async throws -> [UInt8] {
        let figures = try await figures.value { try await self.reader.figures() }
        let traffic = try await traffic.value { try await self.reader.traffic() }
        return Array(Metrics(figures, traffic, monitor.durations, owner: owner, now: RelayOptions.now).text.utf8)
    }

    // MARK: Changing

    private func read(_ request: WebRequest) throws -> SignedPayment {
        try FileKind.require(.payment, of: request.body, in: "the file")
        return try SignedPayment(reading: request.body)
    }

    private func inspect(_ request: WebRequest) async throws -> WebResponse {
        let signedPayment: SignedPayment
        do { signedPayment = try read(request) } catch let broken as any RuleBroken {
            return Self.json([("problems", PageJSON.problems(broken.problems))])
        }
        let known = try await number(of: signedPayment)
        var members: PageJSON.Members = [
            ("code", .string(signedPayment.code)), ("kind", .string(signedPayment.kind)),
            ("sentence", .string(signedPayment.sentence)),
            ("chainId", .string("\(signedPayment.chain.id)")),
            ("chain", .string(PageJSON.name(of: signedPayment.chain))),
            ("from", .string("\(signedPayment.sender)")),
        ]
        members += signedPayment.summary.map(PageJSON.members) ?? []
        if let most = signedPayment.maxNetworkFee {
            members.append(
                ("cost", ["text": .string("at most \(PaymentSummary.nativeWords(most, on: signedPayment.chain))")]))
        }
        members.append(("steps", .number("\(signedPayment.steps.count)")))
        members.append(("known", .boolean(known != nil)))
        if let known { members.append(("id", .string("\(known)"))) }
        members.append(("problems", .array([])))
        return Self.json(members)
    }

    /// Finds the recorded payment that contains all transactions of `signedPayment`. Returns the number of this payment
    /// in the journal, or `nil` if there is no such payment.
    private func number(of signedPayment: SignedPayment) async throws -> Int64? {
        let hashes = Set(signedPayment.steps.map { "\($0.hash)" })
        guard let first = hashes.first else { return nil }
        let holding = try await reader.page(JournalFilter(name: first), before: nil, of: 10)
        return holding.first { hashes.isSubset(of: $0.transactions.map(\.hash)) }?.id
    }

    private func send(_ request: WebRequest) async throws -> WebResponse {
        let signedPayment = try read(request)
        let group = signedPayment.code.split(separator: "-").last.map(String.init) ?? signedPayment.code
        let given = (request.headers["x-airlock-code"] ?? "").trimmed.uppercased()
        guard given == group else { throw Problem(PageRule.code, at: "X-Airlock-Code", saw: given) }
        guard let number = try await journal.record([signedPayment]).first else {
            throw Problem(InternalRule.unexpected)
        }
        requests.follow(number, signedPayment)
        return Self.json([("id", .string("\(number)"))], status: 202)
    }

    private func resume(_ request: WebRequest) async throws -> WebResponse {
        let payment = try await known(request)
        guard Self.canResume(payment) else {
            throw Problem(PageRule.ended, at: payment.code, saw: payment.state.rawValue)
        }
        requests.resume(payment.id)
        return Self.json([("id", .string("\(payment.id)"))], status: 202)
    }

    private func cancel(_ request: WebRequest) async throws -> WebResponse {
        let payment = try await known(request)
        guard Self.canResume(payment) else {
            throw Problem(PageRule.ended, at: payment.code, saw: payment.state.rawValue)
        }
        guard Self.canCancel(payment) else { throw Problem(PageRule.noCancel, at: payment.code) }
        try await requests.cancel(payment.id, in: journal)
        return Self.json([("id", .string("\(payment.id)"))], status: 202)
    }

    // MARK: Watching

    /// Checks the journal for changes, and sends each changed payment as an event to the browsers that listen. Also
    /// checks the nodes every 30 seconds. Returns when the Swift task that called this function is cancelled.
    func watch(_ server: WebServer, _ nodes: Nodes) async {
        async let health: Void = lookAtNodes(nodes)
        var (cursor, told): (JournalCursor?, String) = (nil, "")
        while !Task.isCancelled {
            try? await Task.sleep(for: server.readers > 0 ? .milliseconds(500) : .seconds(2))
            guard let before = cursor else {
                cursor = try? await reader.cursor()
                continue
            }
            guard let (changes, next) = try? await reader.changes(since: before, monitor.takeTouched()) else {
                continue
            }
            cursor = next
            guard server.readers > 0 else { continue }
            for change in changes {
                let data: JSONOutput = [
                    "id": .string("\(change.payment)"), "code": .string(change.code),
                    "state": .string(change.state.rawValue),
                ]
                server.tell(event: "payment", data: data.text)
            }
            guard let figures = try? await figures.value({ try await self.reader.figures() }) else { continue }
            // The comparison below does not include the duration of the last call to a node. This duration differs from
            // call to call, so it would cause an event each time.
            let nodes = monitor.nodes.map { "\($0.key) \($0.value.complaint ?? "") \($0.value.chain?.id ?? 0)" }
                .sorted()
            let leases = figures.leases.map { "\($0.owner) \($0.chainID) \($0.sender)" }.sorted()
            let counts = PaymentState.allCases.map { figures.counts[$0] ?? 0 }
            let now = "\(counts) \(figures.open) \(nodes) \(leases)"
            if now != told { server.tell(event: "state", data: "{}") }
            told = now
        }
        await health
    }

    private func lookAtNodes(_ nodes: Nodes) async {
        while !Task.isCancelled {
            await monitor.look(at: nodes)
            try? await Task.sleep(for: .seconds(30))
        }
    }
}

/// A cached value. It stays in the cache for five times as long as its computation took, but at least for the duration
/// `shortest`.
private final class Cached<Value: Sendable>: Sendable {
    private let shortest: Duration
    private let last = Mutex<(value: Value, until: ContinuousClock.Instant)?>(nil)

    init(for shortest: Duration = .milliseconds(200)) { self.shortest = shortest }

    func value(_ find: @Sendable () async throws -> Value) async throws -> Value {
        if let (value, until) = last.withLock({ $0 }), .now < until { return value }
        let begin = ContinuousClock.now
        let value = try await find()
        last.withLock { $0 = (value, .now + max(shortest, (.now - begin) * 5)) }
        return value
    }
}

extension SignedPayment {
    /// The kind of the request that this payment fulfils. If the kind is not known, the value is `transaction`.
    fileprivate var kind: String {
        if let request { return request.kind }
        return reading.map { type(of: $0.request).kind } ?? "transaction"
    }
}

/// The error codes with which the API of the web page refuses a request.
enum PageRule: String, Advised {
    case parameter = "page.parameter"
    case code = "page.code"
    case ended = "page.ended"
    case noCancel = "page.no-cancel"

    var meaning: String {
        switch self {
        case .parameter: "a query parameter is invalid"
        case .code: "this is not the last group of the payment's code"
        case .ended: "the payment's state no longer allows this"
        case .noCancel: "the payment has no cancel, or its cancel was asked for already"
        }
    }

    var next: String {
        switch self {
        case .parameter: "the message says what is expected"
        case .code: "compare the code with the one that the signing machine shows, and type its last group"
        case .ended: "look at its state; a payment in a block is followed automatically"
        case .noCancel: "sign with airlock sign --cancel to be able to cancel, or wait"
        }
    }

    var exit: ExitCode { self == .parameter ? .usage : .refused }

    var status: UInt32 { self == .parameter ? 400 : 409 }
}
