package import AirlockCommandLineTool
package import AirlockEvidence

extension EvidenceRule: Advised {
    package var next: String {
        switch self {
        case .noPlace: "leave it out; evidence is of what airlock sign made of a request"
        case .otherRequest: "name the request, its options and its conditions as they were when it was signed"
        case .otherTransactions:
            "name the conditions and the policy of the time of signing; if they are, somebody changed one of the files"
        case .notInLedger: "name the ledger of the machine that signed it: --ledger"
        case .brokenChain, .otherEntry:
            "believe neither: compare with the signing machine's ledger; airlock ledger verify shows its state"
        case .headUnknown:
            "name an entry that airlock ledger list shows from this payment on; a folder without it is of another ledger"
        case .tooManyEntries: "end with an earlier entry: --head HASH"
        case .otherRelay: "take the file that airlock-relay evidence writes for this payment's code"
        case .notManifest: "name a folder that airlock evidence made"
        case .unknownFile, .missingFile, .alteredFile:
            "do not believe the folder: somebody changed it since it was made; ask for a copy of the first one"
        case .otherPage:
            "believe the verified files and not the page; airlock evidence FOLDER -o NEW makes page and review anew"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .noPlace, .otherRequest, .otherTransactions, .notInLedger, .brokenChain, .otherEntry, .headUnknown,
            .otherRelay, .unknownFile, .missingFile, .alteredFile, .otherPage:
            .refused
        case .tooManyEntries, .notManifest: .malformedInput
        }
    }
}
