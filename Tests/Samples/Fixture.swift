import Foundation

/// The files of `Fixtures`, by their path in it.
public enum Fixture {
    public static func bytes(_ path: String, source: String = #filePath) throws -> [UInt8] {
        let root = URL(filePath: source).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return Array(try Data(contentsOf: root.appending(path: "Fixtures/\(path)")))
    }
}
