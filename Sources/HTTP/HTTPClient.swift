import Synchronization

/// One HTTP client: any number of requests at once over connections that are kept and used again.
///
/// It follows no redirect, takes no more than the settings allow, and speaks plain http to this machine only. Let go
/// of it and its thread ends.
public final class HTTPClient: Sendable {
    private let settings: HTTPSettings
    private let loop: TransferLoop

    public init(_ settings: HTTPSettings = HTTPSettings()) {
        self.settings = settings
        self.loop = TransferLoop()
    }

    deinit { loop.close() }

    /// Sends the request and returns the whole answer. Cancelling the task ends the transfer at once.
    public func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let isCancelled = CancellationFlag()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.submit(
                    Submission(
                        request: request, settings: settings, isCancelled: isCancelled, continuation: continuation))
            }
        } onCancel: {
            isCancelled.set()
            loop.wake()
        }
        return try result.get()
    }
}

/// A request on its way to the thread that carries it out.
struct Submission: Sendable {
    let request: HTTPRequest
    let settings: HTTPSettings
    let isCancelled: CancellationFlag
    let continuation: CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>
}

/// Said by the task, heard by the thread.
final class CancellationFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() { flag.store(true, ordering: .releasing) }
}
