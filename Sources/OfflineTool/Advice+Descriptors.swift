package import AirlockClearSigning
package import AirlockCommandLineTool

extension DescriptorRule: Advised {
    package var next: String {
        switch self {
        case .schema: "use a descriptor whose $schema names erc7730-v2"
        case .unsupported, .badKey, .badPath, .missingConstant, .tooLarge, .notCanonical, .wrongType:
            "correct the descriptor, or do without it: the raw fields are shown in any case"
        case .duplicateKey: "do not use this descriptor: it can be read in two ways"
        case .badInclude, .includeCycle, .includeDepth: "correct includes: a relative path inside of the same folder"
        case .unbound: "add deployments, or include this file from a descriptor that has them"
        case .otherContract, .otherDomain, .unknownFunction, .unknownMessage:
            "use the descriptor of this contract, or read the raw fields"
        case .ambiguous: "keep only one of them"
        case .badData: "do not sign: the contract may read these data otherwise than they are shown"
        case .noValue, .arrayLengths, .tooDeep: "read the raw fields: the descriptor does not fit these data"
        case .untrusted: "read the descriptor, and if it is right add its hash to the policy's descriptors"
        case .mustMatch: "do not sign before you know why: the descriptor's author ruled this value out"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .schema, .unsupported, .badKey, .duplicateKey, .badPath, .missingConstant, .tooLarge, .badInclude,
            .includeCycle, .includeDepth, .notCanonical, .unbound:
            .malformedInput
        case .otherContract, .otherDomain, .unknownFunction, .unknownMessage, .ambiguous, .badData, .noValue,
            .wrongType, .arrayLengths, .mustMatch, .tooDeep, .untrusted:
            .refused
        }
    }
}

extension AttestationRule: Advised {
    package var next: String {
        switch self {
        case .form, .schema, .domain: "use an off-chain attestation of EAS, version 2, as ERC-8176 describes it"
        case .otherDescriptor: "fetch descriptor and attestation again: one of them was changed"
        case .identifier, .signature, .signer: "do not trust it: fetch the attestation again"
        case .attester: "add the attester to the policy only if you know who it is"
        case .expired: "fetch a newer attestation, or pin the descriptor's hash in the policy"
        }
    }

    package var exit: ExitCode { .refused }
}
