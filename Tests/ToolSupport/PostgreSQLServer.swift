import Foundation
public import Glibc
import AirlockTestSupport

/// A PostgreSQL server for tests. It runs in a separate process, which ends with the tests. If the server ends earlier,
/// it is started again, unless it has the setting `once`.
public final class PostgreSQLServer: Sendable {
    public let folder: String
    public let port: String
    private let process: PythonServer

    /// The server that the tests share; `nil` if PostgreSQL or Python is not installed.
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

    /// Starts a separate server with these settings, for a test that kills or changes the server.
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

    /// Returns the address of the server's Unix socket, without a password. A test can use a separate schema instead of
    /// a separate database, which takes longer to create.
    public func uri(_ schema: String = "public") -> String {
        let host = folder.replacing("/", with: "%2F")
        return "postgresql://relay@\(host):\(port)/postgres?options=-csearch_path%3D\(schema)"
    }

    /// The PID of the server's main process.
    public var identifier: pid_t {
        get throws {
            let text = try String(contentsOfFile: folder + "/data/postmaster.pid", encoding: .utf8)
            guard let number = text.split(separator: "\n").first.flatMap({ pid_t($0) }) else { throw ToolFailure(text) }
            return number
        }
    }
}
