import Foundation
import Synchronization

/// A test server on a free port of 127.0.0.1. The handler runs for each connection on a separate thread.
public final class LoopbackServer: Sendable {
    /// One connection from a client.
    public struct Connection: Sendable {
        fileprivate let socket: Int32

        /// Reads one request, and returns its head and body as text. Returns `nil` if the client has closed the
        /// connection.
        public func request() -> String? {
            var text = ""
            while true {
                if let end = text.range(of: "\r\n\r\n") {
                    let head = text[..<end.lowerBound].lowercased()
                    let length = head.components(separatedBy: "content-length: ").dropFirst().first
                    let expected = length.flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
                    if text[end.upperBound...].utf8.count >= expected { return text }
                }
                var buffer = [UInt8](repeating: 0, count: 4096)
                let count = unsafe read(socket, &buffer, buffer.count)
                guard count > 0 else { return nil }
                text += String(decoding: buffer[..<count], as: UTF8.self)
            }
        }

        public func write(_ text: String) {
            let bytes = Array(text.utf8)
            unsafe _ = send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        }

        public func answer(_ body: String, status: String = "200 OK", headers: String = "") {
            write("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
        }
    }

    public let port: UInt16
    private let listener: Int32
    private let accepted = Mutex(0)

    public var connections: Int { accepted.withLock { $0 } }
    public var url: String { "http://127.0.0.1:\(port)" }

    public init(_ handler: @escaping @Sendable (Connection) -> Void) {
        (listener, port) = listenOnLoopback()
        Thread.detachNewThread { [weak self, listener] in
            while true {
                let socket = accept(listener, nil, nil)
                guard socket >= 0 else { return }
                self?.accepted.withLock { $0 += 1 }
                Thread.detachNewThread {
                    handler(Connection(socket: socket))
                    close(socket)
                }
            }
        }
    }

    /// Creates a server that gives the same answer to every request.
    public convenience init(answering body: String, status: String = "200 OK", headers: String = "") {
        self.init { connection in
            while connection.request() != nil { connection.answer(body, status: status, headers: headers) }
        }
    }

    /// Creates a server that reads one request on each connection, writes `text`, and then closes the connection.
    public convenience init(saying text: String) {
        self.init { connection in
            _ = connection.request()
            connection.write(text)
        }
    }

    /// Returns a server that reads requests and never answers.
    public static func silent() -> LoopbackServer {
        LoopbackServer { connection in while connection.request() != nil {} }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }
}
