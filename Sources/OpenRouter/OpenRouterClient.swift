public import AirlockHTTP
internal import AirlockStrictJSON
internal import Glibc

/// The two calls of the service that payments need, each of which throws or gives a `Result`.
///
///     let service = try OpenRouterClient(HTTPClient(), key: BearerKey(text))
///     let credits = try await service.getCredits()
///     let answer = try await service.createCoinbaseCharge(
///         CoinbaseChargeRequest(amount: "25", sender: payer, chain: .base))
///     try save(answer.bytes)
///     let charge = try answer.charge()
public struct OpenRouterClient: Sendable {
    /// Where the service is, unless said otherwise.
    public static let defaultBase = "https://openrouter.ai/api/v1"

    private let client: HTTPClient
    private let base: HTTPURL
    private let key: BearerKey

    /// - Parameters:
    ///   - client: how the service is spoken to; several services may share one.
    ///   - base: the service's address, under which its calls are.
    ///   - key: the key of every call that has none of its own.
    public init(_ client: HTTPClient, base: HTTPURL? = nil, key: BearerKey) throws(OpenRouterError) {
        self.client = client
        do throws(HTTPError) { self.base = if let base { base } else { try HTTPURL(Self.defaultBase) } } catch {
            throw OpenRouterError(error)
        }
        self.key = key
    }

    /// What one call does otherwise than the client's others.
    public struct CallOptions: Sendable {
        /// Sent besides; one that has the name of a header of the call's own takes its place, the key's too.
        public var headers: [HTTPHeader] = []
        /// The time for each attempt.
        public var timeout: Duration?
        /// When nothing is said, a GET backs off and a POST is not repeated.
        public var retry: RetryPolicy?
        /// The key for this call.
        public var bearer: BearerKey?

        public init(
            headers: [HTTPHeader] = [], timeout: Duration? = nil, retry: RetryPolicy? = nil, bearer: BearerKey? = nil
        ) {
            self.headers = headers
            self.timeout = timeout
            self.retry = retry
            self.bearer = bearer
        }
    }

    /// `GET /credits`: what was bought and what was used. The service answers a management key only, and may keep its
    /// answer for up to a minute.
    public func getCredits(_ options: CallOptions = CallOptions()) async throws(OpenRouterError) -> Credits {
        let (request, response) = try await send(.get, "/credits", options, retry: .backoff)
        return try Credits(response, from: request.url)
    }

    /// `POST /credits/coinbase`: asks for a charge that the sender can pay on the chain.
    ///
    /// The answer is given as it came, and only read when asked for: whoever saves its bytes first loses no charge.
    ///
    /// The call has no idempotency key, so a request that is repeated, by `options.retry` or by hand, may create a
    /// second charge. That does no harm: a charge costs nothing until it is paid.
    public func createCoinbaseCharge(
        _ charge: CoinbaseChargeRequest, _ options: CallOptions = CallOptions()
    ) async throws(OpenRouterError) -> CoinbaseChargeAnswer {
        let (request, response) = try await send(.post(charge.json.bytes), "/credits/coinbase", options, retry: .never)
        return CoinbaseChargeAnswer(bytes: response.body, url: request.url)
    }

    /// `getCredits`, as a value.
    public func getCreditsResult(_ options: CallOptions = CallOptions()) async -> Result<Credits, OpenRouterError> {
        do throws(OpenRouterError) { return .success(try await getCredits(options)) } catch { return .failure(error) }
    }

    /// `createCoinbaseCharge`, as a value.
    public func createCoinbaseChargeResult(
        _ charge: CoinbaseChargeRequest, _ options: CallOptions = CallOptions()
    ) async -> Result<CoinbaseChargeAnswer, OpenRouterError> {
        do throws(OpenRouterError) { return .success(try await createCoinbaseCharge(charge, options)) } catch {
            return .failure(error)
        }
    }

    private func send(
        _ method: HTTPRequest.Method, _ path: String, _ options: CallOptions, retry: RetryPolicy
    ) async throws(OpenRouterError) -> (HTTPRequest, HTTPResponse) {
        var own = [(options.bearer ?? key).header]
        let isPost = if case .post = method { true } else { false }
        if isPost { own.append(.contentIsJSON) }
        let named = Set(options.headers.map { $0.name.lowercased() })
        let request: HTTPRequest
        let response: HTTPResponse
        do throws(HTTPError) {
            let headers = own.filter { !named.contains($0.name.lowercased()) } + options.headers
            var whole = HTTPRequest(method, try base.appending(path), headers: headers, timeout: options.timeout)
            whole.retry = options.retry ?? retry
            whole.isSentOnce = isPost
            request = whole
            response = try await client.send(whole)
        } catch { throw OpenRouterError(error, isPost: isPost) }
        guard 200..<300 ~= response.status else {
            throw OpenRouterError(ServiceRefusal(response, to: request, now: time(nil)), at: request.url)
        }
        return (request, response)
    }
}

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
