import Glibc
import Synchronization

/// Runs the independent parts of a computation on all cores.
///
/// At most one thread is started for each core. Each thread exits when the computation is done, so no thread stays in
/// the background while a key is in memory.
enum Cores {
    /// Starts the work and returns at once. The caller can do other work until it calls ``Work/results()``.
    static func begin<Value: Sendable>(_ count: Int, _ work: @escaping @Sendable (Int) -> Value) -> Work<Value> {
        Work(count, threads: min(available, count), work)
    }

    /// Divides the indices into groups of at most `most` indices, and starts the work. Each call of `work` processes
    /// one group. If there would be fewer groups than cores, the groups are made smaller.
    static func begin<Value: Sendable>(
        _ count: Int, together most: Int, _ work: @escaping @Sendable (Range<Int>) -> [Value]
    ) -> Work<[Value]> {
        let size = max(1, min(most, count / available))
        return begin((count + size - 1) / size) { index in work(index * size..<min(count, (index + 1) * size)) }
    }

    /// A computation that is in progress. If this value is destroyed before the computation is done, no core starts
    /// another part of it. Each core only finishes the part that it is working on.
    final class Work<Value: Sendable> {
        private let places: Results<Value>
        private let job: Job
        private var threads: [pthread_t] = []

        fileprivate init(_ count: Int, threads wanted: Int, _ work: @escaping @Sendable (Int) -> Value) {
            let places = Results<Value>(count)
            self.places = places
            job = Job(count) { index in places.set(index, work(index)) }
            // If no thread can be created, the thread that calls `results()` does all the work.
            while threads.count < wanted, let thread = Self.thread(job) { threads.append(thread) }
        }

        deinit {
            job.stop()
            for thread in threads { pthread_join(thread, nil) }
        }

        /// Waits for the results, and returns them in the order of their indices. The calling thread helps with the
        /// work.
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

    /// The work that all threads share. Whenever a thread is free, it takes the index of the next part.
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

    /// Storage for the results. Each result is written only by the thread that took its index. Results are read only
    /// after all threads have exited.
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

        /// Moves the results out of the storage and leaves it empty.
        func take() -> [Value] { unsafe memory.indices.compactMap { unsafe memory[$0].take() } }
    }
}
