public import AirlockDiagnostics

/// The error codes for Safe transactions.
public enum SafeRule: String, Rule {
    // Errors in reading a transaction.
    case page = "safe.page-of-transactions"
    case otherType = "safe.other-typed-data"
    case operation = "safe.unknown-operation"
    case version = "safe.unknown-version"
    case noChain = "safe.chain-not-known"
    case noVersion = "safe.version-not-known"
    case noSafe = "safe.safe-not-named"
    case noNonce = "safe.nonce-not-named"
    case emptyBatch = "safe.empty-batch"
    case batchValue = "safe.malformed-batch-value"
    case signatureForm = "safe.malformed-signature"
    // Errors in the content of a transaction.
    case contradiction = "safe.data-contradict-method"
    case checksum = "safe.wrong-checksum"
    case noMultiSend = "safe.no-multisend-listed"
    case delegateCall = "safe.delegate-call"
    case create = "safe.creates-a-contract"
    case multiSend = "safe.multisend-not-consumed"
    case multiSendValue = "safe.multisend-sends-value"
    case innerDelegateCall = "safe.inner-delegate-call"
    case gasPrice = "safe.refund-gas-price"
    case gasToken = "safe.refund-gas-token"
    case refundReceiver = "safe.refund-receiver"
    case baseGas = "safe.refund-base-gas"
    case nullRecipient = "safe.null-recipient"
    case administration = "safe.administration-not-listed"
    case unreadCall = "safe.call-not-read"
    case otherHash = "safe.other-hash"
    case otherVersion = "safe.other-version"
    case otherSafe = "safe.other-safe"
    case otherNonce = "safe.other-nonce"
    case nonceUsed = "safe.nonce-used"
    case otherConfirmation = "safe.confirmation-of-another"
    case confirmingStranger = "safe.confirmation-not-of-an-owner"
    case confirmedTwice = "safe.confirmed-twice"
    case notOwner = "safe.key-not-an-owner"
    case ownerSafe = "safe.owner-safe-not-an-owner"
    case unknownHash = "safe.other-hash-approved"

    public var meaning: String {
        switch self {
        case .page: "this is a page of the service's list, not a single transaction"
        case .otherType: "these typed data claim to be a Safe transaction, but do not have its type or domain"
        case .operation: "a Safe knows the operations 0 (call) and 1 (delegate call)"
        case .version: "the hashes of this version of the Safe are not known"
        case .noChain: "the chain of the Safe is not known: the file does not name it"
        case .noVersion: "the version of the Safe is not known: no file can prove it"
        case .noSafe: "the batch does not name its Safe"
        case .noNonce: "the nonce of the Safe is missing"
        case .emptyBatch: "the batch has no transaction"
        case .batchValue: "a value of the batch cannot be read as its method's argument"
        case .signatureForm: "a confirmation's signature does not have a form that a Safe accepts"
        case .contradiction: "the call data of a transaction do not match the method and the values beside them"
        case .checksum: "the batch was changed after it was made: its checksum does not match"
        case .noMultiSend: "the policy lists no MultiSendCallOnly contract by which the Safe could make several calls"
        case .delegateCall: "a delegate call lets the code of another contract change everything in the Safe"
        case .create: "the transaction creates a contract"
        case .multiSend: "the data of the batch are not exactly a sequence of packed calls"
        case .multiSendValue: "the call of the batch contract sends native currency besides its calls"
        case .innerDelegateCall: "a call inside the batch is a delegate call"
        case .gasPrice: "the Safe would pay for gas at a price that the transaction names"
        case .gasToken: "the Safe would pay for gas in a token"
        case .refundReceiver: "the Safe would pay for gas to an account that the transaction names"
        case .baseGas: "the Safe would pay for gas besides that of the call"
        case .nullRecipient: "the Safe would call the zero address"
        case .administration: "the Safe would change itself in a way that the policy does not list"
        case .unreadCall: "a call of the Safe does nothing, or is neither a payment nor a call of a function"
        case .otherHash: "the hash in the file is not the transaction's"
        case .otherVersion: "the Safe has another version, whose hashes differ"
        case .otherSafe: "the transaction is for another Safe"
        case .otherNonce: "the transaction has another nonce"
        case .nonceUsed: "the policy says that the Safe has used this nonce"
        case .otherConfirmation: "a confirmation is not the signature of its owner for this transaction"
        case .confirmingStranger: "a confirmation is from an account that is not listed as an owner"
        case .confirmedTwice: "an owner confirms twice"
        case .notOwner: "the policy does not list the key's account as an owner of the Safe"
        case .ownerSafe: "the policy does not list the Safe that is to approve as an owner of the other"
        case .unknownHash: "the hash that the payment approves is not the Safe transaction's"
        }
    }
}

/// The error codes for a proof of a Safe's state, and for the comparison of a transaction and the policy with the
/// proof.
public enum SafeProofRule: String, Rule {
    // Errors in the proof itself.
    case noAccount = "safe-proof.no-account"
    case repeatedSlot = "safe-proof.repeated-slot"
    case missingSlot = "safe-proof.missing-slot"
    case surplusSlot = "safe-proof.surplus-slot"
    case word = "safe-proof.malformed-word"
    case list = "safe-proof.broken-list"
    case singleton = "safe-proof.unknown-singleton"
    // Errors in the comparison with the proof.
    case otherSafe = "safe-proof.other-safe"
    case otherVersion = "safe-proof.other-version"
    case otherOwners = "safe-proof.other-owners"
    case otherThreshold = "safe-proof.other-threshold"
    case nonceUsed = "safe-proof.nonce-used"

    public var meaning: String {
        switch self {
        case .noAccount: "the proof shows that there is no such account"
        case .repeatedSlot: "the proof has a storage slot twice"
        case .missingSlot: "the proof lacks a slot of the Safe's storage"
        case .surplusSlot: "the proof has a storage slot that is not about the Safe"
        case .word: "a word of the Safe's storage is not what a Safe keeps there"
        case .list: "the Safe's list of owners or modules is not closed, or not as long as the Safe says"
        case .singleton: "the contract whose code the Safe runs is not of a known version"
        case .otherSafe: "the proof is for another Safe"
        case .otherVersion: "the Safe is proved to be of another version"
        case .otherOwners: "the Safe is proved to have other owners"
        case .otherThreshold: "the Safe is proved to need another number of signatures"
        case .nonceUsed: "the Safe is proved to have used this nonce"
        }
    }
}

/// The error codes for the member `safes` of a policy, and for transactions of Safes that the policy does not list.
public enum SafePolicyRule: String, Rule {
    case repeated = "policy.repeated-safe"
    case owners = "policy.safe-owners"
    case administration = "policy.safe-administration"
    case safe = "policy.safe-not-listed"

    public var meaning: String {
        switch self {
        case .repeated: "the policy lists a Safe or an owner twice"
        case .owners: "a Safe's threshold is 1 or more, and not more than it has owners"
        case .administration: "the function is not one with which a Safe changes itself"
        case .safe: "the policy does not list the Safe"
        }
    }
}
