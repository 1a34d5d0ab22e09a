internal import AirlockCMicroHTTPD
import Synchronization

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
