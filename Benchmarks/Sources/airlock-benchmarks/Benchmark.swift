import Operations

/// A piece of work to be timed, and what does the same work, or a part of it, beside it.
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

    /// The same with one peer more, if there is one.
    func against(_ peer: Operation?) -> Benchmark {
        var benchmark = self
        benchmark.peers += [peer].compactMap(\.self)
        return benchmark
    }
}
