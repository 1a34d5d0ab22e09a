/// One piece of work to be timed, and a peer's same work where there is one.
struct Benchmark {
    let name: String
    /// Does the work as many times as it is told.
    let work: (Int) -> Void
    let peer: (name: String, work: (Int) -> Void)?

    init<T>(_ name: String, _ work: @escaping () -> T) {
        self.init(name, peer: nil, repeating(work))
    }

    init<T, U>(_ name: String, _ work: @escaping () -> T, against peer: String, _ peerWork: @escaping () -> U) {
        self.init(name, peer: (peer, repeating(peerWork)), repeating(work))
    }

    private init(_ name: String, peer: (String, (Int) -> Void)?, _ work: @escaping (Int) -> Void) {
        self.name = name
        self.work = work
        self.peer = peer
    }
}

/// A result that was not the right one: what computes it is not worth timing.
struct WrongResult: Error, CustomStringConvertible {
    let description: String
}

/// Every benchmark proves what it computes before it is timed.
func verify(_ name: String, _ holds: Bool) throws {
    if !holds { throw WrongResult(description: "\(name): the result is wrong") }
}

@inline(__always)
private func repeating<T>(_ work: @escaping () -> T) -> (Int) -> Void {
    { count in
        for _ in 0..<count { keep(work()) }
    }
}

/// Takes a result, so that the compiler cannot leave out the work for it.
@inline(never) @_optimize(none)
private func keep<T>(_ value: T) {}
