import AirlockOfflineTool

/// `airlock`. All that it can do is in ``OfflineTool``.
@main
enum Airlock {
    static func main() { run() }

    /// A closure in `main` itself would be the main actor's, and asking whether this is it would bring Swift's
    /// concurrency, and Dispatch with it, into the tool.
    private static func run() { OfflineTool.run() }
}
