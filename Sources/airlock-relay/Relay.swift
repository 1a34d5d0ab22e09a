import AirlockRelayTool

/// `airlock-relay`. All of its functions are in ``RelayTool``.
@main
enum Relay {
    static func main() { RelayTool.run() }
}
