import Glibc

/// A client of a server on 127.0.0.1. It sends exactly the bytes that the test gives it. While it waits, it blocks the
/// thread.
public final class RawClient {
    private let socket: Int32

    public init(_ port: UInt16) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var patience = timeval(tv_sec: 90, tv_usec: 0)
        unsafe setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { own in
                unsafe connect(socket, own, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { throw NotConnected(code: errno) }
    }

    public struct NotConnected: Error { let code: Int32 }

    deinit { close(socket) }

    /// Sends a text. Returns whether the whole text was sent.
    @discardableResult
    public func say(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { buffer in
                unsafe send(socket, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Returns the text that the server sends. Stops when the text contains `end`, when the server closes the
    /// connection, or after 90 seconds without data.
    public func hear(until end: String? = nil) -> String {
        var heard = ""
        while end.map({ !heard.contains($0) }) ?? true {
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            let count = unsafe recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { return heard }
            heard += String(decoding: buffer[..<count], as: UTF8.self)
        }
        return heard
    }

    /// Sends one request on a new connection, and returns the whole answer.
    public static func ask(_ port: UInt16, _ first: String, _ lines: [String], body: String = "") throws -> String {
        let client = try RawClient(port)
        let head = [first + " HTTP/1.1", "Connection: close"] + lines
        client.say(head.joined(separator: "\r\n") + "\r\n\r\n" + body)
        return client.hear()
    }
}

/// The parts of an HTTP response.
extension String {
    public var status: String { String(split(separator: " ", maxSplits: 2).dropFirst().first ?? "") }
    public var body: String { String(self[(firstRange(of: "\r\n\r\n")?.upperBound ?? endIndex)...]) }
}
