import Glibc

/// A pipe whose ends no other child inherits.
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

    /// Puts a short text in, and nothing after it.
    func write(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard bytes.count <= 1 << 16, unsafe Glibc.write(writer, bytes, bytes.count) == bytes.count else {
            throw ToolFailure("the text does not fit into a pipe")
        }
        closeWriter()
    }

    /// Appends what is there; false when nothing will come any more.
    static func append(to bytes: inout [UInt8], from descriptor: Int32) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = unsafe read(descriptor, &buffer, buffer.count)
        if count > 0 { bytes += buffer[..<count] }
        return count > 0
    }
}
