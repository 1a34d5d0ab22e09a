internal import AirlockCMicroHTTPD
import AirlockDiagnostics
import Synchronization

/// One request and its answer. The server's thread takes the request in and gives the answer out; another makes it.
final class WebExchange: Sendable {
    private struct State {
        var request: WebRequest
        /// Of the body, kept or not.
        var length = 0
        var answer: WebResponse?
        /// Sleeps since there is no answer yet.
        var asleep: WebConnection?
        var begin: ContinuousClock.Instant?
    }

    /// So much more than the longest body is read and thrown away, so that the client hears why; what is longer is cut off.
    private static let patience = 1 << 20

    let route: WebRoute?
    let isHead: Bool
    let socket: Int32
    private let state: Mutex<State>

    /// - Parameter refusal: what is answered whatever else comes.
    init(_ request: WebRequest, _ route: WebRoute?, isHead: Bool, socket: Int32, refusal: WebResponse?) {
        (self.route, self.isHead, self.socket) = (route, isHead, socket)
        state = Mutex(State(request: request, answer: refusal))
    }

    var answer: WebResponse? { state.withLock { $0.answer } }
    private var longest: Int { route?.longestBody ?? 0 }

    /// Takes in a part of the body; `false` where it is far too long.
    func take(_ part: [UInt8]) -> Bool {
        state.withLock { state in
            state.length += part.count
            if state.length <= longest { state.request.body += part }
            return state.length <= longest + Self.patience
        }
    }

    /// What the route is to answer, once; `nil` when it was asked for before, or there is an answer already.
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

    /// Puts the connection to sleep until there is an answer.
    func sleep(_ connection: WebConnection) {
        state.withLock { state in
            state.asleep = connection
            connection.suspend()
        }
    }

    /// Answers, unless that was done.
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

    /// Whether an answer is awaited for longer than that.
    func isLate(_ time: Duration) -> Bool {
        state.withLock { state in state.answer == nil && state.begin.map { .now - $0 > time } ?? false }
    }
}

/// What is told to one reader for as long as it listens: server-sent events. Any thread may write into it.
package final class WebStream: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var isEnded = false
        /// Sleeps since there is nothing to send.
        var asleep: WebConnection?
        var written = ContinuousClock.now

        mutating func wake() {
            asleep?.resume()
            asleep = nil
        }
    }

    /// A reader that is so far behind is cut off.
    private static let longestWait = 1 << 18

    private let state = Mutex(State())

    package init() {}

    /// Writes an event of one line of data.
    package func send(event: String, data: String) { write("event: \(event)\ndata: \(data)\n\n") }

    /// Writes what no reader sees, where nothing was written for so long: so both sides notice when the other is gone.
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

    /// What was written before is still sent.
    package func end() {
        state.withLock { state in
            state.isEnded = true
            state.wake()
        }
    }

    /// Gives the server what there is to send, on its thread; puts the connection to sleep where there is nothing.
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

    /// The connection is gone.
    func forget() {
        state.withLock { state in
            state.isEnded = true
            state.asleep = nil
        }
    }
}
