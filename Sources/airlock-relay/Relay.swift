import AirlockRelayTool

/// The online tool, `airlock-relay`. Its code is in ``RelayTool``.
@main
enum Relay {
    static func main() { RelayTool.run() }
}
