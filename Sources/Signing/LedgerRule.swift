public import AirlockDiagnostics

/// The rules of the ledger, and what it refuses.
public enum LedgerRule: String, Rule {
    case notALedger = "ledger.not-a-ledger"
    case malformed = "ledger.malformed"
    case otherForm = "ledger.other-form"
    case unknownSubject = "ledger.unknown-subject"
    case brokenChain = "ledger.broken-chain"
    case altered = "ledger.altered"
    case index = "ledger.index"
    case missing = "ledger.missing"
    case alreadyThere = "ledger.already-there"
    case headUnknown = "ledger.head-unknown"
    case clockBehind = "ledger.clock-behind"
    case intentSigned = "ledger.intent-already-signed"
    case signedWithOtherNonce = "ledger.signed-with-other-nonce"
    case nonceSigned = "ledger.nonce-already-signed"
    case nothingToReplace = "ledger.nothing-to-replace"
    case perDay = "policy.over-day-cap"

    public var meaning: String {
        switch self {
        case .notALedger: "the file is not a ledger"
        case .malformed: "a line of the ledger is malformed"
        case .otherForm: "a line of the ledger is not in the form in which it was written"
        case .unknownSubject: "a line of the ledger is about something that this Airlock does not know"
        case .brokenChain: "a line of the ledger does not follow the one before: one was altered, moved or taken out"
        case .altered: "an entry of the ledger is not the one that was there when the index was made"
        case .index: "the index beside the ledger is damaged"
        case .missing: "the ledger is missing, though payments were signed before"
        case .alreadyThere: "there is a ledger already"
        case .headUnknown: "the ledger does not know the entry that the online machine saw last"
        case .clockBehind: "this machine's clock is behind the last entry of the ledger"
        case .intentSigned: "another transaction was signed for this request before"
        case .signedWithOtherNonce: "the request was signed before with another nonce, and both could be mined"
        case .nonceSigned: "another transaction was signed with this nonce before"
        case .nothingToReplace: "the transaction to be replaced is not one that stands in the way"
        case .perDay: "with what was signed in the last 24 hours, the payment is above the policy's cap per day"
        }
    }
}
