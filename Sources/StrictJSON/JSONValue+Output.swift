extension JSONValue {
    /// The value as one that can be written again.
    public var json: JSONOutput {
        switch kind {
        case .null: .null
        case .boolean: .boolean(boolean ?? false)
        case .number: .number(number ?? "")
        case .string: .string(string ?? "")
        case .array: .array(children.map(\.json))
        case .object: .object(members?.map { ($0.key, $0.value.json) } ?? [])
        }
    }
}
