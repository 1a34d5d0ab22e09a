import AirlockRelayTool
import AirlockTipKind

/// `airlock-relay` with one more kind of request.
@main
enum ProbeRelay {
    static func main() { RelayTool.run(adding: [Tip.self]) }
}
