/// One piece of work to be timed, or to have its instructions counted.
public struct Operation {
    public let name: String
    /// Does the work as many times as it is told.
    public let work: (Int) -> Void
    /// Is it done by other processes, or by other threads, so that only the clock on the wall tells how long it took?
    /// All else is timed by the processor's time of this thread, which no other process can lengthen.
    public let isElsewhere: Bool

    @inlinable
    public init(name: String, isElsewhere: Bool = false, work: @escaping (Int) -> Void) {
        self.name = name
        self.work = work
        self.isElsewhere = isElsewhere
    }

    @inlinable
    public init<T>(_ name: String, isElsewhere: Bool = false, _ work: @escaping () -> T) {
        self.init(name: name, isElsewhere: isElsewhere) { count in
            for _ in 0..<count { keep(work()) }
        }
    }
}

/// A result that was not the right one: what computes it is not worth measuring.
public struct WrongResult: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) { self.description = description }
}

/// Everything proves what it computes before it is measured.
public func verify(_ name: String, _ holds: Bool) throws {
    if !holds { throw WrongResult(description: "\(name): the result is wrong") }
}

/// Takes a result, so that the compiler cannot leave out the work for it.
@inline(never) @_optimize(none) @usableFromInline
func keep<T>(_ value: T) {}
