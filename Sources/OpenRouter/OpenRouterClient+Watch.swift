internal import AirlockHTTP

extension OpenRouterClient {
    /// Asks for the credits again and again, a minute after each answer, since the service keeps its own that long.
    ///
    /// It throws what `getCredits` throws, and what `heard` does; but once there was an answer, a server that cannot be reached is one more
    /// thing to wait for, where `options` repeat anything at all.
    ///
    /// `sleep` is how to wait. `heard` takes the first answer, and each that is not like the one before, and says whether
    /// to go on.
    public func watchCredits(
        _ options: CallOptions = CallOptions(),
        sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        heard: @Sendable (Credits) throws -> Bool
    ) async throws {
        var options = options
        var last: Credits?
        while true {
            let credits = try await getCredits(options)
            if credits != last, try !heard(credits) { return }
            last = credits
            options.retry = options.retry ?? .backoff
            options.retry?.retryConnectionErrors = true
            try await sleep(.seconds(60))
        }
    }
}
