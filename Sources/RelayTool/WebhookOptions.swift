import AirlockBroadcast
import AirlockCLinux
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockHTTP
import AirlockStrictJSON
import Glibc

/// The options of `run --webhook`. The relay notifies the given server when a payment reaches a final state.
enum WebhookOptions {
    static let url = Option(
        "--webhook", value: "URL|@FILE",
        help: "post the final state of each payment to this URL; @FILE reads the URL from a file")

    static let notes = """
        --webhook posts one JSON document for each final state of a payment that ends from
        then on, whichever command or relay of the journal ends it: the payment as in status
        --json, and hash, its transaction in a block. The journal keeps the posts that are
        not delivered yet. A post is repeated, first after a second and at last every five
        minutes, until the server answers with a status of 2xx: it arrives at least once.
        Idempotency-Key names the payment and its state, and is the same from every relay.
        X-Airlock-Signature is sha256= and the HMAC-SHA-256 of the body with the secret in
        AIRLOCK_WEBHOOK_SECRET, of 16 bytes or more; without a secret nothing is posted
        (64). Redirects are not followed.
        """

    /// Reads the URL of the webhook's server, and the secret with which the relay signs its posts to this server.
    /// Returns `nil` if the user specified no server, or if the URL or the secret is invalid.
    static func read(
        _ arguments: Arguments, into problems: inout [Problem]
    ) -> (receiver: WebhookReceiver, secret: WebhookSecret)? {
        guard let value = arguments.value(url) else { return nil }
        let urls = NodeFile.servers(value, for: url.name, into: &problems)
        if urls.count > 1 {
            problems.append(Problem(UsageRule.invalidValue, at: url.name, expected: "one address"))
        }
        let secret = WebhookSecret.take(into: &problems)
        guard let url = urls.first, let secret else { return nil }
        return (WebhookReceiver(url), secret)
    }

    /// Makes the HTTP client that posts to the webhook's server. The body of the server's response is not used, so a
    /// small limit is enough.
    static func client(_ console: Console) -> HTTPClient {
        var settings = RelayOptions.httpSettings(console)
        settings.maximumBody = 1 << 20
        return HTTPClient(settings)
    }
}

extension ServiceLog {
    func say(_ event: Webhook.Event, _ url: HTTPURL) {
        func members(_ delivery: WebhookDelivery) -> [(String, JSONOutput)] {
            [
                ("code", .string(delivery.code)), ("state", .string(delivery.state.rawValue)),
                ("url", .string("\(url)")), ("attempts", .string("\(delivery.attempts)")),
            ]
        }
        switch event {
        case .delivered(let delivery):
            _ = isNews("webhook", "")
            line(
                "webhook-delivered", "told \(url) that \(delivery.code) is \(delivery.state.rawValue)",
                members(delivery))
        case .failed(let delivery, let problems, let wait):
            guard isNews("webhook", problems.map(\.message).joined()) else { return }
            line(
                "webhook-failed",
                "could not tell \(url) that \(delivery.code) is \(delivery.state.rawValue), next in \(wait.words)",
                members(delivery), problems)
        case .journal(let problems): say(.failed(problems))
        }
    }
}

extension Duration {
    fileprivate var words: String { "\(max(1, components.seconds)) s" }
}

/// The secret with which the relay signs webhook posts, by HMAC-SHA-256 (RFC 2104). The secret is never shown.
struct WebhookSecret: Sendable {
    static let variable = EnvironmentVariable.webhookSecret.rawValue
    /// The minimum length of a secret in bytes. An attacker who has seen one post could guess a shorter secret.
    static let least = 16

    /// The state of SHA-256 after it has processed the inner key block of HMAC, and the state after the outer key
    /// block. HMAC needs only these states, so the key itself is not stored.
    private let (inner, outer): (SHA256, SHA256)

    init(_ bytes: [UInt8]) {
        var key = bytes.count > SHA256.block ? SHA256.hash(bytes) : bytes
        key += [UInt8](repeating: 0, count: SHA256.block - key.count)
        var (inner, outer) = (SHA256(), SHA256())
        inner.update(key.map { $0 ^ 0x36 })
        outer.update(key.map { $0 ^ 0x5C })
        (self.inner, self.outer) = (inner, outer)
    }

    /// Computes the value of the header `X-Airlock-Signature` for the body of a post.
    func signature(of body: [UInt8]) -> String {
        var (inner, outer) = (inner, outer)
        inner.update(body)
        outer.update(inner.finish())
        let digits = outer.finish().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return "sha256=" + digits.joined()
    }

    /// Reads the secret, and removes it from the environment. If it stayed there, every process of this user could read
    /// the secret, and a core file would contain it.
    static func take(into problems: inout [Problem]) -> WebhookSecret? {
        guard let value = unsafe getenv(variable), unsafe value.pointee != 0 else {
            problems.append(
                Problem(
                    UsageRule.missingValue, at: variable, detail: "the secret that the webhook's posts are signed with",
                    hint: "set \(variable) in the environment, such as to what openssl rand -hex 32 prints"))
            return nil
        }
        let count = unsafe strlen(value)
        let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: value, count: count))
        unsafe memset(value, 0, count)
        unsafe unsetenv(variable)
        // A core file could contain the secret, and a debugger of the same user could read it from memory. Therefore
        // this process disables core files and debugging.
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        _ = airlock_prctl(PR_SET_DUMPABLE, 0)
        guard bytes.count >= least else {
            problems.append(
                Problem(
                    UsageRule.invalidValue, at: variable, expected: "at least \(least) bytes",
                    hint: "openssl rand -hex 32 prints one"))
            return nil
        }
        return WebhookSecret(bytes)
    }
}

extension WebhookSecret: CustomStringConvertible, CustomReflectable {
    var description: String { "a secret" }
    var customMirror: Mirror { Mirror(reflecting: description) }
}

/// SHA-256 (FIPS 180-4). The offline tool uses SHA-256 from the module `Gcrypt`. The relay does not use this module,
/// because the relay needs SHA-256 only for webhooks.
struct SHA256: Sendable {
    static let block = 64

    static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finish()
    }

    private var state = Self.primes(8).map { Self.fraction(of: $0.squareRoot()) }
    private var rest: [UInt8] = []
    private var count: UInt64 = 0

    mutating func update(_ bytes: [UInt8]) {
        count += UInt64(bytes.count)
        rest += bytes
        var start = 0
        while rest.count - start >= Self.block {
            compress(rest[start..<start + Self.block])
            start += Self.block
        }
        rest.removeFirst(start)
    }

    /// Appends a 1 bit, 0 bits, and the length of the message in bits (FIPS 180-4, section 5.1.1). Then returns the
    /// hash.
    mutating func finish() -> [UInt8] {
        let bits = count * 8
        let zeros = (Self.block + 55 - rest.count) % Self.block
        update([0x80] + [UInt8](repeating: 0, count: zeros) + Self.bytes(of: bits))
        return state.flatMap { Self.bytes(of: $0) }
    }

    /// Processes one block of the message (FIPS 180-4, section 6.2.2).
    private mutating func compress(_ block: ArraySlice<UInt8>) {
        var schedule = stride(from: block.startIndex, to: block.endIndex, by: 4).map { index in
            block[index..<index + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        for index in 16..<64 {
            let (early, late) = (schedule[index - 15], schedule[index - 2])
            let first = Self.rotated(early, 7) ^ Self.rotated(early, 18) ^ early >> 3
            let second = Self.rotated(late, 17) ^ Self.rotated(late, 19) ^ late >> 10
            schedule.append(schedule[index - 16] &+ first &+ schedule[index - 7] &+ second)
        }
        var word = state
        for index in 0..<64 {
            let choice = word[4] & word[5] ^ ~word[4] & word[6]
            let majority = word[0] & word[1] ^ word[0] & word[2] ^ word[1] & word[2]
            let upper = Self.rotated(word[4], 6) ^ Self.rotated(word[4], 11) ^ Self.rotated(word[4], 25)
            let lower = Self.rotated(word[0], 2) ^ Self.rotated(word[0], 13) ^ Self.rotated(word[0], 22)
            let first = word[7] &+ upper &+ choice &+ Self.constants[index] &+ schedule[index]
            let fourth = word[3] &+ first
            word = [first &+ lower &+ majority, word[0], word[1], word[2], fourth, word[4], word[5], word[6]]
        }
        for index in 0..<8 { state[index] &+= word[index] }
    }

    /// FIPS 180-4, section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    private static let constants = primes(64).map { fraction(of: cbrt($0)) }

    private static func primes(_ count: Int) -> [Double] {
        var found: [Int] = []
        var number = 2
        while found.count < count {
            if !found.contains(where: { number % $0 == 0 }) { found.append(number) }
            number += 1
        }
        return found.map { Double($0) }
    }

    /// Returns the first 32 bits of the fractional part of a cube root. A `Double` has 53 significant bits. The integer
    /// part of the root needs at most five of them, so more than 32 bits remain for the fractional part.
    private static func fraction(of root: Double) -> UInt32 { UInt32((root - root.rounded(.down)) * 0x1p32) }

    private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }

    private static func bytes(of word: some FixedWidthInteger) -> [UInt8] {
        stride(from: word.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> $0) }
    }
}
