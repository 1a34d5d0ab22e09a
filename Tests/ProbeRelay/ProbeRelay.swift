import AirlockRelayTool
import AirlockTipKind

/// A build of `airlock-relay` with one more kind of request, ``Tip``.
@main
enum ProbeRelay {
    static func main() { RelayTool.run(adding: [Tip.self]) }
}
