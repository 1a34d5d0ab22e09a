package import AirlockABI
package import AirlockCSV
package import AirlockCommandLineTool
import AirlockDiagnostics
package import AirlockEthereumTypes
package import AirlockRLP
package import AirlockSecp256k1
package import AirlockStrictJSON
package import AirlockTransactions
package import AirlockTypedData
package import AirlockUR

extension CSVRule: Advised {
    package var next: String {
        switch self {
        case .empty: "begin the table with a line that names its columns"
        case .fieldCount: "give each row every field, and put a field that holds a comma in quotes"
        case .bareQuote, .openQuote, .textAfterQuote:
            "put the whole field in quotes, and double each quote inside it"
        case .bareReturn: "end each line with LF or CRLF"
        case .controlCharacter: "take it out, and separate the fields by commas and not by tabs"
        case .badUTF8: "save the table as UTF-8"
        }
    }

    package var exit: ExitCode { .malformedInput }
}

extension JSONRule: Advised {
    package var next: String {
        switch self {
        case .tooLarge: "check that this is the file you meant"
        case .byteOrderMark: "save the file as UTF-8 without a byte order mark"
        case .empty, .unfinished: "fetch the file again: it did not arrive whole"
        case .trailingBytes: "give one JSON value and nothing else"
        case .duplicateKey: "do not use this file: two programs could read two different values from it"
        case .missingField: "fetch the file again, or add the member"
        case .wrongType: "write the member as the kind that is expected"
        case .unknownField: "remove the member, or correct the spelling of its name"
        default: "fetch the file again, or correct it at the place named: only strict JSON (RFC 8259) is read"
        }
    }

    package var exit: ExitCode { .malformedInput }
}

extension ValueRule: Advised {
    package var next: String {
        switch self {
        case .notDecimal: "write digits only, without sign, spaces or leading zeros"
        case .notHexQuantity: "write 0x and hexadecimal digits without leading zeros"
        case .notHex: "write 0x and an even number of hexadecimal digits"
        case .wrongLength: "check that nothing was cut off or added"
        case .tooLarge: "check the number of digits, and the unit"
        case .notAddress: "write 0x and 40 hexadecimal digits"
        case .wrongChecksum: "a letter or digit was probably mistyped: copy the address again from its source"
        case .notAmount: "write a decimal number such as 12.5, and a unit such as gwei or eth only where one is taken"
        case .wrongUnit: "use one of the units that the message names"
        case .tooPrecise: "write fewer decimals: an amount is never rounded"
        case .notChain: "write ethereum, polygon, base, sepolia, base-sepolia, or a chain id"
        case .notTime: "write an RFC 3339 time such as 2026-03-11T08:30:49Z"
        case .notDuration: "write a whole number and ms, s, m or h, such as 500ms or 30s; a plain number is seconds"
        }
    }

    package var exit: ExitCode { .malformedInput }
}

extension RLPRule: Advised {
    package var next: String {
        switch self {
        case .missingItem, .beyondEnd: "the bytes were probably cut short: copy them again, whole"
        case .trailingBytes: "remove what follows the encoding, and give one encoding at a time"
        case .superfluousItem, .integerTooLarge, .wrongLength, .expectedBytes, .expectedList:
            "check that the bytes are of the kind that is expected"
        case .lengthTooLarge, .lengthNotMinimal, .lengthLeadingZero, .byteNotMinimal, .integerLeadingZero:
            "encode it again in the canonical form, the only one that Ethereum accepts"
        case .tooDeep: "nest at most \(RLPItem.maximumDepth) lists"
        }
    }

    package var exit: ExitCode { .malformedInput }
}

extension ABIRule: Advised {
    package var next: String {
        switch self {
        case .syntax: "write it as in Solidity, such as transfer(address to, uint256 amount)"
        case .unknownType:
            "use uintN, intN, address, bool, bytesN, bytes, string, function, or a tuple or an array of these"
        case .wrongWidth: "use uint8 to uint256 and int8 to int256 in steps of 8, and bytes1 to bytes32"
        case .wrongArrayLength: "write T[] for any number of elements, or T[3] for exactly three"
        case .elementsWithoutSize: "remove the array: Solidity has no such type"
        case .typeTooLarge, .tooDeep: "check the type: no contract has one like it"
        case .tooManyIndexed: "index at most three parameters, or four of an anonymous event"
        case .unknownWord: "check that this is the JSON ABI that a compiler wrote"
        case .typeMismatch: "give a value of the type that is expected"
        case .wrongCount: "give one value for each parameter or element"
        case .notPackable: "pack the parts separately: structs, and arrays of bytes or strings, are not packed"
        case .outOfRange: "check the number, and the type's number of bits"
        case .tooShort, .trailingData, .offsetOutside, .lengthTooLarge:
            "check that the data are whole and of these types"
        case .wrongOffset, .dirtyPadding, .notBoolean, .badUTF8:
            "check the types; only the specification's strict encoding is read, since anything looser has two readings"
        case .wrongSelector, .wrongTopic, .wrongTopicCount: "check which contract and which signature the data are of"
        }
    }

    package var exit: ExitCode { .malformedInput }
}

extension SecretKeyRule: Advised {
    package var next: String {
        switch self {
        case .wrongLength, .outOfRange, .notHex: "check that the file holds the key, whole and alone"
        case .engineFailed: "run airlock doctor, and report it"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .wrongLength, .outOfRange, .notHex: .malformedInput
        case .engineFailed: .bug
        }
    }
}

extension SignatureRule: Advised {
    package var next: String {
        switch self {
        case .wrongLength: "check that the signature is whole: r, s and v, 65 bytes together"
        case .wrongRecoveryByte: "check v: it is 27 or 28, or where that is allowed 0 or 1"
        case .rOutOfRange, .sOutOfRange, .unrecoverable:
            "ask for the signature again: this one was altered or miscopied"
        case .highS: "ask the signer for a signature with low s (EIP-2)"
        case .notPublicKey: "check that the public key was copied whole"
        }
    }

    package var exit: ExitCode { .malformedInput }
}

extension TransactionRule: Advised {
    package var next: String {
        switch self {
        case .wrappedInString: "leave out the string's prefix: a raw transaction of type 1 or 2 begins with 01 or 02"
        case .blob, .setCode: "use a tool that is made for this type"
        case .unknownType: "check that this is a raw transaction: 01, 02, or a list from c0 on"
        case .notSigned: "sign it first; airlock review FILE shows an unsigned transaction"
        case .alreadySigned: "give the transaction without its signature, or read it as a signed one"
        case .wrongV, .wrongParity: "ask for the transaction again: its signature was altered or miscopied"
        case .noChain: "give the id of the chain that the transaction is for"
        case .lastNonce: "check the nonce: it counts the sender's transactions"
        case .priorityAboveMax: "lower the priority fee, or raise the maximum fee"
        case .feeOverflow: "check the gas and the fee: one of them is not what was meant"
        case .gasTooLow: "raise the gas to what the message names, and more for what the call itself does"
        case .initcodeTooLong: "split the contract"
        }
    }

    package var exit: ExitCode { .malformedInput }
}

extension TypedDataRule: Advised {
    package var next: String {
        switch self {
        case .unknownType: "define the type under types, or use uintN, intN, address, bool, bytesN, bytes or string"
        case .badName: "use letters, digits, _ and $ only"
        case .reservedName: "give the struct another name"
        case .duplicateMember: "do not sign this: it can be read in two ways"
        case .wrongArrayLength: "write T[] for any number of elements, or T[3] for exactly three"
        case .tooDeep, .typesTooLarge: "check the types: no contract has any like these"
        case .emptyDomain, .domainField:
            """
            use only string name, string version, uint256 chainId, address verifyingContract and bytes32 salt, in this \
            order
            """
        case .wrongCount: "give as many elements as the type says"
        case .messageNotEmpty: "give an empty message, or the primary type of the message"
        }
    }

    package var exit: ExitCode { .malformedInput }
}

extension URRule: Advised {
    package var next: String {
        switch self {
        case .notUR, .badType, .badByteword, .wrongChecksum: "scan the code again, or copy its whole text"
        case .badSequence, .badPart, .contradiction:
            "scan it again; where that does not help, another program made the code"
        case .otherType: "check which code was scanned"
        case .otherMessage: "scan only the codes of one output"
        case .tooLarge: "carry the file itself"
        case .unknownDataType: "do not sign: it is not known what would be signed"
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
