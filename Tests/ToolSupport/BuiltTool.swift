import Foundation
public import Testing
import AirlockTestSupport

/// A program that the tests start from the command line, as a user starts it. It is a tool that was built for the
/// tests, or another program.
public struct BuiltTool: Sendable {
    public let path: String

    /// The folder that contains the built tests.
    public static let testFolder =
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path

    /// The folder that contains the tools. It is the folder that the environment variable AIRLOCK_BINARIES names. If
    /// this variable is not set, it is the folder of the tests. With the variable, the same tests can check a release.
    public static let folder: String = {
        let named = ProcessInfo.processInfo.environment["AIRLOCK_BINARIES"].flatMap { $0.isEmpty ? nil : $0 }
        return named.map { URL(filePath: $0).path } ?? testFolder
    }()

    /// Finds the tool with this name. Throws if the tool is not built.
    public init(_ name: String) throws {
        path = "\(Self.folder)/\(name)"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw ToolFailure("there is no \(path): build it first")
        }
    }

    /// Finds the program at a path. Returns `nil` if there is no program.
    public init?(at path: String) {
        guard FileManager.default.isExecutableFile(atPath: path) else { return nil }
        self.path = path
    }

    /// Finds an external program in the usual folders. Returns `nil` if the program is not installed.
    public static func installed(_ name: String) -> BuiltTool? {
        ["/usr/bin", "/bin", "/usr/local/bin"].lazy.compactMap { BuiltTool(at: "\($0)/\(name)") }.first
    }

    /// The program strace; `nil` if it is not installed, or if it cannot trace a process on this machine.
    public static let tracer: BuiltTool? = {
        guard let strace = installed("strace"),
            let outcome = try? strace.run(["-qq", "-o", "/dev/null", "/bin/true"], in: "/"), outcome.exit == 0
        else { return nil }
        return strace
    }()

    /// Runs a program of the Swift toolchain that is on the PATH.
    public static func runSwift(_ words: [String], in folder: String, environment: [String: String]) throws -> Outcome {
        guard let finder = installed("env") else { throw ToolFailure("there is no env") }
        let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        return try finder.run(words, in: folder, environment: all, seconds: 300)
    }

    /// The Python interpreter for the tests. The environment variable AIRLOCK_PYTHON can name it. If this variable is
    /// not set, it is the interpreter that `make test-dependencies` installs. `nil` if the interpreter does not exist.
    public static let python: BuiltTool? = {
        let named = ProcessInfo.processInfo.environment["AIRLOCK_PYTHON"].flatMap { $0.isEmpty ? nil : $0 }
        return BuiltTool(
            at: named ?? PackageRoot.url(".venv/bin/python").path)
    }()

    /// The standard input of a tool.
    public enum Input: Sendable {
        /// The standard input is /dev/null, as in a job that cron starts.
        case nothing
        /// A pipe that contains only this text, at most 64 KiB.
        case text(String)
        case file(String)
        /// A pipe that stays open and contains no data. It is closed when the ``RunningTool`` is released, or when the
        /// test process ends for any reason.
        case silence
        /// The descriptor of standard input is closed.
        case closed
    }

    /// Runs the tool in a session of its own, where it has no terminal. Waits until the tool has ended.
    ///
    /// - Parameter seconds: the maximum waiting time. If the tool has not ended by then, it is killed and an error is
    ///   thrown.
    public func run(
        _ arguments: [String], in folder: String, input: Input = .nothing, environment: [String: String] = [:],
        seconds: Double = 60
    ) throws -> Outcome {
        try RunningTool(self, arguments, in: folder, input: input, environment: environment).finish(seconds: seconds)
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips a test if an external program is not installed. The reason names the missing program.
    public static func needs(_ program: String) -> Self {
        .enabled(if: BuiltTool.installed(program) != nil, "there is no \(program)")
    }

    /// Skips a test if strace is not installed, or if it cannot trace a process on this machine.
    public static var needsTracer: Self { .enabled(if: BuiltTool.tracer != nil, "strace cannot be used here") }
}

/// The exit code and the output of a tool.
public struct Outcome: Sendable {
    /// The exit code. If a signal ended the tool, this is the negative number of the signal.
    public let exit: Int32
    public let out: String
    public let err: String

    public init(exit: Int32, out: String, err: String) {
        self.exit = exit
        self.out = out
        self.err = err
    }
}

/// The reason why a test could not run a tool, or could not use the tool's result.
public struct ToolFailure: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
