import Synchronization
import AirlockTestSupport

/// A server in Python, in a process of its own that ends when this is gone, or the tests are.
public final class PythonServer: Sendable {
    /// The line of JSON with which it began.
    public let announcement: String
    private let server: Mutex<RunningTool>

    /// - Parameter arguments: the folder of the program first.
    public init(_ arguments: [String]) throws {
        guard let python = BuiltTool.python else { throw ToolFailure("there is no Python") }
        // Clients that are killed make it complain, which is of interest only when it does not start.
        let complaints = try Scratch()
        let server = try RunningTool(
            python, arguments, in: "/", input: .silence, errors: complaints.file("complaints"))
        do { announcement = try server.wait(for: "{") } catch {
            throw ToolFailure("\(arguments) did not start: \(try complaints.content("complaints"))")
        }
        self.server = Mutex(server)
    }
}
