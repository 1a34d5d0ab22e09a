import AirlockCSV
import AirlockPolicies
import AirlockRequestKinds
import AirlockRequestWriting
import AirlockABI
import AirlockClearSigning
import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockEvidence
import AirlockFiles
import AirlockGcrypt
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockRLP
import AirlockQRCodes
import AirlockUR
import AirlockPresentation
import AirlockSandbox
import AirlockSecp256k1
import AirlockKeys
import AirlockMessages
import AirlockSigning
import AirlockStrictJSON
import AirlockTransactions
import AirlockRequests
import AirlockTypedData

/// `explain`: what a code means and what to do about it.
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

    static func make(_ console: Console) -> Command { .explain(catalogue, console) }
}
