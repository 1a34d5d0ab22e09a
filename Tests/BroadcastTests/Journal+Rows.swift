import AirlockStrictJSON

@testable import AirlockBroadcast

extension Journal {
    /// All rows at once.
    func rows() throws -> [JSONOutput] {
        var all: [JSONOutput] = []
        try rows { all.append($0) }
        return all
    }

    /// The whole sheet.
    func sheet() throws -> String {
        var all = ""
        try sheet { all += $0 }
        return all
    }
}
