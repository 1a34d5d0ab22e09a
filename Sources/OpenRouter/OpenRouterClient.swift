public import AirlockHTTP
internal import AirlockStrictJSON
internal import Glibc

/// A client of OpenRouter for the two calls that payments need. Each call has two forms: one throws, the other returns
/// a `Result`.
///
///     let service = try OpenRouterClient(HTTPClient(), key: BearerKey(text))
///     let credits = try await service.getCredits()
///     let answer = try await service.createCoinbaseCharge(
///         CoinbaseChargeRequest(amount: "25", sender: payer, chain: .base))
///     try save(answer.bytes)
///     let charge = try answer.charge()
public struct OpenRouterClient: Sendable {
    /// The service's default address.
    public static let defaultBase = "https://openrouter.ai/api/v1"

    private let client: HTTPClient
    private let base: HTTPURL
    private let key: BearerKey

    /// - Parameters:
    ///   - client: the HTTP client, which several services may share.
    ///   - base: the service's address; `nil` is the default one.
    ///   - key: the key of calls that have none of their own.
    public init(_ client: HTTPClient, base: HTTPURL? = nil, key: BearerKey) throws(OpenRouterError) {
        self.client = client
        do throws(HTTPError) { self.base = if let base { base } else { try HTTPURL(Self.defaultBase) } } catch {
            throw OpenRouterError(error)
        }
        self.key = key
    }

    /// The options of one call.
    public struct CallOptions: Sendable {
        /// Additional headers. Each replaces the call's own header of the same name, even the header with the key.
        public var headers: [HTTPHeader] = []
        /// The timeout of each attempt.
        public var timeout: Duration?
        /// The retry policy; `nil` lets a GET back off, and does not repeat a POST.
        public var retry: RetryPolicy?
        /// The key of this call.
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

    /// `GET /credits`: the credits that were bought and used. The service accepts only a management key, and its answer
    /// may be a minute old.
    public func getCredits(_ options: CallOptions = CallOptions()) async throws(OpenRouterError) -> Credits {
        let (request, response) = try await send(.get, "/credits", options, retry: .backoff)
        return try Credits(response, from: request.url)
    }

    /// `POST /credits/coinbase`: asks for a charge that the sender can pay on the chain.
    ///
    /// The answer is returned unread. Save its bytes before calling `charge()`, so that no charge is lost.
    ///
    /// The call has no idempotency key: repeating it, by `options.retry` or by hand, may create a second charge. That
    /// does no harm, since a charge costs nothing until it is paid.
    public func createCoinbaseCharge(
        _ charge: CoinbaseChargeRequest, _ options: CallOptions = CallOptions()
    ) async throws(OpenRouterError) -> CoinbaseChargeAnswer {
        let (request, response) = try await send(.post(charge.json.bytes), "/credits/coinbase", options, retry: .never)
        return CoinbaseChargeAnswer(bytes: response.body, url: request.url)
    }

    /// `getCredits`, with a `Result`.
    public func getCreditsResult(_ options: CallOptions = CallOptions()) async -> Result<Credits, OpenRouterError> {
        do throws(OpenRouterError) { return .success(try await getCredits(options)) } catch { return .failure(error) }
    }

    /// Like `createCoinbaseCharge`, but returns a `Result` instead of throwing.
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
    /// Polls the credits a minute after each answer, since the service caches its answers for that long.
    ///
    /// Throws the errors of `getCredits` and of `heard`. After the first answer, connection errors are retried too, if
    /// `options` has a retry policy.
    ///
    /// - Parameters:
    ///   - options: the options of each call.
    ///   - sleep: waits between two polls.
    ///   - heard: takes the first answer and each one that differs from the one before. Returns whether to go on.
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
