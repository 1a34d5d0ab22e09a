import AirlockEthereumTypes
import Testing

@Suite("Times")
struct TimestampTests {
    /// The expected numbers of seconds were computed with Python's datetime.
    @Test(
        "are read to the second and shown again",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1972-02-29T12:00:00Z", 68_212_800), ("1999-12-31T23:59:59Z", 946_684_799),
            ("2000-02-29T23:59:59Z", 951_868_799), ("2000-03-01T00:00:00Z", 951_868_800),
            ("2023-12-31T23:59:59Z", 1_704_067_199), ("2024-02-29T00:00:00Z", 1_709_164_800),
            ("2026-03-11T08:30:49Z", 1_773_217_849), ("2038-01-19T03:14:08Z", 2_147_483_648),
            ("2100-02-28T23:59:59Z", 4_107_542_399), ("2100-03-01T00:00:00Z", 4_107_542_400),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] as [(String, UInt64)])
    func read(text: String, seconds: UInt64) throws {
        let time = try Timestamp(text)
        #expect(time.seconds == seconds)
        #expect(time.description == text)
        #expect(try Timestamp("at \(text)".dropFirst(3)) == time)
    }

    @Test(
        "are read with an offset, a fraction and small letters",
        arguments: [
            ("2026-03-11T08:30:49+05:30", 1_773_198_049), ("2026-03-11T08:30:49-08:00", 1_773_246_649),
            ("2026-03-11T08:30:49+00:00", 1_773_217_849), ("2026-03-11T08:30:49-00:00", 1_773_217_849),
            ("2026-03-11t08:30:49z", 1_773_217_849), ("2026-03-11T08:30:49.999Z", 1_773_217_849),
            ("2026-03-11T08:30:49.000000000000000000000001Z", 1_773_217_849),
            ("2026-03-11T08:30:49.5+05:30", 1_773_198_049), ("1970-01-01T01:00:00+01:00", 0),
            ("1970-01-01T00:00:00-23:59", 86_340), ("9999-12-31T23:59:59-23:59", 253_402_387_139),
            ("2024-03-01T00:30:00+01:00", 1_709_249_400),
        ] as [(String, UInt64)])
    func forms(text: String, seconds: UInt64) throws {
        #expect(try Timestamp(text).seconds == seconds)
    }

    @Test(
        "are refused when they do not exist or are not RFC 3339",
        arguments: [
            "", "now", "1773217849", "2026-03-11", "2026-03-11T08:30:49", "2026-03-11T08:30Z", "2026-03-11 08:30:49Z",
            // Dates and times of day that do not exist.
            "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2024-02-30T00:00:00Z", "2026-04-31T00:00:00Z",
            "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z",
            "2026-03-11T24:00:00Z", "2026-03-11T08:60:00Z", "2016-12-31T23:59:60Z",
            // Times before 1970. The last one is before 1970 only because of its offset.
            "1969-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00+00:01",
            // Too few digits, too many digits, digits that are not ASCII, and a sign.
            "026-03-11T08:30:49Z", "12026-03-11T08:30:49Z", "2026-3-11T08:30:49Z", "2026-03-11T8:30:49Z",
            "2026-03-11T08:30:490Z", "\u{662}026-03-11T08:30:49Z", "+2026-03-11T08:30:49Z",
            // Malformed fractions and offsets, offsets that are too large, and text before or after the time.
            "2026-03-11T08:30:49.Z", "2026-03-11T08:30:49,5Z", "2026-03-11T08:30:49+05", "2026-03-11T08:30:49+0530",
            "2026-03-11T08:30:49+24:00", "2026-03-11T08:30:49+05:60", "2026-03-11T08:30:49+5:30",
            "2026-03-11T08:30:49Z ", " 2026-03-11T08:30:49Z", "2026-03-11T08:30:49ZZ", "2026-03-11T08:30:49Z+00:00",
        ])
    func refused(text: String) {
        let error = #expect(throws: ValueError.self) { try Timestamp(text) }
        #expect(error?.rule == .notTime)
        #expect(error?.saw == text)
    }

    @Test("every day of 400 years follows the one before, and is read back from what is shown")
    func calendar() throws {
        var wrong: [UInt64] = []
        var previous = ""
        for day in 0..<UInt64(146_097) {
            let time = Timestamp(seconds: day * 86_400)
            let shown = time.description
            if shown <= previous || (try? Timestamp(shown)) != time { wrong.append(day) }
            previous = shown
        }
        #expect(wrong == [])
        #expect(previous == "2369-12-31T00:00:00Z")
    }

    @Test("beyond the year 9999 are shown in seconds, and all are ordered")
    func order() {
        #expect(Timestamp(seconds: 253_402_300_800).description == "253402300800 seconds since 1970")
        #expect(Timestamp(seconds: .max).description == "18446744073709551615 seconds since 1970")
        #expect(Timestamp(seconds: 1) < Timestamp(seconds: 2))
    }
}
