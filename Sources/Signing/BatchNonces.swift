/// The nonces of a batch whose lines share conditions. A line that an earlier run signed keeps its nonces. A new line
/// gets the nonces that follow the highest nonce of the lines before it.
struct BatchNonces: Sendable {
    /// The nonce in the conditions. No line gets a lower nonce.
    private let start: UInt64
    /// The first nonce of a new line.
    private(set) var next: UInt64
    /// The nonces of the lines so far, as ascending ranges that do not touch each other. Nearly always, there is only
    /// one range.
    private var taken: [ClosedRange<UInt64>] = []

    init(from start: UInt64) {
        self.start = start
        next = start
    }

    /// Whether a line can keep a nonce that the ledger records for its request. It cannot keep a nonce below the nonce
    /// in the conditions, because the account has already used it. It cannot keep the nonce of an earlier line either.
    func canKeep(_ recorded: UInt64) -> Bool {
        let place = place(of: recorded)
        return recorded >= start && !(place < taken.count && taken[place].contains(recorded))
    }

    /// Records the nonces of the transactions of a line. These nonces are consecutive.
    mutating func take(_ nonces: [UInt64]) {
        guard var lower = nonces.min(), var upper = nonces.max() else { return }
        next = max(next, upper == .max ? .max : upper + 1)
        let begin = place(of: lower == 0 ? 0 : lower - 1)
        var end = begin
        while end < taken.count, upper == .max || taken[end].lowerBound <= upper + 1 {
            lower = min(lower, taken[end].lowerBound)
            upper = max(upper, taken[end].upperBound)
            end += 1
        }
        taken.replaceSubrange(begin..<end, with: CollectionOfOne(lower...upper))
    }

    /// Returns the index of the first range that does not end before `nonce`.
    private func place(of nonce: UInt64) -> Int {
        var (before, after) = (0, taken.count)
        while before < after {
            let middle = (before + after) / 2
            if taken[middle].upperBound < nonce { before = middle + 1 } else { after = middle }
        }
        return before
    }
}
