import AirlockOfflineTool
import AirlockTipKind

/// A build of `airlock` with one more kind of request, ``Tip``.
@main
enum ProbeAirlock {
    static func main() { run() }

    /// Contains the code of `main`, as in `airlock` itself. A closure in `main` would be isolated to the main actor.
    private static func run() { OfflineTool.run(adding: [Tip.self]) }
}
