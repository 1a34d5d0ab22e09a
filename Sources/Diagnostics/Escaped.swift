/// The one escaper: every string that comes from outside is shown through it.
///
/// What is not printable ASCII becomes `\u{…}`, so that neither control characters, terminal sequences,
/// bidirectional marks nor look-alike letters reach a terminal; a backslash is doubled, so that no text can pretend
/// to be an escape; a space at an end or after another one, which nobody would see, is one too; and what is longer than `limit` characters is cut, with the number of scalars left out.
public func escaped(_ foreign: String, limit: Int = 80) -> String {
    var shown = ""
    var left = 0
    var isAfterSpace = true
    var scalars = foreign.unicodeScalars.makeIterator()
    var following = scalars.next()
    while let scalar = following {
        following = scalars.next()
        let piece =
            switch scalar {
            case "\\": "\\\\"
            case " " where isAfterSpace || following == nil: "\\u{20}"
            case " "..."~": String(scalar)
            default: "\\u{\(String(scalar.value, radix: 16))}"
            }
        if left == 0, shown.utf8.count + piece.utf8.count <= limit {
            shown += piece
        } else {
            left += 1
        }
        isAfterSpace = scalar == " "
    }
    return left == 0 ? shown : "\(shown)... (\(left) more)"
}
