import AirlockDiagnostics

/// The rules of evidence: what cannot be proved is refused.
package enum EvidenceRule: String, Rule {
    case noPlace = "evidence.no-place"
    case otherRequest = "evidence.other-request"
    case otherTransactions = "evidence.other-transactions"
    case notInLedger = "evidence.not-in-ledger"
    case brokenChain = "evidence.broken-chain"
    case otherEntry = "evidence.other-entry"
    case headUnknown = "evidence.head-unknown"
    case tooManyEntries = "evidence.too-many-entries"
    case otherRelay = "evidence.other-relay"
    case notManifest = "evidence.no-manifest"
    case unknownFile = "evidence.unknown-file"
    case missingFile = "evidence.missing-file"
    case alteredFile = "evidence.altered-file"
    case otherPage = "evidence.other-page"

    package var meaning: String {
        switch self {
        case .noPlace: "this has no place in evidence"
        case .otherRequest: "the signed file is not of this request"
        case .otherTransactions: "what was signed is not what the request, the conditions and the policy give"
        case .notInLedger: "the ledger has no entry that records what was signed"
        case .brokenChain: "an entry of the ledger does not follow the one before it"
        case .otherEntry: "the ledger's entry says something else of what was signed"
        case .headUnknown: "no entry from this one on has the hash"
        case .tooManyEntries: "too many entries of the ledger follow this one"
        case .otherRelay: "what the relay knows is of another payment"
        case .notManifest: "the folder has no manifest of evidence"
        case .unknownFile: "a file is in the folder that the manifest does not name"
        case .missingFile: "a file that the manifest names is not there"
        case .alteredFile: "a file is not the one that the manifest names"
        case .otherPage: "the file is not what this Airlock makes of the others"
        }
    }
}
