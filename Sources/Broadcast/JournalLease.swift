public import AirlockEthereumTypes
import Glibc

/// The right of one relay to send the payments of one sender on one chain, for a while.
public struct JournalLease: Hashable, Sendable {
    public let sender: Address
    public let chain: Chain
    /// The fencing number: it grows whenever another relay gets the right, and a write under an older one is refused.
    public let fence: Int64
    /// When it ends unless it is renewed, by this machine's clock, which goes on while the machine sleeps. It counts from
    /// before the store was asked, so it is no later than the end in the store.
    let end: ContinuousClock.Instant
}

/// A process that uses the journal, named so that another one on the same machine can tell that it has ended.
struct RelayIdentity: Hashable, Sendable, CustomStringConvertible {
    /// Which boot of which machine, and which space of process numbers in it; empty where that cannot be told.
    private static let machine: String = {
        let boot = read("/proc/sys/kernel/random/boot_id")
        let space = target(of: "/proc/self/ns/pid")
        return boot.isEmpty || space.isEmpty ? "" : "\(boot) \(space)"
    }()

    let description: String

    init(process: pid_t = getpid()) {
        let random = String(UInt64.random(in: 0 ... .max), radix: 16)
        description = "\(Self.machine)/\(process)/\(random)"
    }

    /// Whether the process is known to have ended: it ran on this machine since it was started, and there is none of this
    /// number. Of another machine's nothing is known.
    static func hasEnded(_ description: String) -> Bool {
        let parts = description.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, !machine.isEmpty, parts[0] == machine, let process = pid_t(parts[1]), process > 0
        else { return false }
        return kill(process, 0) != 0 && errno == ESRCH
    }

    private static func read(_ path: String) -> String {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = unsafe Glibc.read(file, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).filter { !$0.isWhitespace }
    }

    private static func target(of path: String) -> String {
        var bytes = [CChar](repeating: 0, count: 64)
        let count = unsafe readlink(path, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
