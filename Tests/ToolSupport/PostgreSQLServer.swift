import Foundation
public import Glibc
import AirlockTestSupport

/// A server of PostgreSQL to test on, in a process of its own that ends with the tests. It is started again whenever it
/// ends.
public final class PostgreSQLServer: Sendable {
    public let folder: String
    public let port: String
    private let process: PythonServer

    /// One for all tests; `nil` where no server is installed, or no Python to start it.
    public static let shared: PostgreSQLServer? = {
        guard isInstalled else {
            print("note: there is no PostgreSQL here, and the journal in it was not tested: install postgresql")
            return nil
        }
        do { return try PostgreSQLServer() } catch { fatalError("the server of PostgreSQL does not start: \(error)") }
    }()

    private static var isInstalled: Bool {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        return BuiltTool.python != nil && !versions.isEmpty
    }

    /// Another one, with its own settings, for a test that ends it or changes it.
    public init(_ settings: String...) throws {
        let program = PackageRoot.url("Tests/PostgreSQL").path
        process = try PythonServer([program] + settings)
        let said = try JSONSerialization.jsonObject(with: Data(process.announcement.utf8)) as? [String: Any]
        guard let folder = said?["folder"] as? String, let port = said?["port"] as? Int else {
            throw ToolFailure(process.announcement)
        }
        self.folder = folder
        self.port = "\(port)"
    }

    /// The address on the socket, without a password. A schema stands for a database of its own, which takes longer to
    /// make.
    public func uri(_ schema: String = "public") -> String {
        let host = folder.replacing("/", with: "%2F")
        return "postgresql://relay@\(host):\(port)/postgres?options=-csearch_path%3D\(schema)"
    }

    /// The number of the server's first process.
    public var identifier: pid_t {
        get throws {
            let text = try String(contentsOfFile: folder + "/data/postmaster.pid", encoding: .utf8)
            guard let number = text.split(separator: "\n").first.flatMap({ pid_t($0) }) else { throw ToolFailure(text) }
            return number
        }
    }
}
