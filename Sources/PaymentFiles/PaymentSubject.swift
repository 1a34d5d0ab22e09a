public import AirlockEthereumTypes
public import AirlockRequests
public import AirlockStrictJSON

extension Payment {
    /// The request that this payment fulfils. The online machine identifies the request by these values.
    public enum Subject: Hashable, Sendable {
        /// Identifies a request of the oldest kind. It contains the name that the service gave to the request, the ID
        /// that the contract accepts only once, and the contract function that pays the request. Payment files and
        /// ledgers still contain requests in this form.
        case first(name: String, id: FixedBytes<16>, method: String)
        /// Identifies a request of any other kind. It contains the kind of the request, and the two parts of the
        /// request's `Reference`: the key, and the text for the user.
        case request(kind: String, key: Hash, reference: String)
    }
}

extension Payment.Subject {
    /// Reads the subject from the members of a payment file or a ledger entry. If the member `request` is missing, the
    /// subject has the form `first`.
    public init?(from reader: inout ObjectReader) {
        if reader.optionalValue("request") != nil {
            let request = reader.object("request") { request -> Self? in
                let kind = request.string("kind")
                let key = request.string("key") { try Hash(hex: $0) }
                let reference = request.optionalString("reference") ?? ""
                request.refuseUnknown()
                guard let kind, let key else { return nil }
                return .request(kind: kind, key: key, reference: reference)
            }
            guard let request else { return nil }
            self = request
        } else {
            let name = reader.string(LegacyMembers.name)
            let id = reader.string(LegacyMembers.id) { try FixedBytes<16>(hex: $0) }
            let method = reader.string("method")
            guard let name, let id, let method else { return nil }
            self = .first(name: name, id: id, method: method)
        }
    }
}

extension Payment {
    /// Whether this payment can belong to the given request, judged only by the form of the payment's subject. The form
    /// `first` identifies only requests of the oldest kind, so the result is `false` for a request of a newer kind.
    /// With the form `request`, the result is always `true`.
    public func mayPay(_ request: any Request) -> Bool {
        if case .first = subject { return request.reference(payer: from).legacy != nil }
        return true
    }
}
