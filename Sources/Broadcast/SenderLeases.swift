import AirlockEthereumTypes
import Synchronization

/// The leases that this relay has while it sends.
final class SenderLeases: Sendable {
    /// With the longest pause between two looks, and what a transaction takes, another relay goes on within 15 seconds.
    static let length: Duration = .seconds(10)
    /// Who waits for so long is told.
    private static let patience: Duration = .seconds(3)

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
    func isToBeSaid(_ sender: Address, on chain: Chain) -> Bool {
        state.withLock { state in
            let key = Key(sender: sender, chain: chain)
            guard let (since, isSaid) = state.refused[key], !isSaid, .now - since > Self.patience else { return false }
            state.refused[key] = (since, true)
            return true
        }
    }
}
