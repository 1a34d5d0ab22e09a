/// The one form in which dates are sent: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7, IMF-fixdate).
public enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Seconds since 1970; `nil` for the two obsolete forms, and for days and times that do not exist.
    public static func seconds(_ text: String) -> Int? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[5] == "GMT", let day = number(parts[1], 2), let year = number(parts[3], 4),
            let month = months.firstIndex(where: { $0 == parts[2] }), year >= 1970
        else { return nil }
        let isLeap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        let before = year - 1
        let leapDays = before / 4 - before / 100 + before / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400)
        let date = (year - 1970) * 365 + leapDays + lengths[..<month].reduce(0, +) + day - 1
        // The first of January 1970 was a Thursday.
        guard 1...lengths[month] ~= day, parts[0] == "\(days[(date + 4) % 7]),", let time = time(parts[4]) else {
            return nil
        }
        return date * 86_400 + time
    }

    /// A leap second is none: no clock here knows it.
    private static func time(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let hour = number(parts[0], 2), let minute = number(parts[1], 2),
            let second = number(parts[2], 2), hour < 24, minute < 60, second < 60
        else { return nil }
        return hour * 3_600 + minute * 60 + second
    }

    private static func number(_ text: Substring, _ count: Int) -> Int? {
        let isDigits = text.utf8.count == count && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        return isDigits ? Int(text) : nil
    }
}

extension HTTPResponse {
    /// How long the server asks to wait (RFC 9110 §10.2.3), in either form; `nil` when it does not ask, or for no
    /// time at all.
    ///
    /// - Parameter now: seconds since 1970.
    public func retryAfter(now: Int) -> Duration? {
        guard let text = header("Retry-After") else { return nil }
        let isNumber = !text.isEmpty && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        // A century is as long as whatever is longer.
        let century = 3_155_760_000
        let seconds = isNumber ? Int(text) ?? century : HTTPDate.seconds(text).map { $0 - now } ?? 0
        return seconds > 0 ? .seconds(min(seconds, century)) : nil
    }
}
