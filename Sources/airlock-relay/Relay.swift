import AirlockRelayTool

/// `airlock-relay`. All that it can do is in ``RelayTool``.
@main
enum Relay {
    static func main() { RelayTool.run() }
}
