import AirlockToolSupport

/// The built tools. The tests start them from the command line, as a user does.
enum Tool {
    /// Starts a tool.
    ///
    /// - Parameters:
    ///   - state: the folder for the tool's state, such as the ledger. If it is `nil`, the state is in `folder`. To
    ///     start a tool without earlier state, give an empty folder.
    ///   - input: the text on standard input, at most 64 KiB.
    ///   - file: a file of any size that is the standard input instead of `input`.
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
