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

    @inlinable @inline(__always)
    public init<T>(_ name: String, isElsewhere: Bool = false, _ work: @escaping () throws -> T) {
        self.init(name: name, isElsewhere: isElsewhere) { count in
            for _ in 0..<count { keep(named: name, work) }
        }
    }
}

/// Takes the result of some work, so that the compiler cannot leave it out. Work that has shown its result once fails
/// no more.
@inlinable @inline(__always)
public func keep<T>(named name: String = #function, _ work: () throws -> T) {
    do {
        var result = try work()
        unsafe withUnsafeMutablePointer(to: &result) { unsafe look(at: $0) }
    } catch { fatalError("\(name): \(error)") }
}

/// Of no type, since a generic function that is not optimized takes longer than some of what is measured.
@inline(never) @_optimize(none) @usableFromInline
func look(at result: UnsafeMutableRawPointer) {}

/// A result that was not the right one: what computes it is not worth measuring.
public struct WrongResult: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) { self.description = description }
}

/// Everything proves what it computes before it is measured.
public func verify(_ name: String, _ holds: Bool) throws {
    if !holds { throw WrongResult(description: "\(name): the result is wrong") }
}
