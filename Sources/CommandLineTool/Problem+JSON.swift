package import AirlockDiagnostics
package import AirlockStrictJSON

extension Problem {
    /// `{"code":…,"message":…,"field":…,"file":…,"hint":…}`, as both tools say it.
    package var json: JSONOutput {
        var members: [(String, JSONOutput)] = [("code", .string(code)), ("message", .string(message))]
        if let shownField { members.append(("field", .string(shownField))) }
        if let file { members.append(("file", .string(file))) }
        members.append(("hint", .string(hint)))
        return .object(members)
    }
}
