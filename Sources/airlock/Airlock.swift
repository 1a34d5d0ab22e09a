import AirlockOfflineTool

/// `airlock`. All of its functions are in ``OfflineTool``.
@main
enum Airlock {
    static func main() { run() }

    /// A closure in `main` itself would be isolated to the main actor. The check of that isolation would bring Swift's
    /// concurrency runtime, and Dispatch with it, into the tool.
    private static func run() { OfflineTool.run() }
}
