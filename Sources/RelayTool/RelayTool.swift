import AirlockABI
import AirlockBroadcast
import AirlockCSV
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockHTTP
import AirlockJSONRPC
import AirlockOpenRouter
import AirlockPaymentFiles
import AirlockPolicies
import AirlockPresentation
import AirlockQRCodes
import AirlockRLP
import AirlockRequestKinds
import AirlockRequestWriting
package import AirlockRequests
import AirlockSafeService
import AirlockSecp256k1
import AirlockStrictJSON
import AirlockTransactions
import AirlockUR
import AirlockWeb
import Glibc

/// `airlock-relay`: prepares, sends and follows payments on the machine with a network connection. It cannot hold a
/// key.
package enum RelayTool {
    /// Runs the command line. Then the process exits.
    ///
    /// - Parameter kinds: kinds of request to support besides the kinds in ``RequestKinds``.
    package static func run(adding kinds: [any Request.Type] = []) -> Never {
        for kind in kinds { RequestKinds.add(kind) }
        let words = Array(CommandLine.arguments.dropFirst())
        let console = Interruption.endCleanly(.process(), asJSON: words.contains(Option.json.name))
        let tool = Tool(
            "airlock-relay", version: Release.version,
            summary: "prepares, sends and follows payments on a machine that cannot sign them",
            commands: [
                ChargeCommand.make(console), PrepareCommand.make(console), SendCommand.make(console),
                StatusCommand.make(console),
                ResumeCommand.make(console), RunCommand.make(console), CancelCommand.make(console),
                EvidenceCommand.make(console),
                JournalExportCommand.make(console), JournalMigrateCommand.make(console),
                JournalCopyCommand.make(console), JournalPruneCommand.make(console),
                DoctorCommand.make(console), CreditsCommand.make(console),
                SafeFetchCommand.make(console), SafePostCommand.make(console), SafeExecuteCommand.make(console),
                ScanCommand.make(console, tool: "airlock-relay"),
            ] + DrawCommand.all(console) + RequestCommands.all(console, tool: "airlock-relay") { RelayOptions.now } + [
                .explain(RelayCatalogue.all, sibling: "airlock", console)
            ],
            introduction: Topics.introduction, topics: Topics.all,
            examples: Examples.all.merging(RequestCommands.examples) { $1 },
            sibling: .init(
                "airlock, which is for the machine that has no network",
                words: [
                    "account", "sign", "review", "verify", "key", "policy", "ledger", "descriptors", "doctor",
                    "inspect",
                    "decode-error",
                    "keccak",
                    "selector", "rlp", "abi", "address", "typed-data", "tx", "describe",
                ])
        ).describingItself(console)
        let exit = tool.run(words, console: console) {
            FilesInUse.ofThisRun.begin()
            try Tool.requireUTF8()
        }
        Glibc.exit(exit.rawValue)
    }
}

/// All error codes of this tool.
enum RelayCatalogue {
    static let all: Catalogue = {
        var catalogue = Catalogue()
        catalogue.add(CBORRule.self)
        catalogue.add(CSVRule.self)
        catalogue.add(JSONRule.self)
        catalogue.add(ABIRule.self)
        catalogue.add(FileRule.self)
        catalogue.add(HTTPRule.self)
        catalogue.add(JournalRule.self)
        catalogue.add(NodeRule.self)
        catalogue.add(NodesRule.self)
        catalogue.add(CreditsRule.self)
        catalogue.add(OpenRouterRule.self)
        catalogue.add(PageRule.self)
        catalogue.add(PaymentFileRule.self)
        catalogue.add(RelayDoctorRule.self)
        catalogue.add(PrepareRule.self)
        catalogue.add(PolicyRule.self)
        catalogue.add(QRRule.self)
        catalogue.add(RequestRule.self)
        catalogue.add(ReferenceRule.self)
        catalogue.add(RequestWritingRule.self)
        catalogue.add(RLPRule.self)
        catalogue.add(RPCRule.self)
        catalogue.add(SafeChainRule.self)
        catalogue.add(SafeServiceRule.self)
        catalogue.add(ScanRule.self)
        catalogue.add(SendRule.self)
        catalogue.add(SettlementRule.self)
        catalogue.add(SignatureRule.self)
        catalogue.add(TransactionRule.self)
        catalogue.add(URRule.self)
        catalogue.add(ValueRule.self)
        catalogue.add(WebhookRule.self)
        catalogue.add(WebRule.self)
        for rules in RequestKinds.rules { catalogue.add(ofKind: rules) }
        return catalogue
    }()
}
