public import EthereumTypes
public import Files
public import SecretKeys

/// A file that holds one secret key as hexadecimal digits, alone on its line.
public struct KeyFile: ~Copyable {
    public let secret: SecretKey
    /// The file, which no output may replace.
    public let identity: FileIdentity

    /// The rules that a key breaks, for who may not know keys themselves.
    public typealias KeyRules = SecretKeyRule

    public var address: Address { secret.address }

    /// Reads the key. The file must be regular, owned by this user and readable by nobody else.
    public init(_ path: String) throws {
        let file = try SecretFile.read(path)
        let secret = try file.withBytes(Self.read)
        self.secret = secret
        self.identity = file.facts.identity
    }

    /// The key alone, for who keeps it longer than the file.
    public consuming func take() -> SecretKey { secret }

    private static func read(_ bytes: Span<UInt8>) throws(SecretKeyError) -> SecretKey {
        var text = bytes
        // Some editors begin a file with a byte order mark, and all end its line, with LF or CRLF.
        if text.count >= 3, text[0] == 0xEF, text[1] == 0xBB, text[2] == 0xBF {
            text = text.extracting(droppingFirst: 3)
        }
        while text.count > 0, [0x0A, 0x0D, 0x20].contains(text[text.count - 1]) {
            text = text.extracting(droppingLast: 1)
        }
        return try SecretKey(hex: text)
    }
}
