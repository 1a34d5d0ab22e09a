internal import AirlockCMicroHTTPD
import AirlockDiagnostics

/// A connection of libmicrohttpd. It must not be used after the library has reported that the connection is closed.
@safe struct WebConnection: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }

    /// The file descriptor of the connection's socket.
    var socket: Int32 { unsafe airlock_mhd_socket(pointer) }

    /// Suspends the connection. Must be called on the server's thread.
    func suspend() { unsafe MHD_suspend_connection(pointer) }

    /// Resumes a suspended connection. Any thread may call this.
    func resume() { unsafe MHD_resume_connection(pointer) }

    /// All headers of the request. The header names are in lower case.
    var headers: Values {
        let values = Values(isHeader: true)
        let context = unsafe Unmanaged.passUnretained(values).toOpaque()
        _ = unsafe MHD_get_connection_values_n(pointer, MHD_ValueKind.HEADER_KIND, takeValue, context)
        return values
    }

    /// All query parameters of the request.
    var query: Values {
        let values = Values(isHeader: false)
        let context = unsafe Unmanaged.passUnretained(values).toOpaque()
        _ = unsafe MHD_get_connection_values_n(pointer, MHD_ValueKind.GET_ARGUMENT_KIND, takeValue, context)
        return values
    }

    /// Queues a response to be sent on the connection.
    func give(_ answer: WebResponse) -> MHD_Result {
        let response: OpaquePointer?
        switch answer.content {
        case .bytes(let bytes):
            unsafe response = bytes.withUnsafeBytes { buffer in
                // With RESPMEM_MUST_COPY, the library copies the buffer and never writes to it. So a pointer to memory
                // that must not be changed can be passed safely.
                unsafe MHD_create_response_from_buffer(
                    buffer.count, UnsafeMutableRawPointer(mutating: buffer.baseAddress), .RESPMEM_MUST_COPY)
            }
        case .stream(let stream):
            let reading = Reading(stream: stream, connection: self)
            unsafe response = MHD_create_response_from_callback(
                airlock_mhd_size_unknown, 4096, readStream, Unmanaged.passRetained(reading).toOpaque(), endReading)
        }
        guard let response = unsafe response else { return .NO }
        defer { unsafe MHD_destroy_response(response) }
        for (name, value) in WebDispatcher.headers(of: answer) {
            _ = unsafe MHD_add_response_header(response, name, value)
        }
        return unsafe MHD_queue_response(pointer, answer.status, response)
    }

    /// The headers or the query parameters of a request, accessible by name.
    final class Values {
        private let isHeader: Bool
        private(set) var byName: [String: String] = [:]
        private(set) var repeated: Set<String> = []

        init(isHeader: Bool) { self.isHeader = isHeader }

        fileprivate func take(_ name: String, _ value: String) {
            let name = isHeader ? name.lowercased() : name
            if byName.updateValue(value, forKey: name) != nil { repeated.insert(name) }
        }
    }
}

/// A stream of events, and the connection on which it is sent.
private final class Reading {
    let stream: WebStream
    let connection: WebConnection

    init(stream: WebStream, connection: WebConnection) { (self.stream, self.connection) = (stream, connection) }
}

// The callbacks of libmicrohttpd. The library calls them on its own thread, so they must not be closures in a function
// that is isolated to the main actor.

private let takeValue: MHD_KeyValueIteratorN = { context, _, name, nameSize, value, valueSize in
    guard let context = unsafe context else { return .YES }
    unsafe Unmanaged<WebConnection.Values>.fromOpaque(context).takeUnretainedValue()
        .take(text(name, nameSize), text(value, valueSize))
    return .YES
}

private func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
    guard let start = unsafe start else { return "" }
    return unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
}

private let readStream: MHD_ContentReaderCallback = { context, _, buffer, size in
    guard let context = unsafe context, let buffer = unsafe buffer else { return airlock_mhd_end_of_stream }
    let reading = unsafe Unmanaged<Reading>.fromOpaque(context).takeUnretainedValue()
    return unsafe reading.stream.read(
        into: UnsafeMutableRawBufferPointer(start: buffer, count: size), for: reading.connection)
}

private let endReading: MHD_ContentReaderFreeCallback = { context in
    guard let context = unsafe context else { return }
    unsafe Unmanaged<Reading>.fromOpaque(context).release()
}

let takeRequest: MHD_AccessHandlerCallback = { context, pointer, url, method, _, upload, uploadSize, slot in
    guard let context = unsafe context, let pointer = unsafe pointer, let url = unsafe url,
        let method = unsafe method, let uploadSize = unsafe uploadSize, let slot = unsafe slot
    else { return .NO }
    let dispatcher = unsafe Unmanaged<WebDispatcher>.fromOpaque(context).takeUnretainedValue()
    let connection = unsafe WebConnection(pointer)
    guard let kept = unsafe slot.pointee else {
        let exchange = dispatcher.open(
            connection, path: unsafe String(cString: url), method: unsafe String(cString: method))
        unsafe slot.pointee = Unmanaged.passRetained(exchange).toOpaque()
        // If the headers of a request are not allowed, the request is refused immediately, before its body arrives.
        guard let refusal = exchange.answer else { return .YES }
        return connection.give(dispatcher.granted(refusal, to: exchange))
    }
    let exchange = unsafe Unmanaged<WebExchange>.fromOpaque(kept).takeUnretainedValue()
    if unsafe uploadSize.pointee > 0 {
        let part = unsafe UnsafeRawBufferPointer(start: upload, count: uploadSize.pointee)
        unsafe uploadSize.pointee = 0
        return exchange.take(unsafe Array(part)) ? .YES : .NO
    }
    guard let answer = dispatcher.answer(exchange, on: connection) else { return .YES }
    return connection.give(dispatcher.granted(answer, to: exchange))
}

let endRequest: MHD_RequestCompletedCallback = { context, _, slot, _ in
    guard let context = unsafe context, let slot = unsafe slot, let kept = unsafe slot.pointee else { return }
    unsafe slot.pointee = nil
    let exchange = unsafe Unmanaged<WebExchange>.fromOpaque(kept).takeRetainedValue()
    unsafe Unmanaged<WebDispatcher>.fromOpaque(context).takeUnretainedValue().ended(exchange.socket)
}

let watchConnection: MHD_NotifyConnectionCallback = { context, pointer, _, what in
    guard let context = unsafe context, let pointer = unsafe pointer else { return }
    let dispatcher = unsafe Unmanaged<WebDispatcher>.fromOpaque(context).takeUnretainedValue()
    let socket = unsafe WebConnection(pointer).socket
    if what == .CONNECTION_NOTIFY_STARTED { dispatcher.began(socket) } else { dispatcher.closed(socket) }
}
