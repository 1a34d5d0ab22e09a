import Operations

/// A piece of work to be timed, and what does the same work, or a part of it, beside it.
struct Benchmark {
    let name: String
    let work: (Int) -> Void
    private(set) var peers: [Operation] = []

    init(_ operation: Operation) {
        name = operation.name
        work = operation.work
    }

    init<T>(_ name: String, _ work: @escaping () -> T) { self.init(Operation(name, work)) }

    init<T, U>(_ name: String, _ work: @escaping () -> T, against peer: String, _ peerWork: @escaping () -> U) {
        self.init(name, work)
        peers.append(Operation(peer, peerWork))
    }

    /// The same with one peer more, if there is one.
    func against(_ peer: Operation?) -> Benchmark {
        var benchmark = self
        benchmark.peers += [peer].compactMap(\.self)
        return benchmark
    }
}
