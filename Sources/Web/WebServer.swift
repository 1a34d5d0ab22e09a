internal import AirlockCMicroHTTPD
package import AirlockDiagnostics
import Dispatch
import Glibc

/// An HTTP server on one address. It limits the number of connections, the size of a request, and the time for a
/// request and for its answer. It has its own thread. This thread does not wait while a handler computes an answer.
/// Instead, the server suspends the connection until the answer is ready.
@safe package final class WebServer: Sendable {
    package struct Limits: Sendable {
        package var connections: UInt32 = 128
        package var connectionsOfAddress: UInt32 = 64
        /// The time within which a whole request must arrive.
        package var requestTime: Duration = .seconds(20)
        /// The maximum time to compute an answer, and also the maximum time to send it.
        package var answerTime: Duration = .seconds(30)
        package var readers = 16
        package var heartbeat: Duration = .seconds(15)

        package init() {}
    }

    /// The address on which the server listens, with its port number. If port 0 was given, this is the port that the
    /// system selected.
    package let address: String
    package let port: UInt16

    private let dispatcher: WebDispatcher
    private nonisolated(unsafe) let daemon: OpaquePointer
    private nonisolated(unsafe) let timer: any DispatchSourceTimer

    /// - Parameters:
    ///   - place: the address on which to listen.
    ///   - routes: the routes that the server answers.
    ///   - access: the rules that decide which requests the server accepts.
    ///   - limits: the limits on connections and times.
    ///   - document: a function that converts a problem to a JSON document.
    package init(
        _ place: WebAddress, _ routes: [WebRoute], _ access: WebAccess, _ limits: Limits = Limits(),
        document: @escaping @Sendable (Problem) -> [UInt8]
    ) throws(Problem) {
        let dispatcher = WebDispatcher(routes, access, limits, document)
        let (listener, port) = try place.listen()
        let settings = airlock_mhd_settings(
            listener: listener, connections: limits.connections, connections_of_address: limits.connectionsOfAddress,
            idle_seconds: UInt32(clamping: max(1, limits.requestTime.components.seconds)),
            memory_of_connection: 16 << 10)
        // The HTTP library gets a pointer that does not keep the dispatcher alive. This server object keeps the
        // dispatcher alive until the library has stopped.
        let context = unsafe Unmanaged.passUnretained(dispatcher).toOpaque()
        guard let daemon = unsafe airlock_mhd_start(settings, takeRequest, endRequest, watchConnection, context) else {
            close(listener)
            throw Problem(WebRule.cannotListen, at: place.description(with: port))
        }
        unsafe self.daemon = unsafe daemon
        (self.dispatcher, self.port, address) = (dispatcher, port, place.description(with: port))
        unsafe timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "airlock.web"))
        unsafe timer.schedule(deadline: .now() + .seconds(1), repeating: .seconds(1))
        unsafe timer.setEventHandler { dispatcher.tick() }
        unsafe timer.resume()
    }

    /// Closes all connections, and waits until they are closed. Must be called only once.
    package func stop() {
        unsafe timer.cancel()
        let listener = unsafe MHD_quiesce_daemon(daemon)
        if listener >= 0 { close(listener) }
        // All suspended connections must be resumed before the library can stop.
        dispatcher.stop()
        unsafe MHD_stop_daemon(daemon)
    }

    /// The number of open connections.
    package var connections: Int { dispatcher.connections }
    /// Sends an event to all readers of the event stream.
    package func tell(event: String, data: String) { dispatcher.tell(event, data) }
    package var readers: Int { dispatcher.readers }
}

/// An IP address and a port on which to listen.
package struct WebAddress: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    package let port: UInt16
    private let isIPv6: Bool

    /// Reads an address such as `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`. Port 0 selects a free port. Returns
    /// `nil` for any other string.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
            text.last?.isASCII == true
        else { return nil }
        var host = String(text[..<colon])
        isIPv6 = host.hasPrefix("[") && host.hasSuffix("]")
        if isIPv6 { host = String(host.dropFirst().dropLast()) }
        if host == "localhost" { host = "127.0.0.1" }
        var bytes = in6_addr()
        guard unsafe inet_pton(isIPv6 ? AF_INET6 : AF_INET, host, &bytes) == 1 else { return nil }
        (self.host, self.port) = (host, port)
    }

    /// Whether the address can be reached from this machine only.
    package var isLoopback: Bool {
        guard isIPv6 else { return host.hasPrefix("127.") }
        var (address, loopback) = (in6_addr(), in6_addr())
        _ = unsafe (inet_pton(AF_INET6, host, &address), inet_pton(AF_INET6, "::1", &loopback))
        return unsafe memcmp(&address, &loopback, MemoryLayout<in6_addr>.size) == 0
    }

    package var description: String { description(with: port) }

    func description(with port: UInt16) -> String { "\(isIPv6 ? "[\(host)]" : host):\(port)" }

    /// Opens a socket that listens on the address. Returns the socket and its port number.
    func listen() throws(Problem) -> (socket: Int32, port: UInt16) {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let listener = socket(isIPv6 ? AF_INET6 : AF_INET, type, 0)
        var (yes, bound) = (Int32(1), sockaddr_in6())
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        // SO_REUSEADDR lets a restarted service listen on the same port without a delay.
        _ = unsafe setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let isListening =
            unsafe listener >= 0 && bind(listener) && Glibc.listen(listener, 64) == 0
            && withUnsafeMutablePointer(to: &bound) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    unsafe getsockname(listener, address, &size) == 0
                }
            }
        guard isListening else {
            let said = unsafe String(cString: strerror(errno))
            if listener >= 0 { close(listener) }
            throw Problem(WebRule.cannotListen, at: description, detail: said)
        }
        // The port number has the same offset in the socket addresses of IPv4 (sockaddr_in) and IPv6 (sockaddr_in6).
        return (listener, UInt16(bigEndian: bound.sin6_port))
    }

    private func bind(_ socket: Int32) -> Bool {
        var (four, six) = (sockaddr_in(), sockaddr_in6())
        if isIPv6 {
            (six.sin6_family, six.sin6_port) = (sa_family_t(AF_INET6), port.bigEndian)
            _ = unsafe inet_pton(AF_INET6, host, &six.sin6_addr)
            return Self.bind(socket, &six)
        }
        (four.sin_family, four.sin_port) = (sa_family_t(AF_INET), port.bigEndian)
        _ = unsafe inet_pton(AF_INET, host, &four.sin_addr)
        return Self.bind(socket, &four)
    }

    private static func bind<Address>(_ socket: Int32, _ address: inout Address) -> Bool {
        unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { own in
                unsafe Glibc.bind(socket, own, socklen_t(MemoryLayout<Address>.size)) == 0
            }
        }
    }
}
