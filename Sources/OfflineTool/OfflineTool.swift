import AirlockDiagnostics
import AirlockCommandLineTool
import AirlockFiles
import AirlockQRCodes
import Glibc
import AirlockRequestKinds
package import AirlockRequests
import AirlockRequestWriting
import AirlockSandbox

/// `airlock`: looks at payments and signs them on a machine that has no network.
package enum OfflineTool {
    /// Does what the command line says, and ends the process.
    ///
    /// - Parameter kinds: kinds of request besides those of ``RequestKinds``.
    package static func run(adding kinds: [any Request.Type] = []) -> Never {
        // First of all, and before any descriptor is opened; what it says is reported like any other problem.
        let prepared = Result { try Sandbox.prepareProcess() }
        for kind in kinds { RequestKinds.add(kind) }
        let console = Console.process()
        let tool = Tool(
            "airlock", version: Release.version,
            summary: "looks at payments and signs them on a machine that has no network",
            commands: [
                PaymentCommands.sign(console), PaymentCommands.review(console), VerifyCommand.make(console),
                EvidenceCommand.make(console),
            ] + KeyCommands.all(console) + PolicyCommands.all(console) + LedgerCommands.all(console)
                + RequestCommands.all(console, tool: "airlock") { PaymentOptions.machineTime }
                + LookingCommands.all(console)
                + DescribeCommand.all(console)
                + [BlindCommands.transactionEncode(console), BlindCommands.typedDataSign(console)] + [
                    AccountCommand.make(console),
                    ScanCommand.make(
                        console, tool: "airlock", types: ["eth-sign-request"], seal: { try Sandbox.seal() }),
                ] + DrawCommand.all(console) { try Sandbox.seal() } + [
                    DoctorCommand.make(console), ExplainCommand.make(console),
                ],
            introduction: Topics.introduction, topics: Topics.all,
            examples: Examples.all.merging(RequestCommands.examples) { $1 },
            sibling: .init(
                "airlock-relay, which is for the machine that has a network",
                words: ["prepare", "send", "status", "resume", "run", "cancel", "journal", "safe", "charge", "credits"]),
            state: {
                do throws(SandboxError) {
                    try Sandbox.seal()
                    return "sandbox: \(Sandbox.isSealed ? "on" : "off")\n" + QROutput.state
                } catch {
                    return "sandbox: not on this machine (\(error.detail))\n" + QROutput.state
                }
            }
        ).describingItself(console)
        let exit = tool.run(Array(CommandLine.arguments.dropFirst()), console: console) {
            try prepared.get()
            FilesInUse.ofThisRun.begin()
            try Tool.requireUTF8()
        }
        Glibc.exit(exit.rawValue)
    }
}
