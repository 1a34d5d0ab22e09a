/// A piece of work whose time is measured or whose instructions are counted.
public struct Operation {
    public let name: String
    /// A closure that repeats the work. Its argument is the number of repetitions.
    public let work: (Int) -> Void
    /// Whether other processes or other threads do the work. If so, only a wall clock can measure its time. All other
    /// work is measured in processor time of this thread, which other processes cannot lengthen.
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

/// Does some work and uses its result, so that the compiler cannot remove the work. Stops the program if the work
/// throws an error; work that has succeeded once does not throw.
@inlinable @inline(__always)
public func keep<T>(named name: String = #function, _ work: () throws -> T) {
    do {
        var result = try work()
        unsafe withUnsafeMutablePointer(to: &result) { unsafe look(at: $0) }
    } catch { fatalError("\(name): \(error)") }
}

/// Does nothing, but the compiler must assume that it uses the result. The parameter is a raw pointer, because a
/// generic function that is not optimized would take longer than some of the measured work.
@inline(never) @_optimize(none) @usableFromInline
func look(at result: UnsafeMutableRawPointer) {}

/// An error for a wrong result. Code that computes a wrong result is not measured.
public struct WrongResult: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) { self.description = description }
}

/// Throws an error if `holds` is false. Every operation verifies its result in this way before it is measured.
public func verify(_ name: String, _ holds: Bool) throws {
    if !holds { throw WrongResult(description: "\(name): the result is wrong") }
}
