import Foundation
import AirlockTestSupport

/// The files of `Fixtures`, by their path in it.
public enum Fixture {
    public static func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: url(path))) }

    /// Writes a text that a person is to read before it is committed.
    public static func record(_ text: String, _ path: String) throws {
        try Data(text.utf8).write(to: url(path))
    }

    private static func url(_ path: String) -> URL {
        PackageRoot.url("Fixtures/\(path)")
    }
}
