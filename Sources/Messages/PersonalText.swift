public import AirlockDiagnostics
public import AirlockEthereumTypes

/// A plain text message to sign with version 0x45 of EIP-191, as `personal_sign` does. The bytes are signed exactly as
/// the file contains them.
public struct PersonalText: Hashable, Sendable {
    public let bytes: [UInt8]
    public let text: String

    /// The maximum length of a text message in bytes. Nobody would read a longer message before signing it.
    public static let longest = 1 << 15

    /// Reads a text message in UTF-8. The only control characters allowed are tabs and line breaks.
    public init(_ bytes: [UInt8]) throws(ProblemList) {
        guard bytes.count <= Self.longest else {
            throw ProblemList(
                Problem(
                    MessageRule.textLength, saw: "\(bytes.count) bytes", expected: "at most \(Self.longest) bytes"))
        }
        // The content may be a secret, so the error does not show it.
        guard let text = String(validating: bytes, as: UTF8.self), Self.recognises(bytes) else {
            throw ProblemList(Problem(MessageRule.notText))
        }
        // A text message of 32 bytes could be the hash of a transaction. With some effort, an attacker can find a hash
        // that consists of letters. So a text of 32 bytes is refused.
        guard bytes.count != 32 else {
            throw ProblemList(Problem(MessageRule.textOfHash, expected: "a text of another length"))
        }
        self.bytes = bytes
        self.text = text
        // A text that asks for a sign-in is refused if it does not have the form of EIP-4361, because the review would
        // not show it as a sign-in, but a site might still accept the signature.
        if asksToSignIn, signIn == nil { throw ProblemList(Problem(MessageRule.notSignIn)) }
    }

    /// Whether the bytes are certainly a plain text, and cannot be something else, such as another kind of request, a
    /// key or data.
    public static func recognises(_ bytes: [UInt8]) -> Bool {
        guard !bytes.isEmpty, let text = String(validating: bytes, as: UTF8.self) else { return false }
        let isPlain = text.unicodeScalars.allSatisfy {
            ["\t", "\n", "\r"].contains($0) || $0.properties.generalCategory != .control
        }
        let words = text.split { [" ", "\t", "\n", "\r", "\r\n"].contains($0) }
        guard isPlain, let first = words.first else { return false }
        let start = first.lowercased()
        // A text message must begin with a letter or a numeric character. A text that begins with another character may
        // have another format. For example, it may be JSON with a comment before it.
        guard let initial = first.first, initial.isLetter || initial.isNumber,
            !["ethereum:", "ur:", "0x"].contains(where: start.hasPrefix)
        else { return false }
        // A single word may be a number, a key, a hash, or a token in base64. It is accepted only if it is short and
        // not hexadecimal.
        if words.count == 1 { return !first.utf8.allSatisfy(Self.isHexDigit) && first.utf8.count < 32 }
        return !words.joined().utf8.allSatisfy(Self.isHexDigit)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    /// The digest to sign. EIP-191 defines it as the hash of "0x19 <0x45 (E)> <thereum Signed Message:\n" +
    /// len(message)> <data to sign>".
    public var digest: Hash { .keccak([0x19] + Array("Ethereum Signed Message:\n\(bytes.count)".utf8) + bytes) }
}

/// A message with which the user signs in to a site (EIP-4361).
extension PersonalText {
    private static let phrase = " wants you to sign in with your Ethereum account:"

    /// Whether the text asks the user to sign in. This is the case if it contains the phrase of a sign-in message, with
    /// any white space and in any letter case.
    var asksToSignIn: Bool {
        // Invisible characters are removed first. If they were not removed, a phrase that contains them would not be
        // found, although it looks the same to the user.
        let seen = String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter {
                    !$0.properties.isDefaultIgnorableCodePoint && $0.properties.generalCategory != .format
                }))
        let words = seen.split(whereSeparator: \.isWhitespace).joined(separator: " ").lowercased()
        return words.contains("wants you to sign in with your ethereum account")
    }

    /// The content of a sign-in message.
    public struct SignIn: Sendable {
        /// The site to which the user signs in.
        public let site: String
        /// The account with which the user signs in.
        public let account: Address
        /// The URI to which the sign-in applies.
        public let uri: String
        public let issued: Timestamp?
        public let notBefore: Timestamp?
        public let expires: Timestamp?
    }

    /// The content of the sign-in message; `nil` if the text does not have exactly the form of EIP-4361.
    public var signIn: SignIn? {
        // EIP-4361 separates lines by "\n" only. Swift treats "\r\n" as one `Character`, so the text is split by
        // Unicode scalars.
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }[...]
        func next(_ isRight: (String) -> Bool = { _ in true }) -> String? {
            guard let line = lines.first, isRight(line) else { return nil }
            return lines.removeFirst()
        }
        // Lines are cut by their UTF-8 bytes, because a space is part of one `Character` with a combining character
        // after it, and with some characters before it, such as U+0600.
        func rest(_ line: String, after start: String) -> Substring? {
            guard line.utf8.starts(with: start.utf8) else { return nil }
            return line[line.utf8.index(line.startIndex, offsetBy: start.utf8.count)...]
        }
        func member(_ name: String, _ isRight: (Substring) -> Bool) -> Substring? {
            let start = "\(name): "
            let found = next { line in rest(line, after: start).map { isRight($0) } ?? false }
            return found.flatMap { rest($0, after: start) }
        }
        guard let first = next(), first.utf8.suffix(Self.phrase.utf8.count).elementsEqual(Self.phrase.utf8),
            let named = next(), let account = try? Address(named), "\(account)" == named, next(\.isEmpty) != nil
        else { return nil }
        let site = first[..<first.utf8.index(first.endIndex, offsetBy: -Self.phrase.utf8.count)]
        // The statement is optional. If there is one, it is a single line, and an empty line follows it.
        if lines.first?.isEmpty == false { lines.removeFirst() }
        guard Self.isWord(site), next(\.isEmpty) != nil, let uri = member("URI", Self.isWord),
            member("Version", { $0 == "1" }) != nil,
            member("Chain ID", { !$0.isEmpty && $0.utf8.allSatisfy(Self.isDigit) }) != nil,
            member("Nonce", { $0.utf8.count >= 8 && $0.utf8.allSatisfy(Self.isLetterOrDigit) }) != nil,
            let issued = member("Issued At", Self.isTime)
        else { return nil }
        let expires = member("Expiration Time", Self.isTime).flatMap(Self.time)
        let notBefore = member("Not Before", Self.isTime).flatMap(Self.time)
        _ = member("Request ID") { $0.isEmpty || Self.isWord($0) }
        if next({ $0 == "Resources:" }) != nil {
            while next({ line in rest(line, after: "- ").map(Self.isWord) ?? false }) != nil {}
        }
        guard lines.isEmpty else { return nil }
        return SignIn(
            site: String(site), account: account, uri: String(uri), issued: Self.time(issued), notBefore: notBefore,
            expires: expires)
    }

    /// Whether a URI belongs to the site that requests the sign-in. Only web addresses are accepted. For any other URI,
    /// a browser might open a different site than the user expects.
    public static func isOfSite(_ uri: String, _ site: String) -> Bool {
        guard let own = authority(of: uri) else { return false }
        return own == authority(of: site) ?? authority(of: "https://\(site)")
    }

    /// Extracts the host and the optional port from a web address. Returns `nil` for any other URI.
    private static func authority(of uri: String) -> String? {
        let lower = uri.lowercased()
        guard let scheme = ["https://", "http://"].first(where: lower.hasPrefix) else { return nil }
        return String(lower.dropFirst(scheme.count).prefix { !"/?#".contains($0) })
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    }

    /// Whether a string consists of printable ASCII without spaces, as every part of a URI does (RFC 3986).
    private static func isWord(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { 0x21...0x7e ~= $0 }
    }

    /// Reads a time in the format of RFC 3339, in whole seconds. Returns `nil` if the day or the hour does not exist.
    private static func time(_ text: Substring) -> Timestamp? {
        guard let local = try? Timestamp("\(text.prefix(19))Z") else { return nil }
        let offset = text.last == "Z" ? "+00:00" : text.suffix(6)
        guard let hours = UInt64(offset.dropFirst().prefix(2)), let minutes = UInt64(offset.suffix(2)) else {
            return nil
        }
        let seconds = hours * 3600 + minutes * 60
        guard offset.first == "+" else {
            return Timestamp(seconds: min(local.seconds + seconds, Timestamp.last.seconds))
        }
        return Timestamp(seconds: local.seconds - min(seconds, local.seconds))
    }

    /// Whether the text is a time in the format of RFC 3339, such as `2026-03-11T08:30:49.000Z`. The time may also have
    /// an offset from UTC, such as `+02:00`.
    private static func isTime(_ text: Substring) -> Bool { hasTimeForm(text) && time(text) != nil }

    private static func hasTimeForm(_ text: Substring) -> Bool {
        func hasForm(_ text: Substring.UTF8View, _ form: String) -> Bool {
            text.count == form.utf8.count
                && zip(text, form.utf8).allSatisfy { $0 == $1 || $1 == UInt8(ascii: "0") && isDigit($0) }
        }
        guard hasForm(text.utf8.prefix(19), "0000-00-00T00:00:00") else { return false }
        var rest = text.utf8.dropFirst(19)
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix(while: isDigit)
            if digits.isEmpty { return false }
            rest = rest.dropFirst(1 + digits.count)
        }
        return rest.elementsEqual("Z".utf8) || hasForm(rest, "+00:00") || hasForm(rest, "-00:00")
    }
}
