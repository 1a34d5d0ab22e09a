import Foundation
public import Testing
import AirlockTestSupport

/// A tool as it was built for the tests, or another program, run as its users run it.
public struct BuiltTool: Sendable {
    public let path: String

    /// The folder into which the tests were built.
    public static let testFolder =
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path

    /// Where the tools are: beside the tests, or where AIRLOCK_BINARIES says, so that the same tests look at a release.
    public static let folder: String = {
        let named = ProcessInfo.processInfo.environment["AIRLOCK_BINARIES"].flatMap { $0.isEmpty ? nil : $0 }
        return named.map { URL(filePath: $0).path } ?? testFolder
    }()

    /// The tool of this name.
    public init(_ name: String) throws {
        path = "\(Self.folder)/\(name)"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw ToolFailure("there is no \(path): build it first")
        }
    }

    /// The program at a path, where there is one.
    public init?(at path: String) {
        guard FileManager.default.isExecutableFile(atPath: path) else { return nil }
        self.path = path
    }

    /// A program of the system's, where it is installed.
    public static func installed(_ name: String) -> BuiltTool? {
        ["/usr/bin", "/bin", "/usr/local/bin"].lazy.compactMap { BuiltTool(at: "\($0)/\(name)") }.first
    }

    /// Runs a program of the Swift toolchain that is on the PATH.
    public static func runSwift(_ words: [String], in folder: String, environment: [String: String]) throws -> Outcome {
        guard let finder = installed("env") else { throw ToolFailure("there is no env") }
        let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        return try finder.run(words, in: folder, environment: all, seconds: 300)
    }

    /// The Python that AIRLOCK_PYTHON names, or the one that `make test-dependencies` makes.
    public static let python: BuiltTool? = {
        let named = ProcessInfo.processInfo.environment["AIRLOCK_PYTHON"].flatMap { $0.isEmpty ? nil : $0 }
        return BuiltTool(
            at: named ?? PackageRoot.url(".venv/bin/python").path)
    }()

    /// What stands at the standard input.
    public enum Input: Sendable {
        /// /dev/null, as under cron.
        case nothing
        /// A pipe that held this text; at most 64 KiB.
        case text(String)
        case file(String)
        /// A pipe that nothing comes from until the test ends, however it ends.
        case silence
        /// No descriptor at all.
        case closed
    }

    /// Runs it in a session of its own, where it has no terminal, and waits until it has ended.
    ///
    /// - Parameter seconds: after which it never will.
    public func run(
        _ arguments: [String], in folder: String, input: Input = .nothing, environment: [String: String] = [:],
        seconds: Double = 60
    ) throws -> Outcome {
        try RunningTool(self, arguments, in: folder, input: input, environment: environment).finish(seconds: seconds)
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips a test where a program of the system is not installed, and says so.
    public static func needs(_ program: String) -> Self {
        .enabled(if: BuiltTool.installed(program) != nil, "there is no \(program)")
    }
}

/// How a tool ended, and what it said.
public struct Outcome: Sendable {
    /// The exit code; a signal's number below zero where one ended it.
    public let exit: Int32
    public let out: String
    public let err: String

    public init(exit: Int32, out: String, err: String) {
        self.exit = exit
        self.out = out
        self.err = err
    }
}

/// Why a test could not run a tool.
public struct ToolFailure: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
