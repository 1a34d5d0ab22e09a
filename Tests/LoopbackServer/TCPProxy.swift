import Foundation
import Synchronization

/// A proxy on 127.0.0.1 in front of a test server. A test can interrupt its connections.
public final class TCPProxy: Sendable {
    public enum State: String, Sendable {
        case open
        /// The proxy keeps connections open and accepts new ones, but passes no data until its state is `open` again.
        case silent
        /// The proxy resets all open connections and each new connection.
        case reset
    }

    public let port: UInt16
    private let listener: Int32
    private let target: UInt16
    private let state = Mutex(State.open)

    /// - Parameter target: the server's port on 127.0.0.1.
    public init(to target: UInt16) {
        self.target = target
        (listener, port) = listenOnLoopback()
        Thread.detachNewThread { [weak self, listener] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                guard let proxy = self else {
                    close(client)
                    return
                }
                Thread.detachNewThread { [weak proxy] in Self.forward(client, to: target) { proxy?.now ?? .reset } }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private var now: State { state.withLock { $0 } }

    public func set(_ new: State) { state.withLock { $0 = new } }

    /// Passes data in both directions between the client and the server, until one of them closes the connection or the
    /// proxy resets it.
    private static func forward(_ client: Int32, to target: UInt16, by state: () -> State) {
        let server = connected(to: target)
        var sides = [client, server].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var (isOpen, isReset) = (server >= 0, server < 0)
        while isOpen {
            switch state() {
            case .silent: usleep(20_000)
            case .reset: (isOpen, isReset) = (false, true)
            case .open:
                guard unsafe poll(&sides, 2, 50) > 0 else { continue }
                for side in 0..<2 where sides[side].revents != 0 {
                    let count = unsafe read(sides[side].fd, &buffer, buffer.count)
                    guard count > 0, write(buffer[..<count], to: sides[1 - side].fd) else {
                        isOpen = false
                        break
                    }
                }
            }
        }
        for socket in [client, server] where socket >= 0 {
            var linger = linger(l_onoff: isReset ? 1 : 0, l_linger: 0)
            unsafe setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
            close(socket)
        }
    }

    private static func write(_ bytes: ArraySlice<UInt8>, to socket: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func connected(to port: UInt16) -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(port)
        let code = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if code == 0 { return socket }
        close(socket)
        return -1
    }
}

/// Returns the address of a port on 127.0.0.1.
func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = port.bigEndian
    return address
}

/// Creates a socket that listens on a free port of 127.0.0.1. Returns the socket and the port.
func listenOnLoopback() -> (socket: Int32, port: UInt16) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = loopback(0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let (bound, named) = unsafe withUnsafeMutablePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            unsafe (bind(listener, address, size), getsockname(listener, address, &size))
        }
    }
    precondition(bound == 0 && named == 0 && listen(listener, 64) == 0, "no loopback socket")
    return (listener, UInt16(bigEndian: address.sin_port))
}
