import Problems
import CommandLineTool
import Glibc
import Sandbox

/// `airlock`: looks at payments and signs them on a machine that has no network.
@main
enum Airlock {
    static func main() {
        // First of all, and before any descriptor is opened; what it says is reported like any other problem.
        let prepared = Result { try Sandbox.prepareProcess() }
        let console = Console.process()
        let tool = Tool(
            "airlock", version: Release.version,
            summary: "looks at payments and signs them on a machine that has no network",
            commands: [
                PaymentCommands.sign(console), PaymentCommands.review(console), VerifyCommand.make(console),
            ] + KeyCommands.all(console) + PolicyCommands.all(console) + LedgerCommands.all(console)
                + LookingCommands.all(console)
                + [BlindCommands.transactionEncode(console), BlindCommands.typedDataSign(console)] + [
                    DoctorCommand.make(console), ExplainCommand.make(console),
                ],
            footer: """
                Three verbs and two files carry a payment across the gap:

                  airlock-relay prepare charge.json --rpc URL -o conditions.json   online
                  airlock sign charge.json -c conditions.json -k key -o payment.json
                  airlock-relay send payment.json --rpc URL                        online
                """,
            state: {
                do throws(SandboxError) {
                    try Sandbox.seal()
                    return "sandbox: \(Sandbox.isSealed ? "on" : "off")\n" + QROption.state
                } catch {
                    return "sandbox: not on this machine (\(error.detail))\n" + QROption.state
                }
            })
        let exit = tool.run(Array(CommandLine.arguments.dropFirst()), console: console, before: prepared.get)
        Glibc.exit(exit.rawValue)
    }
}
