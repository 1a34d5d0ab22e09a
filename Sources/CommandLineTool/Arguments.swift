package import AirlockDiagnostics

/// What a command line holds, once every word of it is known to be allowed.
package struct Arguments: Sendable {
    package private(set) var operands: [String] = []
    private var values: [String: [String]] = [:]

    /// Reads the words after a command's name.
    init(_ words: ArraySlice<String>, for command: Command, of tool: String) throws(ProblemList) {
        let hint = "\(tool) \(command.name) --help shows what it takes"
        var problems: [Problem] = []
        var rest = words
        var onlyOperands = false
        while let word = rest.popFirst() {
            if onlyOperands || word == "-" || !word.hasPrefix("-") {
                operands.append(word)
            } else if word == "--" {
                onlyOperands = true
            } else {
                take(word, &rest, command, hint, &problems)
            }
        }
        if values["--help"] == nil {
            // What a line holds is what the operands would be.
            let lines = values[Option.lines.name] != nil
            if !lines, operands.count < command.requiredOperands {
                let missing = command.operands[operands.count]
                problems.append(Problem(UsageRule.missingOperand, at: missing, detail: missing, hint: hint))
            }
            let most = command.takesMany ? Int.max : command.operands.count
            for surplus in operands.dropFirst(lines ? 0 : most) {
                problems.append(Problem(UsageRule.surplusOperand, saw: surplus, hint: hint))
            }
        }
        if let all = ProblemList(problems) { throw all }
    }

    private mutating func take(
        _ word: String, _ rest: inout ArraySlice<String>, _ command: Command, _ hint: String,
        _ problems: inout [Problem]
    ) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let isLong = word.hasPrefix("--")
        let name = isLong ? parts[0] : word
        guard let option = command.allOptions.first(where: { $0.name == name || $0.short == name }) else {
            let near = Suggestion.nearest(to: name, in: command.allOptions.map(\.name))
            // A misspelt option's value is no operand.
            let meant = command.allOptions.first { $0.name == near }
            if meant?.value != nil, parts.count == 1, rest.first?.hasPrefix("-") == false { rest.removeFirst() }
            problems.append(Problem(UsageRule.unknownOption, at: name, saw: name, expected: near, hint: hint))
            return
        }
        let attached = isLong && parts.count == 2 ? parts[1] : nil
        var value = ""
        if option.value == nil {
            if attached != nil { problems.append(Problem(UsageRule.unwantedValue, at: option.name)) }
        } else if let given = attached ?? rest.popFirst() {
            value = given
        } else {
            problems.append(Problem(UsageRule.noValue, at: option.name, detail: option.name))
        }
        if values[option.name] != nil, !option.isRepeatable {
            problems.append(Problem(UsageRule.repeatedOption, at: option.name, detail: option.name))
        }
        values[option.name, default: []].append(value)
    }

    /// Is the switch given?
    package func has(_ option: Option) -> Bool { values[option.name] != nil }

    package func value(_ option: Option) -> String? { values[option.name]?.first }

    /// All values of an option that may be repeated.
    package func values(_ option: Option) -> [String] { values[option.name] ?? [] }

    /// The operand at an index, where one is given.
    package func operand(_ index: Int) -> String? { operands.indices.contains(index) ? operands[index] : nil }

    /// The value of an option through a reader of such values; what the reader refuses is said of the option.
    package func value<Value>(
        _ option: Option, _ read: (String) throws -> Value, into problems: inout [Problem]
    ) -> Value? {
        guard let text = value(option) else { return nil }
        do {
            return try read(text)
        } catch let broken as any RuleBroken {
            problems += broken.problems.map { Problem(UsageRule.invalidValue, because: $0, at: option.name) }
        } catch {
            problems.append(Problem(UsageRule.invalidValue, at: option.name, saw: text))
        }
        return nil
    }
}
