import AirlockOfflineTool

/// The offline tool, `airlock`. Its code is in ``OfflineTool``.
@main
enum Airlock {
    static func main() { run() }

    /// Runs the tool. This code is not in `main` itself, because a closure in `main` would be isolated to the main
    /// actor. The check of this isolation would link Swift's concurrency runtime and Dispatch into the tool.
    private static func run() { OfflineTool.run() }
}
