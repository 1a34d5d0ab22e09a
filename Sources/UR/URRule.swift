public import AirlockDiagnostics

/// What can be wrong with a uniform resource (BCR-2020-005), with its parts, and with what it holds.
public enum URRule: String, Rule {
    case notUR = "ur.not-ur"
    case badType = "ur.bad-type"
    case otherType = "ur.other-type"
    case badSequence = "ur.bad-sequence"
    case badByteword = "ur.bad-byteword"
    case wrongChecksum = "ur.wrong-checksum"
    case tooLarge = "ur.too-large"
    case badPart = "ur.bad-part"
    case otherMessage = "ur.other-message"
    case contradiction = "ur.contradiction"
    case unknownDataType = "ur.unknown-data-type"
    case badPath = "ur.bad-path"
    case wrongLength = "ur.wrong-length"

    public var meaning: String {
        switch self {
        case .notUR: "the text does not have the form of a uniform resource (ur:type/words)"
        case .badType: "the type of a uniform resource has other characters than letters, digits and hyphens"
        case .otherType: "the uniform resource is of another type"
        case .badSequence: "the numbers of a part are not 1-1 to 4294967295-4096, or the part itself says others"
        case .badByteword: "two letters are not one of the bytewords"
        case .wrongChecksum: "the checksum does not match: the text is damaged or incomplete"
        case .tooLarge: "the uniform resource is larger than what is read"
        case .badPart: "the lengths that a part says do not fit together"
        case .otherMessage: "the part belongs to another uniform resource"
        case .contradiction: "the part contradicts the parts before it"
        case .unknownDataType: "the request's data is of a type that ERC-4527 does not know"
        case .badPath: "the derivation path is not one of single keys"
        case .wrongLength: "a byte string has the wrong length"
        }
    }
}

/// The rules of the CBOR (RFC 8949) that uniform resources are made of, in its deterministic form.
public enum CBORRule: String, Rule {
    case unfinished = "cbor.unfinished"
    case trailingBytes = "cbor.trailing-bytes"
    case notShortest = "cbor.not-shortest"
    case indefiniteLength = "cbor.indefinite-length"
    case unsupported = "cbor.unsupported"
    case duplicateKey = "cbor.duplicate-key"
    case badKey = "cbor.bad-key"
    case badUTF8 = "cbor.bad-utf8"
    case tooDeep = "cbor.too-deep"
    case tooMany = "cbor.too-many"
    case missingField = "cbor.missing-field"
    case unknownField = "cbor.unknown-field"
    case wrongType = "cbor.wrong-type"

    public var meaning: String {
        switch self {
        case .unfinished: "the CBOR ends before its value does"
        case .trailingBytes: "something follows the CBOR value"
        case .notShortest: "a number of the CBOR is not written in its shortest form"
        case .indefiniteLength: "the CBOR has an item of indefinite length"
        case .unsupported:
            "the CBOR has an item that is not an unsigned integer, bytes, text, a list, a map, a tag or a truth value"
        case .duplicateKey: "a map of the CBOR has a key twice"
        case .badKey: "a key of a map of the CBOR is not an unsigned integer"
        case .badUTF8: "a text of the CBOR is not valid UTF-8"
        case .tooDeep: "the CBOR is nested deeper than \(CBOR.maximumDepth) levels"
        case .tooMany: "the CBOR has more than \(CBOR.maximumItems) items"
        case .missingField: "a field is missing"
        case .unknownField: "there is a field that is not known here"
        case .wrongType: "a value is not of the kind that belongs here"
        }
    }
}
