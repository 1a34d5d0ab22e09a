import AirlockCSV
import AirlockABI
import AirlockBroadcast
import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockFiles
import AirlockHTTP
import AirlockJSONRPC
import AirlockOpenRouter
import AirlockPaymentFiles
import AirlockPolicies
import AirlockRequestKinds
import AirlockRequestWriting
import AirlockRequests
import AirlockRLP
import AirlockSafeService
import AirlockQRCodes
import AirlockUR
import AirlockStrictJSON
import AirlockPresentation
import AirlockSecp256k1
import AirlockTransactions
import AirlockWeb

/// Every code that this tool can say.
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
