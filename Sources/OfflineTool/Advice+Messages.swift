package import AirlockCommandLineTool
package import AirlockMessages

extension MessageRule: Advised {
    package var next: String {
        switch self {
        case .notText: "give typed data, or a text file that holds sentences and nothing else"
        case .notSignIn:
            "save the text just as the site gives it, without carriage returns and without an end of line at its end"
        case .textLength: "ask for a shorter text"
        case .textOfHash: "do not sign: ask for a text that is longer or shorter"
        case .mnemonic: "do not sign, and show the file to nobody; give the file of words to key import alone"
        case .textNotAllowed: "if you meant to sign this text, add \"text\":true to the policy"
        case .notPinned:
            "do not sign unless you know who reads the signature; then list domainSeparator and type in the policy's messages"
        case .unlimited: "ask for a message with the amount that is needed"
        case .expired: "ask for a new message; --now TIME says the time where this machine's clock is wrong"
        case .notOwner: "take the key of the account that the message names"
        case .safe: "sign it with another tool that shows what the Safe would do"
        case .domainIncomplete:
            "ask for a message whose domain has chainId and verifyingContract; where the token has none, approve by a call"
        case .chainTooLarge: "do not sign: ask for the message again"
        case .otherDigest: "do not use the signature for this message: sign again"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .notText, .notSignIn, .textLength, .chainTooLarge: .malformedInput
        case .textOfHash, .mnemonic, .textNotAllowed, .notPinned, .unlimited, .expired, .notOwner, .safe,
            .domainIncomplete,
            .otherDigest:
            .refused
        }
    }
}
