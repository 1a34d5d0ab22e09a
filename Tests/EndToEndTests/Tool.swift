import AirlockToolSupport

/// The tools as they were built beside the tests, run as a person runs them.
enum Tool {
    /// - Parameters:
    ///   - state: where the tool keeps what it remembers; the folder itself, unless it is to remember nothing.
    ///   - input: what stands at the standard input, at most 64 KiB.
    ///   - file: a file that stands there instead, of any size.
    static func start(
        _ tool: String, _ arguments: [String], in folder: String, state: String? = nil, input: String? = nil,
        from file: String? = nil, under wrapper: [String] = [], environment: [String: String] = [:]
    ) throws -> RunningTool {
        let words = try wrapper + [BuiltTool(tool).path] + arguments
        guard let program = BuiltTool(at: words[0]) else { throw Unexpected("there is no \(words[0])") }
        let source = file.map(BuiltTool.Input.file) ?? input.map(BuiltTool.Input.text) ?? .nothing
        let own = ["XDG_STATE_HOME": state ?? folder, "XDG_CONFIG_HOME": folder, "HOME": folder]
        return try RunningTool(
            program, Array(words.dropFirst()), in: folder, input: source,
            environment: own.merging(environment) { $1 })
    }
}

extension Outcome {
    var json: JSON { get throws { try JSON(out) } }
}
