import Synchronization
import AirlockTestSupport

/// A server that is written in Python. It runs in a separate process, which ends when this object is released or the
/// test process ends.
public final class PythonServer: Sendable {
    /// The line of JSON that the server printed when it started.
    public let announcement: String
    private let server: Mutex<RunningTool>

    /// Starts the server, and waits until it has printed one line of JSON.
    ///
    /// - Parameter arguments: the folder of the program, and then the program's arguments.
    public init(_ arguments: [String]) throws {
        guard let python = BuiltTool.python else { throw ToolFailure("there is no Python") }
        // The server prints error messages whenever a client is killed. So standard error goes to a file, which is read
        // only if the server does not start.
        let complaints = try Scratch()
        let server = try RunningTool(
            python, arguments, in: "/", input: .silence, errors: complaints.file("complaints"))
        do { announcement = try server.wait(for: "{") } catch {
            throw ToolFailure("\(arguments) did not start: \(try complaints.content("complaints"))")
        }
        self.server = Mutex(server)
    }
}
