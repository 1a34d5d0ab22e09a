package import AirlockDiagnostics

extension Tool {
    /// Refuses words of the process's command line that are no UTF-8. Swift puts U+FFFD in the place of what it cannot
    /// read, and then another file would be opened, or other bytes hashed, than were named.
    package static func requireUTF8() throws(ProblemList) {
        let count = Int(CommandLine.argc)
        let problems = (0..<count).compactMap { index -> Problem? in
            guard let word = unsafe CommandLine.unsafeArgv[index], unsafe String(validatingCString: word) == nil else {
                return nil
            }
            return Problem(UsageRule.notUTF8, saw: unsafe String(cString: word))
        }
        if let all = ProblemList(problems) { throw all }
    }
}
