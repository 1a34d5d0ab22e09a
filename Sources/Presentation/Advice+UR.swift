package import AirlockCommandLineTool
package import AirlockUR

extension URRule: Advised {
    package var next: String {
        switch self {
        case .notUR, .badType, .badByteword, .wrongChecksum: "scan the code again, or copy its whole text"
        case .badSequence, .badPart, .contradiction:
            "scan it again; where that does not help, another program made the code"
        case .otherType: "check which code was scanned"
        case .otherMessage: "scan the codes of one output alone"
        case .tooLarge: "carry the file itself"
        case .unknownDataType: "do not sign: nothing here knows what it would sign"
        case .badPath: "ask for one key, with a path such as m/44'/60'/0'/0/0"
        case .wrongLength: "check what made the code: it does not follow ERC-4527"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .unknownDataType: .refused
        case .notUR, .badType, .badByteword, .wrongChecksum, .badSequence, .badPart, .contradiction, .otherType,
            .otherMessage, .tooLarge, .badPath, .wrongLength:
            .malformedInput
        }
    }
}

extension CBORRule: Advised {
    package var next: String {
        switch self {
        case .unfinished, .trailingBytes: "scan the code again, or copy its whole text"
        case .missingField, .unknownField, .wrongType:
            "check what made the code: it does not follow the standard of its type"
        case .notShortest, .indefiniteLength, .unsupported, .duplicateKey, .badKey, .badUTF8, .tooDeep, .tooMany:
            "check what made the code: what it holds is not read here"
        }
    }

    package var exit: ExitCode { .malformedInput }
}
