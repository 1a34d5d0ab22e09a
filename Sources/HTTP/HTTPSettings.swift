/// How a client speaks to every server.
public struct HTTPSettings: Sendable {
    /// For the name, the connection and the encryption together.
    public var connectTimeout: Duration = .seconds(10)
    /// For a whole attempt, connection and answer included.
    public var timeout: Duration = .seconds(30)
    /// The largest body that is taken, in bytes.
    public var maximumBody = 8 << 20
    /// A PEM file of the authorities to trust in place of the system's.
    public var certificates: String?
    public var userAgent = "airlock-relay"
    /// For requests that have no policy of their own.
    public var retry = RetryPolicy.never
    public var clock = RetryClock.system
    /// Hears of every attempt after the first, before the wait for it.
    public var willRetry: @Sendable (RetryNotice) -> Void = { _ in }

    /// - Parameter environment: looks up a variable; curl's own and OpenSSL's names for the file of authorities are
    ///   understood, because the library reads neither. Proxies it finds by itself.
    public init(environment: (String) -> String? = { _ in nil }) {
        let named = ["CURL_CA_BUNDLE", "SSL_CERT_FILE"].lazy.compactMap(environment)
        certificates = named.first { !$0.isEmpty }
    }
}
