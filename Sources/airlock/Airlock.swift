import AirlockOfflineTool

/// The offline tool, `airlock`. Its code is in ``OfflineTool``.
@main
enum Airlock {
    static func main() { run() }

    /// `main` only calls this function. A closure in `main` would be isolated to the main actor. Checking this
    /// isolation needs Swift's concurrency runtime and Dispatch, so both would be linked into the tool.
    private static func run() { OfflineTool.run() }
}
