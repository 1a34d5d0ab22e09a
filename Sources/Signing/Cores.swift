import Glibc
import Synchronization

/// Independent pieces of work, done by all cores at once.
///
/// Plain threads, one a core, that end with the work: nothing waits in the background while a key is held.
enum Cores {
    /// The results in order.
    static func map<Value: Sendable>(_ count: Int, _ work: @escaping @Sendable (Int) -> Value) -> [Value] {
        let results = Results<Value>(count)
        let job = Job(count) { index in results.set(index, work(index)) }
        var threads: [pthread_t] = []
        for _ in 1..<max(1, min(available, count)) {
            var thread = pthread_t()
            let box = unsafe Unmanaged.passRetained(job).toOpaque()
            let started = unsafe pthread_create(
                &thread, nil,
                { job in
                    if let job = unsafe job { unsafe Unmanaged<Job>.fromOpaque(job).takeRetainedValue().run() }
                    return nil
                }, box)
            // Without another thread this one does it all.
            guard started == 0 else {
                unsafe Unmanaged<Job>.fromOpaque(box).release()
                break
            }
            threads.append(thread)
        }
        job.run()
        for thread in threads { pthread_join(thread, nil) }
        return results.all
    }

    private static var available: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// Who is free takes the next index.
    private final class Job: Sendable {
        private let next = Atomic(0)
        private let count: Int
        private let work: @Sendable (Int) -> Void

        init(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
            self.count = count
            self.work = work
        }

        func run() {
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                work(index)
            }
        }
    }

    /// Each place is written by the one thread that took its index, and read once all of them have ended.
    @safe
    private final class Results<Value: Sendable>: @unchecked Sendable {
        private let memory: UnsafeMutableBufferPointer<Value?>

        init(_ count: Int) {
            unsafe memory = .allocate(capacity: count)
            unsafe memory.initialize(repeating: nil)
        }

        deinit {
            unsafe memory.deinitialize()
            unsafe memory.deallocate()
        }

        func set(_ index: Int, _ value: Value) { unsafe memory[index] = value }

        var all: [Value] { unsafe memory.compactMap { $0 } }
    }
}
