import Operations

/// A piece of work that is measured, and the peers that it is compared with. A peer is other code that does the same
/// work or a part of it.
struct Benchmark {
    let operation: Operation
    private(set) var peers: [Operation] = []

    var name: String { operation.name }

    init(_ operation: Operation) { self.operation = operation }

    init<T>(_ name: String, _ work: @escaping () -> T) { self.init(Operation(name, work)) }

    init<T, U>(_ name: String, _ work: @escaping () -> T, against peer: String, _ peerWork: @escaping () -> U) {
        self.init(Operation(name, work))
        peers.append(Operation(peer, peerWork))
    }

    /// Returns this benchmark with one more peer. If `peer` is `nil`, returns the benchmark unchanged.
    func against(_ peer: Operation?) -> Benchmark {
        var benchmark = self
        benchmark.peers += [peer].compactMap(\.self)
        return benchmark
    }
}
