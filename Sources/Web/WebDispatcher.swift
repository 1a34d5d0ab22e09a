import AirlockDiagnostics
import Dispatch
import Glibc
import Synchronization

/// Receives requests on the server's thread, runs the handler of each request's route, and enforces the time limits.
final class WebDispatcher: Sendable {
    /// The headers of every response. They let a page load resources from this server only, and forbid inline scripts,
    /// inline styles and frames.
    private static let headers: [(name: String, value: String)] = [
        (
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                + "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
        ),
        ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("Cache-Control", "no-store"),
        ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
    ]

    private let routes: [WebRoute]
    private let access: WebAccess
    private let limits: WebServer.Limits
    private let document: @Sendable (Problem) -> [UInt8]
    private let executor = WebExecutor()
    private let state = Mutex(State())

    /// The side that must act next on a connection: the client or the server.
    private enum Turn {
        /// The client must act next. If the client has not acted by the given time, the connection is closed.
        case client(ContinuousClock.Instant)
        case ours
    }

    private struct State {
        /// The side that must act next, for each connection. The key is the socket of the connection.
        var turns: [Int32: Turn] = [:]
        var exchanges: [Int32: WebExchange] = [:]
        var streams: [Int32: WebStream] = [:]
        var isStopping = false
    }

    init(
        _ routes: [WebRoute], _ access: WebAccess, _ limits: WebServer.Limits,
        _ document: @escaping @Sendable (Problem) -> [UInt8]
    ) {
        (self.routes, self.access, self.limits, self.document) = (routes, access, limits, document)
    }

    var connections: Int { state.withLock { $0.turns.count } }
    var readers: Int { state.withLock { $0.streams.count } }

    // MARK: Functions that the server's thread calls

    func began(_ socket: Int32) {
        state.withLock { $0.turns[socket] = .client(.now + limits.requestTime) }
    }

    /// Called just before a socket is closed. Afterwards a new connection may get the same socket number.
    func closed(_ socket: Int32) {
        state.withLock { $0.turns[socket] = nil }
        forget(socket)
    }

    /// Called when the library has finished a request. The next request may arrive on the same connection.
    func ended(_ socket: Int32) {
        state.withLock { state in
            if state.turns[socket] != nil { state.turns[socket] = .client(.now + limits.requestTime) }
        }
        forget(socket)
    }

    private func forget(_ socket: Int32) {
        let stream = state.withLock { state in
            state.exchanges[socket] = nil
            return state.streams.removeValue(forKey: socket)
        }
        stream?.forget()
    }

    /// Checks the headers of a request, and finds the route for it.
    func open(_ connection: WebConnection, path: String, method: String) -> WebExchange {
        let (headers, query) = (connection.headers, connection.query)
        var request = WebRequest(path: path, query: query.byName, headers: headers.byName)
        let (socket, isHead) = (connection.socket, method == "HEAD")
        switch route(&request, method, repeated: headers.repeated.intersection(Self.single).union(query.repeated)) {
        case .success(let route): return WebExchange(request, route, isHead: isHead, socket: socket, refusal: nil)
        case .failure(let refused):
            var answer = refusal(refused.problem)
            if !refused.allowed.isEmpty { answer.headers.append(("Allow", refused.allowed.joined(separator: ", "))) }
            return WebExchange(request, nil, isHead: isHead, socket: socket, refusal: answer)
        }
    }

    private struct Refused: Error {
        let problem: Problem
        var allowed: [String] = []
    }

    /// The headers that must not occur twice in a request. A proxy and this server could interpret a repeated header
    /// differently.
    private static let single: Set = [
        "host", "content-length", "transfer-encoding", "origin", "authorization", "x-airlock-token", "x-airlock-code",
        "sec-fetch-site",
    ]

    private func route(
        _ request: inout WebRequest, _ method: String, repeated: Set<String>
    ) -> Result<WebRoute, Refused> {
        func refused(_ problem: Problem) -> Result<WebRoute, Refused> { .failure(Refused(problem: problem)) }
        if let name = repeated.sorted().first {
            return refused(Problem(WebRule.malformed, at: name, detail: "it is given twice"))
        }
        if request.headers["content-length"] != nil, request.headers["transfer-encoding"] != nil {
            return refused(
                Problem(WebRule.malformed, at: "Transfer-Encoding", detail: "it comes with a Content-Length"))
        }
        let (path, isPrivate) = (request.path, request.path.hasPrefix("/api/"))
        if let problem = access.refusal(request.headers, isChange: false, isPrivate: isPrivate) {
            return refused(problem)
        }
        let found = routes.compactMap { route in route.parameters(in: path).map { (route, $0) } }
        guard !found.isEmpty else { return refused(Problem(WebRule.notFound, at: path)) }
        let wanted = method == "HEAD" ? "GET" : method
        guard let (route, parameters) = found.first(where: { $0.0.method.rawValue == wanted }) else {
            let allowed = found.map { $0.0.method == .get ? "GET, HEAD" : "POST" }
            return .failure(Refused(problem: Problem(WebRule.method, saw: method), allowed: allowed))
        }
        if route.method == .post, let problem = access.refusal(request.headers, isChange: true, isPrivate: true) {
            return refused(problem)
        }
        if let surplus = request.query.keys.sorted().first(where: { !route.query.contains($0) }) {
            return refused(Problem(WebRule.malformed, at: surplus, detail: "there is no such parameter"))
        }
        if let length = request.headers["content-length"].flatMap({ Int($0) }), length > route.longestBody + (1 << 20) {
            return refused(Problem(WebRule.tooLarge, expected: "at most \(route.longestBody) bytes"))
        }
        request.parameters = parameters
        return .success(route)
    }

    /// Called when the whole request has arrived. Starts the route's handler. The server calls this function again when
    /// the answer is ready.
    ///
    /// - Returns: the answer; `nil` if the answer is not ready yet.
    func answer(_ exchange: WebExchange, on connection: WebConnection) -> WebResponse? {
        guard let request = exchange.start(refusal), let route = exchange.route else { return exchange.answer }
        let isStopping = state.withLock { state in
            if !state.isStopping {
                state.turns[exchange.socket] = .ours
                state.exchanges[exchange.socket] = exchange
                // The connection must be suspended before the handler starts. If the handler started first, its answer
                // or the shutdown of the service could try to resume a connection that is not suspended yet.
                exchange.sleep(connection)
            }
            return state.isStopping
        }
        if isStopping { return refusal(Problem(WebRule.busy, detail: "the service is ending")) }
        Task(executorPreference: executor) { exchange.finish(await route.handler(request)) }
        return nil
    }

    /// Returns the response to send for a handler's answer. A stream of events is refused if too many clients already
    /// read such streams, or if the service is stopping.
    func granted(_ answer: WebResponse, to exchange: WebExchange) -> WebResponse {
        let socket = exchange.socket
        guard case .stream(let stream) = answer.content else {
            state.withLock { $0.turns[socket] = .client(.now + limits.answerTime) }
            return answer
        }
        guard !exchange.isHead else {
            stream.end()
            return WebResponse(type: answer.type, [])
        }
        let isTaken = state.withLock { state in
            guard !state.isStopping, state.streams.count < limits.readers else { return false }
            state.streams[socket] = stream
            state.turns[socket] = .ours
            return true
        }
        if isTaken { return answer }
        stream.end()
        return refusal(Problem(WebRule.busy, detail: "there are \(limits.readers) readers of events"))
    }

    func refusal(_ problem: Problem) -> WebResponse {
        let status = (problem.rule as? WebRule)?.status ?? 500
        var answer = WebResponse(status: status, type: "application/json", document(problem))
        if status == 401 {
            answer.headers.append(("WWW-Authenticate", #"Basic realm="airlock-relay", charset="UTF-8""#))
        }
        return answer
    }

    /// The headers of a response, in the order in which they are sent.
    static func headers(of answer: WebResponse) -> [(name: String, value: String)] {
        headers + [("Content-Type", answer.type)] + answer.headers
    }

    // MARK: Functions that other threads call

    func tell(_ event: String, _ data: String) {
        for stream in state.withLock({ Array($0.streams.values) }) { stream.send(event: event, data: data) }
    }

    /// Disconnects clients that are too slow, refuses requests whose handler takes too long, and closes streams whose
    /// reader has disconnected. Called regularly.
    func tick() {
        let (late, streams) = state.withLock { state in
            for (socket, turn) in state.turns {
                // This thread holds the lock of `state`. As long as it does, the socket cannot be closed, so its number
                // cannot belong to a new connection. Here the socket is only shut down. The server's thread then closes
                // the connection.
                if case .client(let end) = turn, end < .now { shutdown(socket, Int32(SHUT_RDWR)) }
            }
            return (Array(state.exchanges.values), state.streams)
        }
        for exchange in late where exchange.isLate(limits.answerTime) {
            exchange.finish(refusal(Problem(WebRule.busy, detail: "it took too long")))
        }
        for (socket, stream) in streams {
            // The library does not watch suspended connections. So this code must detect that a client has
            // disconnected.
            if isGone(socket, of: stream) { stream.end() } else { stream.beat(every: limits.heartbeat) }
        }
    }

    private func isGone(_ socket: Int32, of stream: WebStream) -> Bool {
        state.withLock { state in
            var byte: UInt8 = 0
            return unsafe state.streams[socket] === stream
                && recv(socket, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) == 0
        }
    }

    /// Resumes all suspended connections, so the server can stop. After this call, no connection is suspended any more.
    func stop() {
        let (exchanges, streams) = state.withLock { state in
            state.isStopping = true
            return (Array(state.exchanges.values), Array(state.streams.values))
        }
        for exchange in exchanges { exchange.finish(refusal(Problem(WebRule.busy, detail: "the service is ending"))) }
        for stream in streams { stream.end() }
    }
}

/// Runs the handlers of routes on a separate queue, and not on Swift's thread pool. That pool has only as many threads
/// as the machine has cores. If the handlers ran there, web requests and the sending of payments could delay each
/// other.
final class WebExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "airlock.web.answers")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
