import Foundation
import AirlockTestSupport

/// The files in the folder `Fixtures`, by their paths in this folder.
public enum Fixture {
    public static func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: url(path))) }

    /// Writes a text to a fixture. A person must read the text before it is committed.
    public static func record(_ text: String, _ path: String) throws {
        try Data(text.utf8).write(to: url(path))
    }

    private static func url(_ path: String) -> URL {
        PackageRoot.url("Fixtures/\(path)")
    }
}
