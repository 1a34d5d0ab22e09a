public import AirlockDiagnostics

/// The rules of messages, and what is refused of them.
public enum MessageRule: String, Rule {
    case notText = "message.not-a-text"
    case textLength = "message.text-too-long"
    case textOfHash = "message.text-of-32-bytes"
    case mnemonic = "message.holds-a-mnemonic"
    case textNotAllowed = "message.text-not-allowed"
    case notSignIn = "message.not-a-sign-in"
    case notPinned = "message.not-pinned"
    case unlimited = "message.unlimited"
    case expired = "message.expired"
    case notOwner = "message.other-owner"
    case safe = "message.safe-transaction"
    case domainIncomplete = "message.incomplete-domain"
    case chainTooLarge = "message.chain-too-large"
    case otherDigest = "signature.other-message"

    public var meaning: String {
        switch self {
        case .notText: "this is no text, or could be something else than a text"
        case .textLength: "the text is longer than a person would read"
        case .textOfHash:
            "a text of 32 bytes can be a hash: a Safe takes its signature for the owner's confirmation of the transaction with this hash"
        case .mnemonic: "the text holds the words of a mnemonic: whoever reads them has the key"
        case .textNotAllowed: "the policy does not allow texts to be signed"
        case .notSignIn: "the text asks to sign in, and is not in the form of EIP-4361"
        case .notPinned: "the policy lists neither the domain and type of the message nor a token with this domain"
        case .unlimited: "the message lets another take any amount"
        case .expired: "the time in which the message can be used has passed"
        case .notOwner: "the message gives away what belongs to another account than the signer's"
        case .safe: "a Safe transaction is signed by rules of its own"
        case .domainIncomplete:
            "the message lets another take a token, and its domain does not name chain and contract: no cap can count it"
        case .chainTooLarge: "the domain's chain id is larger than any chain's"
        case .otherDigest: "the signature is of another message"
        }
    }
}
