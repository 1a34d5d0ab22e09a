import Dispatch
import Synchronization

/// Waits on the main thread for work that is done elsewhere: a command returns when its work has ended.
func waiting<Value: Sendable>(for work: @escaping @Sendable () async throws -> Value) throws -> Value {
    let (done, result) = (DispatchSemaphore(value: 0), Box<Value>())
    Task.detached {
        do { result.put(.success(try await work())) } catch { result.put(.failure(error)) }
        done.signal()
    }
    done.wait()
    return try result.take()
}

private final class Box<Value: Sendable>: Sendable {
    private let content = Mutex<Result<Value, any Error>?>(nil)

    func put(_ result: Result<Value, any Error>) { content.withLock { $0 = result } }

    /// There is one: the semaphore was raised after it was put in.
    func take() throws -> Value {
        guard let result = content.withLock({ $0 }) else { throw CancellationError() }
        return try result.get()
    }
}
