import Glibc
import Synchronization

/// Independent pieces of work, done by all cores at once.
///
/// Plain threads, one a core, that end with the work: nothing waits in the background while a key is held.
enum Cores {
    /// Begins, and goes on while the caller does something else; see ``Work/results()``.
    static func begin<Value: Sendable>(_ count: Int, _ work: @escaping @Sendable (Int) -> Value) -> Work<Value> {
        Work(count, threads: min(available, count), work)
    }

    /// The same, with several numbers at a time for each core, where there are enough of them for all cores.
    static func begin<Value: Sendable>(
        _ count: Int, together most: Int, _ work: @escaping @Sendable (Range<Int>) -> [Value]
    ) -> Work<[Value]> {
        let size = max(1, min(most, count / available))
        return begin((count + size - 1) / size) { index in work(index * size..<min(count, (index + 1) * size)) }
    }

    /// Work that was begun. Left before its end, it stops after what each core has in hand.
    final class Work<Value: Sendable> {
        private let places: Results<Value>
        private let job: Job
        private var threads: [pthread_t] = []

        fileprivate init(_ count: Int, threads wanted: Int, _ work: @escaping @Sendable (Int) -> Value) {
            let places = Results<Value>(count)
            self.places = places
            job = Job(count) { index in places.set(index, work(index)) }
            // Without another thread the caller's does it all.
            while threads.count < wanted, let thread = Self.thread(job) { threads.append(thread) }
        }

        deinit {
            job.stop()
            for thread in threads { pthread_join(thread, nil) }
        }

        /// The results in order, once the caller's own thread has helped to make them.
        func results() -> [Value] {
            job.run()
            for thread in threads { pthread_join(thread, nil) }
            threads = []
            return places.take()
        }

        private static func thread(_ job: Job) -> pthread_t? {
            var thread = pthread_t()
            let box = unsafe Unmanaged.passRetained(job).toOpaque()
            let started = unsafe pthread_create(
                &thread, nil,
                { job in
                    if let job = unsafe job { unsafe Unmanaged<Job>.fromOpaque(job).takeRetainedValue().run() }
                    return nil
                }, box)
            guard started == 0 else {
                unsafe Unmanaged<Job>.fromOpaque(box).release()
                return nil
            }
            return thread
        }
    }

    private static var available: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// Who is free takes the next index.
    fileprivate final class Job: Sendable {
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

        func stop() { next.store(count, ordering: .relaxed) }
    }

    /// Each place is written by the one thread that took its index, and read once all of them have ended.
    @safe
    fileprivate final class Results<Value: Sendable>: @unchecked Sendable {
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

        /// Hands the values over; none is left.
        func take() -> [Value] { unsafe memory.indices.compactMap { unsafe memory[$0].take() } }
    }
}
