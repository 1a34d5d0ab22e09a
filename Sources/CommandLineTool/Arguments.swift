package import AirlockDiagnostics

/// A parsed command line. Its options belong to the command. The number of operands is right, unless `--help` is given.
/// The values of the options are still unparsed strings.
package struct Arguments: Sendable {
    package private(set) var operands: [String] = []
    private var values: [String: [String]] = [:]

    /// Parses the arguments after the name of the command.
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
            // With `--lines`, standard input supplies the operands.
            let lines = values[Option.lines.name] != nil
            if !lines, operands.count < command.requiredOperands {
                let missing = command.operands[operands.count]
                problems.append(Problem(UsageRule.missingOperand, at: missing, detail: missing, hint: hint))
            }
            let most = command.takesMany ? Int.max : command.operands.count
            let advice = lines ? "with --lines the lines come from standard input: < FILE" : command.surplusAdvice
            for surplus in operands.dropFirst(lines ? 0 : most) {
                problems.append(
                    Problem(
                        UsageRule.surplusOperand, saw: surplus, hint: advice.map { "\($0); \(hint)" } ?? hint))
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
            // The word after a misspelt option is probably the value of the option. Do not treat this word as an
            // operand.
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

    /// Whether the option is given.
    package func has(_ option: Option) -> Bool { values[option.name] != nil }

    package func value(_ option: Option) -> String? { values[option.name]?.first }

    /// All values of an option that can be given several times.
    package func values(_ option: Option) -> [String] { values[option.name] ?? [] }

    /// The operand at an index; `nil` if there are fewer operands.
    package func operand(_ index: Int) -> String? { operands.indices.contains(index) ? operands[index] : nil }

    /// The value of an option, converted by the closure `read`. If the value is invalid, appends to `problems` a
    /// problem that names the option, and returns `nil`.
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

extension ArgumentPlace {
    /// The name of the command-line option that sets this value. The option has the same name in both tools.
    package var option: String {
        switch self {
        case .method: "--method"
        case .value: "--value"
        case .poolFee: "--pool-fee"
        case .token: "--token"
        case .quoter: "--quoter"
        case .payer: "--from"
        case .chain: "--chain"
        case .reference: "--reference"
        case .conditions: "--conditions"
        case .nonce: "--nonce"
        case .gas: "--gas"
        case .maxFeePerGas: "--max-fee"
        case .maxPriorityFeePerGas: "--priority-fee"
        // No command-line option sets this value, because it comes only from the conditions file. So messages show the
        // name of the member in the conditions file.
        case .approveGas: "approveGas"
        case .approve: "--approve"
        case .rungs: "--rungs"
        case .cancel: "--cancel"
        case .replace: "--replace"
        case .policy: "--policy"
        case .now: "--now"
        case .safe: "--safe"
        case .safeVersion: "--safe-version"
        case .safeNonce: "--safe-nonce"
        case .ownerSafe: "--owner-safe"
        case .safeProof: "--safe-proof"
        }
    }
}

extension Problem {
    /// The name of the field with the problem, as the user sees it. If an option sets the value of the field, this is
    /// the name of the option.
    package var shownField: String? { field.map { ArgumentPlace(rawValue: $0)?.option ?? $0 } }

    /// The location of the problem in the user's input. It is a file with a JSON pointer, or the name of an option.
    package var shownPlace: String? { file == nil ? shownField : place }
}

/// Suggests the right name for a mistyped name.
enum Suggestion {
    /// The name that is nearest to a word; `nil` if no name is near enough. The edit distance must be at most a third
    /// of the name's length. An edit distance of 1 is always allowed.
    static func nearest(to word: String, in names: [String]) -> String? {
        let ranked = names.map { (name: $0, distance: distance(Array(word.utf8), Array($0.utf8))) }
        guard word.utf8.count <= 64, let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, best.name.utf8.count / 3) ? best.name : nil
    }

    /// The edit distance between two words: how many letters must be inserted, deleted, changed, or swapped with a
    /// neighbour.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var rows = [Array(0...right.count)]
        for (i, letter) in left.enumerated() {
            var row = [i + 1]
            for (j, other) in right.enumerated() {
                var least = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (letter == other ? 0 : 1))
                if i > 0, j > 0, letter == right[j - 1], left[i - 1] == other {
                    least = min(least, rows[i - 1][j - 1] + 1)
                }
                row.append(least)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}

/// The error codes for mistakes on the command line.
package enum UsageRule: String, Advised {
    case notUTF8 = "usage.not-utf8"
    case noCommand = "usage.no-command"
    case unknownCommand = "usage.unknown-command"
    case unknownCode = "usage.unknown-code"
    case unknownShell = "usage.unknown-shell"
    case unknownOption = "usage.unknown-option"
    case repeatedOption = "usage.repeated-option"
    case noValue = "usage.option-without-value"
    case unwantedValue = "usage.option-takes-no-value"
    case missingOperand = "usage.missing-operand"
    case surplusOperand = "usage.surplus-operand"
    /// A required value is missing. Neither an option nor a file contains the value.
    case missingValue = "usage.missing-value"
    case invalidValue = "usage.invalid-value"
    case conflict = "usage.conflicting-options"

    package var meaning: String {
        switch self {
        case .notUTF8: "a word of the command line is not UTF-8"
        case .noCommand: "no command given"
        case .unknownCommand: "there is no such command"
        case .unknownCode: "there is no such code"
        case .unknownShell: "this shell is not supported"
        case .unknownOption: "there is no such option"
        case .repeatedOption: "an option is given twice"
        case .noValue: "an option lacks its value"
        case .unwantedValue: "an option that takes no value has one"
        case .missingOperand: "an operand is missing"
        case .surplusOperand: "there are too many operands"
        case .missingValue: "a value is missing"
        case .invalidValue: "the value of an option is invalid"
        case .conflict: "an option conflicts with the rest of the command line"
        }
    }

    package var next: String {
        switch self {
        case .notUTF8: "give the file another name, or give the bytes in hexadecimal"
        case .noCommand, .unknownCommand: "run with --help to see the commands"
        case .unknownCode: "run explain without a code to see all codes"
        case .unknownShell: "name a shell that completions supports"
        case .unknownOption, .unwantedValue: "run the command with --help to see its options"
        case .repeatedOption: "give it once, so that there is no doubt which one counts"
        case .noValue: "write the value after the option"
        case .missingOperand, .surplusOperand: "run the command with --help to see what it takes"
        case .missingValue: "give it with its option: missing values are never guessed"
        case .invalidValue: "the message says what is expected"
        case .conflict: "leave out the option, or what it conflicts with"
        }
    }

    package var exit: ExitCode { .usage }
}
