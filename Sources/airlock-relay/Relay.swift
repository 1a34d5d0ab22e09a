import CommandLineTool
import Glibc
import Problems

/// `airlock-relay`: measures, sends and follows payments on the machine that has a network. It cannot hold a key.
@main
enum Relay {
    static func main() {
        Interruption.endCleanly()
        let console = Console.process()
        let tool = Tool(
            "airlock-relay", version: Release.version,
            summary: "measures, sends and follows payments on a machine that cannot sign them",
            commands: [
                ChargeCommand.make(console), PrepareCommand.make(console), SendCommand.make(console),
                StatusCommand.make(console),
                ResumeCommand.make(console), CancelCommand.make(console), JournalExportCommand.make(console),
                CreditsCommand.make(console),
                .explain(RelayCatalogue.all, console),
            ],
            footer: """
                Three verbs and two files carry a payment across the gap:

                  airlock-relay prepare charge.json --rpc URL -o conditions.json   online
                  airlock sign charge.json -c conditions.json -k key -o payment.json
                  airlock-relay send payment.json --rpc URL                        online

                AIRLOCK_RPC_URL names the nodes where no --rpc does. A charge comes from
                airlock-relay charge create, or from whoever else makes them.
                """)
        Glibc.exit(tool.run(Array(CommandLine.arguments.dropFirst()), console: console).rawValue)
    }
}
