import AirlockOfflineTool
import AirlockTipKind

/// `airlock` with one more kind of request.
@main
enum ProbeAirlock {
    static func main() { run() }

    /// As in `airlock` itself: `main` would be the main actor's.
    private static func run() { OfflineTool.run(adding: [Tip.self]) }
}
