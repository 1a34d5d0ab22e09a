import Files
public import SecretKeys

/// A file that holds one secret key as hexadecimal digits, alone on its line.
public enum KeyFile {
    /// Reads the key. The file must be regular, owned by this user and readable by nobody else.
    public static func read(_ path: String) throws -> SecretKey {
        let file = try SecretFile.read(path)
        return try file.withBytes { bytes in
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
}
