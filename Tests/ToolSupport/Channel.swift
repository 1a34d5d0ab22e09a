import Glibc

/// A pipe. Child processes do not inherit its ends, but a child may get one end as a standard stream.
final class Channel {
    let reader: Int32
    private(set) var writer: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw ToolFailure("no pipe: \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        reader = ends[0]
        writer = ends[1]
    }

    deinit {
        close(reader)
        closeWriter()
    }

    func closeWriter() {
        if writer >= 0 { close(writer) }
        writer = -1
    }

    /// Writes a short text into the pipe, and closes the writing end. Throws if the text does not fit into the pipe.
    func write(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard bytes.count <= 1 << 16, unsafe Glibc.write(writer, bytes, bytes.count) == bytes.count else {
            throw ToolFailure("the text does not fit into a pipe")
        }
        closeWriter()
    }

    /// Waits for data, and appends it to `bytes`. Returns false if there is no more data.
    static func append(to bytes: inout [UInt8], from descriptor: Int32) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = unsafe read(descriptor, &buffer, buffer.count)
        if count > 0 { bytes += buffer[..<count] }
        return count > 0
    }
}
