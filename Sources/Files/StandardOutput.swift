import Glibc

/// The standard output, where results go.
public enum StandardOutput {
    /// Writes all of `bytes`, or throws: a reader that has gone is an error like a full disk, since a result that
    /// nobody got must not look like success.
    public static func write(_ bytes: Span<UInt8>) throws(FileError) {
        _ = survivesBrokenPipe
        try Descriptor(standard: STDOUT_FILENO, else: .cannotWrite).write(bytes)
    }

    /// Else the kernel would end the process before write(2) could answer EPIPE.
    private static let survivesBrokenPipe: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
}
