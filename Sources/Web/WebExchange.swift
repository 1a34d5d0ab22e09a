internal import AirlockCMicroHTTPD
import AirlockDiagnostics
import Synchronization

/// A request and its answer. The server's thread receives the request and sends the answer. Another thread computes the
/// answer.
final class WebExchange: Sendable {
    private struct State {
        var request: WebRequest
        /// The number of bytes of the body that have arrived, including bytes that were dropped.
        var length = 0
        var answer: WebResponse?
        /// The connection while it is suspended. It is resumed when the answer is ready. `nil` if it is not suspended.
        var asleep: WebConnection?
        var begin: ContinuousClock.Instant?
    }

    /// If a body is too long, this many further bytes are read and dropped, so the client can still receive the
    /// refusal. If even more bytes arrive, the connection is closed.
    private static let patience = 1 << 20

    let route: WebRoute?
    let isHead: Bool
    let socket: Int32
    private let state: Mutex<State>

    /// Makes the exchange when the headers of a request have arrived.
    ///
    /// - Parameters:
    ///   - request: the request without its body.
    ///   - route: the route that answers the request; `nil` if the request is refused.
    ///   - isHead: whether the method is HEAD.
    ///   - socket: the connection's socket.
    ///   - refusal: the answer if the request is refused. `nil` if the request is not refused.
    init(_ request: WebRequest, _ route: WebRoute?, isHead: Bool, socket: Int32, refusal: WebResponse?) {
        (self.route, self.isHead, self.socket) = (route, isHead, socket)
        state = Mutex(State(request: request, answer: refusal))
    }

    var answer: WebResponse? { state.withLock { $0.answer } }
    private var longest: Int { route?.longestBody ?? 0 }

    /// Adds a part of the body. Returns `false` if the body is so long that the connection must be closed.
    func take(_ part: [UInt8]) -> Bool {
        state.withLock { state in
            state.length += part.count
            if state.length <= longest { state.request.body += part }
            return state.length <= longest + Self.patience
        }
    }

    /// Returns the complete request on the first call, so that its route can answer it. Returns `nil` on all further
    /// calls. Also returns `nil` if an answer exists already, or if the body is too long.
    func start(_ refuse: (Problem) -> WebResponse) -> WebRequest? {
        state.withLock { state in
            guard state.answer == nil, state.begin == nil else { return nil }
            state.begin = .now
            guard state.length <= longest else {
                state.answer = refuse(Problem(WebRule.tooLarge, expected: "at most \(longest) bytes"))
                return nil
            }
            let request = state.request
            state.request.body = []
            return request
        }
    }

    /// Suspends the connection until the answer is ready.
    func sleep(_ connection: WebConnection) {
        state.withLock { state in
            state.asleep = connection
            connection.suspend()
        }
    }

    /// Sets the answer, unless an answer already exists.
    func finish(_ answer: WebResponse) {
        let isTaken = state.withLock { state in
            guard state.answer == nil else { return false }
            state.answer = answer
            state.asleep?.resume()
            state.asleep = nil
            return true
        }
        if !isTaken, case .stream(let stream) = answer.content { stream.end() }
    }

    /// Whether the handler of the route has run for longer than the given time without an answer.
    func isLate(_ time: Duration) -> Bool {
        state.withLock { state in state.answer == nil && state.begin.map { .now - $0 > time } ?? false }
    }
}

/// A stream of server-sent events to one client. Any thread may write to the stream.
package final class WebStream: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var isEnded = false
        /// The connection while it is suspended. It is suspended when there is nothing to send. `nil` if it is not
        /// suspended.
        var asleep: WebConnection?
        var written = ContinuousClock.now

        mutating func wake() {
            asleep?.resume()
            asleep = nil
        }
    }

    /// The maximum number of bytes that wait for a slow client. If more bytes wait, the stream is ended.
    private static let longestWait = 1 << 18

    private let state = Mutex(State())

    package init() {}

    /// Writes an event with one line of data.
    package func send(event: String, data: String) { write("event: \(event)\ndata: \(data)\n\n") }

    /// Sends an empty comment if nothing was written to the stream for the given time. The comment lets both sides
    /// notice a lost connection.
    func beat(every time: Duration) {
        if state.withLock({ .now - $0.written >= time }) { write(":\n\n") }
    }

    private func write(_ text: String) {
        state.withLock { state in
            guard !state.isEnded else { return }
            state.waiting += text.utf8
            state.written = .now
            if state.waiting.count > Self.longestWait { state.isEnded = true }
            state.wake()
        }
    }

    /// Ends the stream. Output that is already queued is still sent.
    package func end() {
        state.withLock { state in
            state.isEnded = true
            state.wake()
        }
    }

    /// Copies queued bytes into `buffer`. The library then sends them to the client. If no bytes are queued and the
    /// stream has not ended, suspends the connection. Called on the server's thread.
    func read(into buffer: UnsafeMutableRawBufferPointer, for connection: WebConnection) -> Int {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                if state.isEnded { return airlock_mhd_end_of_stream }
                state.asleep = connection
                connection.suspend()
                return 0
            }
            let count = min(buffer.count, state.waiting.count)
            unsafe buffer.copyBytes(from: state.waiting[..<count])
            state.waiting.removeFirst(count)
            return count
        }
    }

    /// Called when the connection was closed. After this call, nothing more is sent on the stream.
    func forget() {
        state.withLock { state in
            state.isEnded = true
            state.asleep = nil
        }
    }
}
