package import AirlockDiagnostics

extension ArgumentPlace {
    /// The option by which a person gives it, in both tools.
    package var option: String {
        switch self {
        case .method: "--method"
        case .value: "--value"
        case .poolFee: "--pool-fee"
        case .token: "--token"
        case .quoter: "--quoter"
        case .payer: "--from"
        case .chain: "--chain"
        case .reference: "--reference"
        case .conditions: "--conditions"
        case .nonce: "--nonce"
        case .gas: "--gas"
        case .maxFeePerGas: "--max-fee"
        case .maxPriorityFeePerGas: "--priority-fee"
        // No option: a member of the conditions alone.
        case .approveGas: "approveGas"
        case .approve: "--approve"
        case .rungs: "--rungs"
        case .cancel: "--cancel"
        case .replace: "--replace"
        case .policy: "--policy"
        case .now: "--now"
        case .safe: "--safe"
        case .safeVersion: "--safe-version"
        case .safeNonce: "--safe-nonce"
        case .ownerSafe: "--owner-safe"
        case .safeProof: "--safe-proof"
        }
    }
}

extension Problem {
    /// The field as a person knows it: what is given beside a request by its option.
    package var shownField: String? { field.map { ArgumentPlace(rawValue: $0)?.option ?? $0 } }

    /// The place as a person knows it.
    package var shownPlace: String? { file == nil ? shownField : place }
}
