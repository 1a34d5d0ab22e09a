import AirlockDiagnostics

/// The rules of the command line.
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
    /// A needed value is given neither by an option nor by a file.
    case missingValue = "usage.missing-value"
    case invalidValue = "usage.invalid-value"
    case conflict = "usage.conflicting-options"

    package var meaning: String {
        switch self {
        case .notUTF8: "a word of the command line is not UTF-8"
        case .noCommand: "no command given"
        case .unknownCommand: "there is no such command"
        case .unknownCode: "there is no such code"
        case .unknownShell: "nothing is known of this shell"
        case .unknownOption: "there is no such option"
        case .repeatedOption: "an option is given twice"
        case .noValue: "an option lacks its value"
        case .unwantedValue: "an option that takes no value has one"
        case .missingOperand: "an operand is missing"
        case .surplusOperand: "there is an operand too many"
        case .missingValue: "a value is missing"
        case .invalidValue: "the value of an option is not usable"
        case .conflict: "an option does not go with the rest"
        }
    }

    package var next: String {
        switch self {
        case .notUTF8: "give a file another name, and bytes in hexadecimal"
        case .noCommand, .unknownCommand: "run with --help to see the commands"
        case .unknownCode: "run explain without a code to see all"
        case .unknownShell: "name a shell of those that completions knows"
        case .unknownOption, .unwantedValue: "run the command with --help to see its options"
        case .repeatedOption: "give it once, so that there is no doubt which one counts"
        case .noValue: "write the value after the option"
        case .missingOperand, .surplusOperand: "run the command with --help to see what it takes"
        case .missingValue: "give it by its option: nothing that is missing is guessed"
        case .invalidValue: "the message says what is expected"
        case .conflict: "leave it out, or what it does not go with"
        }
    }

    package var exit: ExitCode { .usage }
}
