import AirlockHTTP
import AirlockDiagnostics
import Testing

@Suite("An HTTP address")
struct HTTPURLTests {
    static let shown: [(String, String)] = [
        ("https://example.org", "https://example.org"),
        ("HTTPS://Example.org/", "https://Example.org"),
        ("https://example.org:8545/rpc/", "https://example.org:8545/rpc"),
        ("https://example.org/v2/Ab3dEf6hIj9kLmNo", "https://example.org/v2/..."),
        ("https://example.org/v3/0123456789abcdef0123456789abcdef/x", "https://example.org/v3/.../x"),
        ("https://example.org/Secret", "https://example.org/..."),
        ("https://user:word@example.org/", "https://...@example.org"),
        ("https://token@example.org/", "https://...@example.org"),
        ("https://example.org/rpc?apikey=abc", "https://example.org/rpc?..."),
        ("https://example.org/rpc#abc", "https://example.org/rpc"),
        ("http://127.0.0.1:8545", "http://127.0.0.1:8545"),
    ]

    @Test("is shown without anything that could be a secret", arguments: shown)
    func redacted(text: String, shown: String) throws {
        let url = try HTTPURL(text)
        #expect(url.description == shown)
        var dumped = ""
        dump(HTTPRequest(.get, url), to: &dumped)
        #expect(!dumped.contains(text) || text == shown)
    }

    static let below: [(String, String)] = [
        ("https://example.org", "https://example.org/credits"),
        ("https://example.org/", "https://example.org/credits"),
        ("https://example.org/api/v1", "https://example.org/api/v1/credits"),
        ("https://example.org/api/v1/", "https://example.org/api/v1/credits"),
        ("https://example.org/api//v1//", "https://example.org/api/v1/credits"),
        ("http://[::1]:80/api?key=abc", "http://[::1]:80/api/credits?..."),
    ]

    @Test("has others below it", arguments: below)
    func appending(text: String, expected: String) throws {
        #expect(try HTTPURL(text).appending("/credits").description == expected)
    }

    @Test("takes a query besides its own, after the path")
    func query() throws {
        let url = try HTTPURL("http://127.0.0.1:1/tx?key=x").appending("/safes/", query: ["nonce=71"])
        #expect(try url == HTTPURL("http://127.0.0.1:1/tx/safes/?key=x&nonce=71"))
        #expect(try HTTPURL("https://e.org").appending("/a/", query: ["b=1"]) == HTTPURL("https://e.org/a/?b=1"))
    }

    @Test("and the headers that go with it are cut out of what comes back")
    func withoutSecrets() throws {
        let url = try HTTPURL("https://user:pass@example.org/v2/Ab3dEf6hIj9k/rpc?apikey=queryquery&x=1")
        let headers = [
            try HTTPHeader("Authorization", "Bearer sk-hidden"), try HTTPHeader("X-Key", "sk-hidden-and-longer"),
            .contentIsJSON,
        ]
        let request = HTTPRequest(.get, url, headers: headers)
        let said = "user pass Ab3dEf6hIj9k queryquery sk-hidden-and-longer sk-hidden, Bearer sk-hidden: rpc"
        #expect(request.withoutSecrets(said) == "... ... ... ... ... ..., ...: rpc")
        let plain = "no route for /v2/rpc and application/json, x is 1"
        #expect(request.withoutSecrets(plain) == plain)
    }

    static let loopback = [
        "http://127.0.0.1", "http://127.255.0.9:1", "http://localhost:8545/", "http://LOCALHOST", "http://[::1]:8545",
        "http://[0:0::1]", "http://2130706433/", "http://0x7f.1/",
    ]

    @Test("may be plain http for this machine itself", arguments: loopback)
    func local(text: String) throws {
        #expect(try HTTPURL(text).isLoopback)
    }

    static let insecure = [
        "http://example.org", "http://127.0.0.1.example.org", "http://localhost.example.org", "http://localhost./",
        "http://128.0.0.1", "http://0.0.0.0", "http://[::2]", "http://[::ffff:127.0.0.1]",
        "http://127.0.0.1@example.org", "http://127.0.0.256", "http://127.0.1.x", "http://10.0.0.1",
    ]

    @Test("must be https for every other", arguments: insecure)
    func foreign(text: String) {
        let error = #expect(throws: HTTPError.self) { try HTTPURL(text) }
        #expect(error?.rule == .insecureURL)
    }

    static let bad = [
        "", "example.org", "localhost:8545", "ftp://example.org", "file:///etc/passwd", "ws://127.0.0.1", "https://",
        "https:// example.org", "https://example.org:99999", "https://example.org/\n", "https://example.org/\0x",
        "https://[::1",
    ]

    @Test("is refused, and not repeated, when it is none", arguments: bad)
    func malformed(text: String) {
        let error = #expect(throws: HTTPError.self) { try HTTPURL(text) }
        #expect(error?.rule == .badURL)
        #expect(error?.url == nil)
    }
}
