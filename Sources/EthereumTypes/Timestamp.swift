/// A time in whole seconds since 1970-01-01T00:00:00Z. Its text has the format of RFC 3339.
public struct Timestamp: Hashable, Sendable {
    public let seconds: UInt64

    public init(seconds: UInt64) { self.seconds = seconds }

    /// The last time that RFC 3339 can express: 9999-12-31T23:59:59Z.
    public static let last = Timestamp(seconds: 253_402_300_799)

    /// Reads an RFC 3339 time, such as `2026-03-11T08:30:49Z`, with any offset from UTC. A fraction of a second is
    /// dropped. Days and hours that do not exist are refused. A leap second is refused too, because no block can have
    /// such a time.
    public init(_ text: some StringProtocol) throws(ValueError) {
        guard let seconds = Self.parse(Array(text.utf8).span) else {
            throw ValueError(.notTime, saw: text, expected: "an RFC 3339 time such as 2026-03-11T08:30:49Z")
        }
        self.init(seconds: seconds)
    }

    /// Parses an RFC 3339 time (section 5.6). Returns `nil` if the text is malformed, or if the time is before 1970.
    static func parse(_ text: Span<UInt8>) -> UInt64? {
        var cursor = Cursor()
        guard let year = cursor.digits(4, text), year >= 1970, cursor.take("-", text),
            let month = cursor.digits(2, text), cursor.take("-", text), let day = cursor.digits(2, text),
            1...12 ~= month, 1...days(in: month, of: year) ~= day, cursor.take("T", text) || cursor.take("t", text),
            let hour = cursor.digits(2, text), cursor.take(":", text), let minute = cursor.digits(2, text),
            cursor.take(":", text), let second = cursor.digits(2, text), hour < 24, minute < 60, second < 60
        else { return nil }
        if cursor.take(".", text) {
            guard cursor.digits(1, text) != nil else { return nil }
            while cursor.digits(1, text) != nil {}
        }
        var seconds = daysSince1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second
        if !cursor.take("Z", text), !cursor.take("z", text) {
            let sign = cursor.take("+", text) ? -1 : cursor.take("-", text) ? 1 : 0
            guard sign != 0, let hours = cursor.digits(2, text), cursor.take(":", text),
                let minutes = cursor.digits(2, text), hours < 24, minutes < 60
            else { return nil }
            seconds += sign * (hours * 3_600 + minutes * 60)
        }
        return cursor.place == text.count ? UInt64(exactly: seconds) : nil
    }

    private struct Cursor {
        var place = 0

        mutating func take(_ character: Unicode.Scalar, _ text: Span<UInt8>) -> Bool {
            guard place < text.count, text[place] == UInt8(ascii: character) else { return false }
            place += 1
            return true
        }

        mutating func digits(_ count: Int, _ text: Span<UInt8>) -> Int? {
            guard count <= text.count - place else { return nil }
            var number = 0
            for index in place..<place + count {
                let digit = text[index] &- UInt8(ascii: "0")
                guard digit < 10 else { return nil }
                number = number * 10 + Int(digit)
            }
            place += count
            return number
        }
    }

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && year % 100 != 0 || year % 400 == 0 }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let before = year - 1
        let leapDays = before / 4 - before / 100 + before / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400)
        let months = (1..<month).reduce(0) { $0 + days(in: $1, of: year) }
        return (year - 1970) * 365 + leapDays + months + day - 1
    }
}

extension Timestamp: Comparable, CustomStringConvertible {
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.seconds < right.seconds }

    /// The time as text, such as `2026-03-11T08:30:49Z`. RFC 3339 cannot express times after the year 9999, so such a
    /// time is written as a number of seconds since 1970.
    public var description: String {
        guard self <= .last else { return "\(seconds) seconds since 1970" }
        var days = Int(seconds / 86_400)
        let second = Int(seconds % 86_400)
        // No year is longer than 366 days, so `1970 + days / 366` is the right year or an earlier year. From there, the
        // loop moves forward to the right year.
        var year = 1970 + days / 366
        days -= Self.daysSince1970(year, 1, 1)
        while days >= (Self.isLeap(year) ? 366 : 365) {
            days -= Self.isLeap(year) ? 366 : 365
            year += 1
        }
        var month = 1
        while days >= Self.days(in: month, of: year) {
            days -= Self.days(in: month, of: year)
            month += 1
        }
        let (day, lastYear, lastMonth) = (days + 1, year, month)
        return unsafe String(unsafeUninitializedCapacity: 20) { text in
            func put(_ number: Int, at place: Int, before mark: Unicode.Scalar?) {
                unsafe text[place] = UInt8(ascii: "0") + UInt8(number / 10)
                unsafe text[place + 1] = UInt8(ascii: "0") + UInt8(number % 10)
                if let mark { unsafe text[place + 2] = UInt8(ascii: mark) }
            }
            put(lastYear / 100, at: 0, before: nil)
            put(lastYear % 100, at: 2, before: "-")
            put(lastMonth, at: 5, before: "-")
            put(day, at: 8, before: "T")
            put(second / 3_600, at: 11, before: ":")
            put(second / 60 % 60, at: 14, before: ":")
            put(second % 60, at: 17, before: "Z")
            return 20
        }
    }
}

extension Duration {
    /// Reads a length of time, such as `500ms`, `30s`, `5m` or `2h`. A number without a unit is in seconds.
    public init(text: some StringProtocol) throws(ValueError) {
        let digits = text.prefix { "0"..."9" ~= $0 }
        let scales: [String: Int64] = ["ms": 1, "": 1_000, "s": 1_000, "m": 60_000, "h": 3_600_000]
        // This limit ensures that `number * scale` does not overflow, even for hours.
        guard let number = Int64(digits), number <= 1_000_000_000, let scale = scales[String(text[digits.endIndex...])]
        else { throw ValueError(.notDuration, saw: text, expected: "a length of time such as 30s") }
        self = .milliseconds(number * scale)
    }
}
