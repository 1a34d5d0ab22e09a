import Foundation

/// The tools as they were built beside the tests, run as a person runs them.
enum Tool {
    /// How a run ended, and what it said.
    struct Run {
        let exit: Int32
        let output: String
        let notes: String

        var json: JSON { get throws { try JSON(output) } }
    }

    /// Where the tests' own library is mapped from, and so where the tools are.
    static let folder: String = {
        let maps = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? ""
        let library = maps.split(separator: "\n").first { $0.hasSuffix(".xctest") }?.split(separator: " ").last
        return URL(filePath: String(library ?? "")).deletingLastPathComponent().path
    }()

    static func path(_ tool: String) -> String { "\(folder)/\(tool)" }

    /// - Parameter state: where the tool keeps what it remembers; the folder itself, unless it is to remember nothing.
    static func start(
        _ tool: String, _ arguments: [String], in folder: String, state: String? = nil, input: String? = nil,
        under wrapper: [String] = [], environment: [String: String] = [:]
    ) throws -> Running {
        let process = Process()
        let words = wrapper + [path(tool)] + arguments
        process.executableURL = URL(filePath: words[0])
        process.arguments = Array(words.dropFirst())
        process.currentDirectoryURL = URL(filePath: folder)
        let own = ["XDG_STATE_HOME": state ?? folder, "XDG_CONFIG_HOME": folder, "HOME": folder]
        process.environment = own.merging(environment) { $1 }
        let (output, notes) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = notes
        if let input {
            let pipe = Pipe()
            process.standardInput = pipe
            try process.run()
            try pipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            try pipe.fileHandleForWriting.close()
        } else {
            process.standardInput = FileHandle.nullDevice
            try process.run()
        }
        return Running(process: process, output: output, notes: notes)
    }

    struct Running {
        let process: Process
        let output: Pipe
        let notes: Pipe

        /// Waits for a text on standard error, and reads no further than the end of what came with it.
        func waitForNote(_ text: String) throws {
            var said = ""
            while !said.contains(text) {
                let more = notes.fileHandleForReading.availableData
                if more.isEmpty { throw Unexpected("it never said \(text), but \(said)") }
                said += String(decoding: more, as: UTF8.self)
            }
        }

        /// Waits for the end. What the pipes hold is little enough not to fill them.
        func end() -> Run {
            let output = output.fileHandleForReading.readDataToEndOfFile()
            let notes = notes.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            let exit = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
            return Run(
                exit: exit, output: String(decoding: output, as: UTF8.self),
                notes: String(decoding: notes, as: UTF8.self))
        }
    }
}
