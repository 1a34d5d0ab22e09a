public import AirlockEthereumTypes
import Glibc
import Synchronization

/// The leases that this relay has while it sends.
final class SenderLeases: Sendable {
    /// With the longest pause between two looks, and what a transaction takes, another relay goes on within 15 seconds.
    static let length: Duration = .seconds(10)
    /// Who waits for so long is told.
    private static let noticeDelay: Duration = .seconds(3)

    private struct Key: Hashable {
        let sender: Address
        let chain: Chain
    }

    private struct State {
        var held: [Key: JournalLease] = [:]
        /// Since when another relay has the lease, and whether that was said.
        var refused: [Key: (since: ContinuousClock.Instant, isSaid: Bool)] = [:]
    }

    private let journal: any PaymentJournal
    private let length: Duration
    private let renewal: Duration
    private let state = Mutex(State())

    /// - Parameters:
    ///   - journal: what keeps the leases.
    ///   - length: how long each lasts.
    ///   - renewal: how often it is renewed while the work lasts; `nil` is three times in its length.
    init(_ journal: any PaymentJournal, length: Duration = SenderLeases.length, renewal: Duration? = nil) {
        self.journal = journal
        self.length = length
        self.renewal = renewal ?? length / 3
    }

    /// Does the work while this relay has the lease, which is renewed as long as it takes.
    ///
    /// - Returns: `nil` where another relay has it; nothing was done then.
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
        // One that cannot be given back ends by itself.
        try? await journal.release(lease)
        return result
    }

    private func renew(_ lease: JournalLease, _ key: Key) async {
        while (try? await Task.sleep(for: renewal)) != nil {
            guard let renewed = try? await journal.renew(lease, for: length) else { continue }
            state.withLock { $0.held[key] = renewed }
        }
    }

    /// Whether a transaction may be given to nodes now. A relay that was stopped for longer than its lease may not.
    func isHeld(_ sender: Address, on chain: Chain) -> Bool {
        end(sender, on: chain).map { .now < $0 } ?? false
    }

    /// When the lease ends that this relay has, by its own clock.
    func end(_ sender: Address, on chain: Chain) -> ContinuousClock.Instant? {
        state.withLock { $0.held[Key(sender: sender, chain: chain)]?.end }
    }

    /// Whether another relay has the lease.
    func isRefused(_ sender: Address, on chain: Chain) -> Bool {
        state.withLock { $0.refused[Key(sender: sender, chain: chain)] != nil }
    }

    /// The same, once for each wait that is long.
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
