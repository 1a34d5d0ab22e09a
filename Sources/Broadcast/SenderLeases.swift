public import AirlockEthereumTypes
import Glibc
import Synchronization

/// The leases that this relay holds while it sends payments.
final class SenderLeases: Sendable {
    /// The length of a lease. The lease must be so short that another relay takes over the payments within 15 seconds
    /// after this relay stops, even if the pause between two polls is as long as possible.
    static let length: Duration = .seconds(10)
    /// How long a relay waits for a lease before it notifies the user.
    private static let noticeDelay: Duration = .seconds(3)

    private struct Key: Hashable {
        let sender: Address
        let chain: Chain
    }

    private struct State {
        var held: [Key: JournalLease] = [:]
        /// The time at which this relay noticed that another relay holds the lease, and whether the user has been
        /// notified of it.
        var refused: [Key: (since: ContinuousClock.Instant, isSaid: Bool)] = [:]
    }

    private let journal: any PaymentJournal
    private let length: Duration
    private let renewal: Duration
    private let state = Mutex(State())

    /// Creates an empty set of leases.
    ///
    /// - Parameters:
    ///   - journal: the journal, which stores the leases.
    ///   - length: how long a lease lasts.
    ///   - renewal: the interval between two renewals of a lease; `nil` means a third of the length.
    init(_ journal: any PaymentJournal, length: Duration = SenderLeases.length, renewal: Duration? = nil) {
        self.journal = journal
        self.length = length
        self.renewal = renewal ?? length / 3
    }

    /// Runs `work` while this relay holds the lease. The lease is renewed until `work` has finished, and is then
    /// released.
    ///
    /// - Returns: the result of `work`; `nil` if another relay holds the lease, in which case `work` was not run.
    func holding<Result: Sendable>(
        _ sender: Address, on chain: Chain, _ work: @Sendable () async -> Result
    ) async throws(JournalError) -> Result? {
        let key = Key(sender: sender, chain: chain)
        guard let lease = try await journal.lease(sender, on: chain, for: length) else {
            state.withLock { $0.refused[key] = $0.refused[key] ?? (.now, false) }
            return nil
        }
        state.withLock { state in
            state.held[key] = lease
            state.refused[key] = nil
        }
        let renewal = Task { await renew(lease, key) }
        let result = await work()
        renewal.cancel()
        await renewal.value
        state.withLock { $0.held[key] = nil }
        // An error of the release is ignored, because the lease expires by itself.
        try? await journal.release(lease)
        return result
    }

    private func renew(_ lease: JournalLease, _ key: Key) async {
        while (try? await Task.sleep(for: renewal)) != nil {
            guard let renewed = try? await journal.renew(lease, for: length) else { continue }
            state.withLock { $0.held[key] = renewed }
        }
    }

    /// Whether this relay is allowed to send transactions of this sender now. A relay that was suspended for longer
    /// than its lease lasts must not send anything.
    func isHeld(_ sender: Address, on chain: Chain) -> Bool {
        end(sender, on: chain).map { .now < $0 } ?? false
    }

    /// The time at which this relay's lease expires, by this machine's clock; `nil` if the relay holds no lease.
    func end(_ sender: Address, on chain: Chain) -> ContinuousClock.Instant? {
        state.withLock { $0.held[Key(sender: sender, chain: chain)]?.end }
    }

    /// Whether another relay holds the lease of this sender.
    func isRefused(_ sender: Address, on chain: Chain) -> Bool {
        state.withLock { $0.refused[Key(sender: sender, chain: chain)] != nil }
    }

    /// Whether the user should be notified now that another relay holds the lease. Returns true once, when this relay
    /// has waited longer than `noticeDelay` for the lease. Later calls return false. After this relay has acquired the
    /// lease, the next wait counts as a new one.
    func isNoticeDue(_ sender: Address, on chain: Chain) -> Bool {
        state.withLock { state in
            let key = Key(sender: sender, chain: chain)
            guard let (since, isSaid) = state.refused[key], !isSaid, .now - since > Self.noticeDelay else {
                return false
            }
            state.refused[key] = (since, true)
            return true
        }
    }
}

/// A relay's exclusive right to send the payments of one sender on one chain, for a limited time.
public struct JournalLease: Hashable, Sendable {
    public let sender: Address
    public let chain: Chain
    /// The fencing token. It grows whenever another relay acquires the lease, and writes with an older token are
    /// refused.
    public let fence: Int64
    /// The time at which the lease expires unless it is renewed, by this machine's monotonic clock. This clock also
    /// runs while the machine sleeps. The relay reads this clock before it requests the lease from the store, and adds
    /// the length of the lease. For this relay, the lease therefore never expires later than for the store.
    let end: ContinuousClock.Instant
}

/// The name by which the journal identifies a relay process. From this name, another process on the same machine can
/// determine whether the relay process has exited.
struct RelayIdentity: Hashable, Sendable, CustomStringConvertible {
    /// The machine's boot id and the PID namespace; empty if they cannot be read.
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

    /// Whether it is certain that the process with this name has exited. This is certain if the process ran on this
    /// machine after the last boot, and no process has the same PID now. For processes on other machines, the result is
    /// false.
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
