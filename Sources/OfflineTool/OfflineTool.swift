import AirlockABI
import AirlockCSV
import AirlockClearSigning
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockEvidence
import AirlockFiles
import AirlockGcrypt
import AirlockKeys
import AirlockMessages
import AirlockPaymentFiles
import AirlockPolicies
import AirlockPresentation
import AirlockQRCodes
import AirlockRLP
import AirlockRequestKinds
import AirlockRequestWriting
package import AirlockRequests
import AirlockSandbox
import AirlockSecp256k1
import AirlockSigning
import AirlockStrictJSON
import AirlockTransactions
import AirlockTypedData
import AirlockUR
import Glibc

/// `airlock`: reviews payments and signs them, on a machine without a network.
package enum OfflineTool {
    /// Runs the command line. Then the process exits.
    ///
    /// - Parameter kinds: kinds of request to support besides the kinds in ``RequestKinds``.
    package static func run(adding kinds: [any Request.Type] = []) -> Never {
        // `prepareProcess` closes the file descriptors that the parent process left open. Therefore it must run before
        // this process opens a file. If `prepareProcess` throws, the error is reported later, like any other problem.
        let prepared = Result { try Sandbox.prepareProcess() }
        for kind in kinds { RequestKinds.add(kind) }
        let console = Console.process()
        let tool = Tool(
            "airlock", version: Release.version,
            summary: "reviews and signs payments on a machine without a network",
            commands: [
                PaymentCommands.sign(console), PaymentCommands.review(console), VerifyCommand.make(console),
                EvidenceCommand.make(console),
            ] + KeyCommands.all(console) + PolicyCommands.all(console) + LedgerCommands.all(console)
                + RequestCommands.all(console, tool: "airlock") { PaymentOptions.machineTime }
                + DecodingCommands.all(console)
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

/// `explain`: explains an error code, and tells the user how to solve the problem.
enum ExplainCommand {
    static let catalogue: Catalogue = {
        var catalogue = Catalogue()
        catalogue.add(CBORRule.self)
        catalogue.add(CSVRule.self)
        catalogue.add(JSONRule.self)
        catalogue.add(ABIRule.self)
        catalogue.add(RequestRule.self)
        catalogue.add(ReferenceRule.self)
        catalogue.add(AttestationRule.self)
        catalogue.add(DescriptorRule.self)
        catalogue.add(DoctorRule.self)
        catalogue.add(EvidenceRule.self)
        catalogue.add(FileRule.self)
        catalogue.add(FolderRule.self)
        catalogue.add(GcryptRule.self)
        catalogue.add(LedgerRule.self)
        catalogue.add(LookingRule.self)
        catalogue.add(MessageRule.self)
        catalogue.add(OperandRule.self)
        catalogue.add(PaymentFileRule.self)
        catalogue.add(PolicyRule.self)
        catalogue.add(QRRule.self)
        catalogue.add(RequestWritingRule.self)
        catalogue.add(RLPRule.self)
        catalogue.add(SandboxRule.self)
        catalogue.add(ScanRule.self)
        catalogue.add(SecretKeyRule.self)
        catalogue.add(KeystoreRule.self)
        catalogue.add(MnemonicRule.self)
        catalogue.add(DerivationPathRule.self)
        catalogue.add(PasswordRule.self)
        catalogue.add(SelfCheckRule.self)
        catalogue.add(SignatureRule.self)
        catalogue.add(SigningRule.self)
        catalogue.add(TransactionRule.self)
        catalogue.add(TypedDataRule.self)
        catalogue.add(URRule.self)
        catalogue.add(ValueRule.self)
        catalogue.add(WalletRule.self)
        for rules in RequestKinds.rules { catalogue.add(ofKind: rules) }
        return catalogue
    }()

    static func make(_ console: Console) -> Command {
        .explain(catalogue, sibling: "airlock-relay", console)
    }
}
