import AirlockOfflineTool

/// The offline tool, `airlock`. Its code is in ``OfflineTool``.
@main
enum Airlock {
    static func main() { run() }

    /// Contains the code of `main`. If the code were a closure in `main`, it would be isolated to the main actor.
    /// Checking this isolation would link Swift's concurrency runtime and Dispatch into the tool.
    private static func run() { OfflineTool.run() }
}
