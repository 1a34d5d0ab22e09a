import AirlockOfflineTool
import AirlockTipKind

/// A build of `airlock` with one more kind of request, ``Tip``.
@main
enum ProbeAirlock {
    static func main() { run() }

    /// Runs the tool with the kind ``Tip``. As in `airlock` itself, this code is not in `main`, because a closure in
    /// `main` would be isolated to the main actor.
    private static func run() { OfflineTool.run(adding: [Tip.self]) }
}
