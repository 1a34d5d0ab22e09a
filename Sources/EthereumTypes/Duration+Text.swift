extension Duration {
    /// Reads `500ms`, `30s`, `5m` or `2h`; a plain number is seconds.
    public init(text: some StringProtocol) throws(ValueError) {
        let digits = text.prefix { "0"..."9" ~= $0 }
        let scales: [String: Int64] = ["ms": 1, "": 1_000, "s": 1_000, "m": 60_000, "h": 3_600_000]
        // More than this many hours would overflow.
        guard let number = Int64(digits), number <= 1_000_000_000, let scale = scales[String(text[digits.endIndex...])]
        else { throw ValueError(.notDuration, saw: text, expected: "a length of time such as 30s") }
        self = .milliseconds(number * scale)
    }
}
