import AirlockDiagnostics
import Glibc

/// The rules that decide which requests the server accepts.
package struct WebAccess: Sendable {
    /// The host names under which the service can be reached. IP addresses and `localhost` do not have to be listed.
    package let names: Set<String>
    /// The CSRF token. Every request that changes something must include the token. Only a page of this service
    /// contains the token, so a page of another site cannot send such a request.
    package let token: String
    /// A function that checks in constant time whether a password is correct. `nil` if the service requires no
    /// password.
    package let isPassword: (@Sendable ([UInt8]) -> Bool)?

    package init(
        names: [String] = [], token: String = Self.randomToken(), isPassword: (@Sendable ([UInt8]) -> Bool)? = nil
    ) {
        self.names = Set(names.map { $0.lowercased() })
        (self.token, self.isPassword) = (token, isPassword)
    }

    /// A random token in hexadecimal. It has 256 bits from the system's random number generator.
    package static func randomToken() -> String {
        (0..<4).map { _ in
            let digits = String(UInt64.random(in: 0 ... .max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// Compares two byte strings. The time of the comparison does not depend on the bytes, so an attacker who measures
    /// this time learns nothing about them.
    package static func isSame(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        guard !other.isEmpty else { return one.isEmpty }
        var difference = one.count ^ other.count
        for index in one.indices { difference |= Int(one[index] ^ other[index % other.count]) }
        return difference == 0
    }

    /// Checks the headers of a request. Returns the reason to refuse the request, or `nil` if it is allowed.
    func refusal(_ headers: [String: String], isChange: Bool, isPrivate: Bool) -> Problem? {
        let host = headers["host"] ?? ""
        guard isOwn(host) else { return Problem(WebRule.wrongHost, at: "Host", saw: host) }
        if let isPassword, !isPassword(Self.password(headers["authorization"] ?? "")) {
            return Problem(WebRule.password, at: "Authorization")
        }
        if let site = headers["sec-fetch-site"] {
            // The browser itself sets the header Sec-Fetch-Site. So a script in a page cannot forge it.
            let own = isChange ? ["same-origin"] : ["same-origin", "none"]
            if isChange || isPrivate, !own.contains(site) {
                return Problem(WebRule.otherSite, at: "Sec-Fetch-Site", saw: site)
            }
        }
        guard isChange else { return nil }
        if let origin = headers["origin"], !["http://\(host)", "https://\(host)"].contains(origin.lowercased()) {
            return Problem(WebRule.otherSite, at: "Origin", saw: origin)
        }
        guard Self.isSame(Array((headers["x-airlock-token"] ?? "").utf8), Array(token.utf8)) else {
            return Problem(WebRule.token, at: "X-Airlock-Token")
        }
        return nil
    }

    /// Whether the host name belongs to this service. By DNS rebinding, the host name of another site can resolve to
    /// this machine, and a page of that site could then reach the service. An IP address and `localhost` are safe,
    /// because they belong to no other site.
    private func isOwn(_ host: String) -> Bool {
        let text = host.lowercased()
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]"), Self.isPort(text[text.index(after: end)...]) else { return false }
            var address = in6_addr()
            return unsafe inet_pton(AF_INET6, String(text[..<end].dropFirst()), &address) == 1
        }
        let name = String(text.prefix { $0 != ":" })
        guard Self.isPort(text.dropFirst(name.count)) else { return false }
        if name == "localhost" || names.contains(name) { return true }
        var address = in_addr()
        return unsafe inet_pton(AF_INET, name, &address) == 1
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty || text.first == ":" && UInt16(text.dropFirst()) != nil
    }

    /// Extracts the password from HTTP Basic authentication (RFC 7617), and ignores the user name. Returns an empty
    /// array if there is no password.
    private static func password(_ header: String) -> [UInt8] {
        let parts = header.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].lowercased() == "basic", let bytes = decode(base64: parts[1]),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
        else { return [] }
        return Array(bytes[(colon + 1)...])
    }

    private static func decode(base64 text: Substring) -> [UInt8]? {
        guard text.utf8.count.isMultiple(of: 4) else { return nil }
        var (bytes, bits, count): ([UInt8], UInt32, Int) = ([], 0, 0)
        for character in text.utf8.reversed().drop(while: { $0 == UInt8(ascii: "=") }).reversed() {
            let value: UInt8
            switch character {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character - UInt8(ascii: "0") + 52
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            default: return nil
            }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
                bits &= (1 << UInt32(count)) - 1
            }
        }
        return bytes
    }
}
