internal import AirlockCMicroHTTPD
import AirlockDiagnostics
import Synchronization

/// One request and its answer. The server's thread receives the request and sends the answer; another thread computes
/// the answer.
final class WebExchange: Sendable {
    private struct State {
        var request: WebRequest
        /// The length of the body so far, including dropped parts.
        var length = 0
        var answer: WebResponse?
        /// The connection, suspended until there is an answer.
        var asleep: WebConnection?
        var begin: ContinuousClock.Instant?
    }

    /// How many bytes beyond the longest body are read and dropped, so that the client receives the refusal. The
    /// connection of a longer request is closed.
    private static let patience = 1 << 20

    let route: WebRoute?
    let isHead: Bool
    let socket: Int32
    private let state: Mutex<State>

    /// - Parameters:
    ///   - request: the request without its body.
    ///   - route: the route that answers it; `nil` if it is refused.
    ///   - isHead: whether the method is HEAD.
    ///   - socket: the connection's socket.
    ///   - refusal: the answer to a request that is refused; `nil` if it is not.
    init(_ request: WebRequest, _ route: WebRoute?, isHead: Bool, socket: Int32, refusal: WebResponse?) {
        (self.route, self.isHead, self.socket) = (route, isHead, socket)
        state = Mutex(State(request: request, answer: refusal))
    }

    var answer: WebResponse? { state.withLock { $0.answer } }
    private var longest: Int { route?.longestBody ?? 0 }

    /// Adds a part of the body. Returns `false` if the body is far too long.
    func take(_ part: [UInt8]) -> Bool {
        state.withLock { state in
            state.length += part.count
            if state.length <= longest { state.request.body += part }
            return state.length <= longest + Self.patience
        }
    }

    /// Returns the request for the route, once. Returns `nil` if the request was returned before, or if there is an
    /// answer already.
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

    /// Suspends the connection until there is an answer.
    func sleep(_ connection: WebConnection) {
        state.withLock { state in
            state.asleep = connection
            connection.suspend()
        }
    }

    /// Sets the answer, unless there is one already.
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

    /// Whether the route has taken longer than this.
    func isLate(_ time: Duration) -> Bool {
        state.withLock { state in state.answer == nil && state.begin.map { .now - $0 > time } ?? false }
    }
}

/// A stream of server-sent events for one reader. Any thread may write to it.
package final class WebStream: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var isEnded = false
        /// The connection, suspended while there is nothing to send.
        var asleep: WebConnection?
        var written = ContinuousClock.now

        mutating func wake() {
            asleep?.resume()
            asleep = nil
        }
    }

    /// The most bytes that may be queued for a reader. A reader that is further behind is disconnected.
    private static let longestWait = 1 << 18

    private let state = Mutex(State())

    package init() {}

    /// Writes an event with one line of data.
    package func send(event: String, data: String) { write("event: \(event)\ndata: \(data)\n\n") }

    /// Writes a comment if nothing was written for this long, so that both sides notice a lost connection.
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

    /// Ends the stream. Earlier output is still sent.
    package func end() {
        state.withLock { state in
            state.isEnded = true
            state.wake()
        }
    }

    /// Hands the queued bytes to the server, on the server's thread. Suspends the connection if there are none.
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

    /// The connection was closed.
    func forget() {
        state.withLock { state in
            state.isEnded = true
            state.asleep = nil
        }
    }
}
