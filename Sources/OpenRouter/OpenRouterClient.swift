public import AirlockHTTP
internal import AirlockStrictJSON
internal import Glibc

/// A client of OpenRouter for the two API calls that payments use. Each call has two forms: one throws an error, and
/// the other returns a `Result`.
///
///     let service = try OpenRouterClient(HTTPClient(), key: BearerKey(text))
///     let credits = try await service.getCredits()
///     let answer = try await service.createCoinbaseCharge(
///         CoinbaseChargeRequest(amount: "25", sender: payer, chain: .base))
///     try save(answer.bytes)
///     let charge = try answer.charge()
public struct OpenRouterClient: Sendable {
    /// The default URL of the service.
    public static let defaultBase = "https://openrouter.ai/api/v1"

    private let client: HTTPClient
    private let base: HTTPURL
    private let key: BearerKey

    /// Makes a client.
    ///
    /// - Parameters:
    ///   - client: the HTTP client. Several services may share it.
    ///   - base: the URL of the service; `nil` means the default URL.
    ///   - key: the API key for calls whose options contain no key.
    public init(_ client: HTTPClient, base: HTTPURL? = nil, key: BearerKey) throws(OpenRouterError) {
        self.client = client
        do throws(HTTPError) { self.base = if let base { base } else { try HTTPURL(Self.defaultBase) } } catch {
            throw OpenRouterError(error)
        }
        self.key = key
    }

    /// The options of one call.
    public struct CallOptions: Sendable {
        /// Additional headers. They replace the call's own headers of the same name, even the header with the API key.
        public var headers: [HTTPHeader] = []
        /// The timeout of each attempt. `nil` means the client's own timeout.
        public var timeout: Duration?
        /// The retry policy. With `nil`, a failed GET is repeated after increasing delays, and a POST is not repeated.
        public var retry: RetryPolicy?
        /// The API key for this call. `nil` means the client's key.
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

    /// Sends `GET /credits`, which returns the credits that were bought and used. The service accepts only a management
    /// key for this call. The answer may be up to a minute old.
    public func getCredits(_ options: CallOptions = CallOptions()) async throws(OpenRouterError) -> Credits {
        let (request, response) = try await send(.get, "/credits", options, retry: .backoff)
        return try Credits(response, from: request.url)
    }

    /// Sends `POST /credits/coinbase`, which creates a charge that the sender can pay on the chain.
    ///
    /// This function does not decode the answer. Save the answer's bytes before you call `charge()`, so that the charge
    /// is not lost if the answer cannot be decoded.
    ///
    /// The call has no idempotency key. If the call is repeated, by `options.retry` or by the caller, the service may
    /// create a second charge. This does no harm, because a charge costs nothing until it is paid.
    public func createCoinbaseCharge(
        _ charge: CoinbaseChargeRequest, _ options: CallOptions = CallOptions()
    ) async throws(OpenRouterError) -> CoinbaseChargeAnswer {
        let (request, response) = try await send(.post(charge.json.bytes), "/credits/coinbase", options, retry: .never)
        return CoinbaseChargeAnswer(bytes: response.body, url: request.url)
    }

    /// Does the same as `getCredits`, but returns a `Result` and does not throw.
    public func getCreditsResult(_ options: CallOptions = CallOptions()) async -> Result<Credits, OpenRouterError> {
        do throws(OpenRouterError) { return .success(try await getCredits(options)) } catch { return .failure(error) }
    }

    /// Does the same as `createCoinbaseCharge`, but returns a `Result` and does not throw.
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
    /// Queries the credits again and again. The next query follows a minute after the last answer, because the service
    /// caches its answers for a minute.
    ///
    /// Throws the errors of `getCredits`, and the errors that the function `heard` throws. After the first answer, the
    /// query is also repeated if the connection fails, unless the retry policy in `options` forbids retries.
    ///
    /// - Parameters:
    ///   - options: the options of each call.
    ///   - sleep: a function that waits between two queries.
    ///   - heard: a function that receives the first answer, and each answer that differs from the one before. If it
    ///     returns false, this method returns.
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
