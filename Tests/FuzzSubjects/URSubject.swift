import AirlockDiagnostics
import AirlockUR

/// Reads the bytes as lines from a QR code scanner. Each line is a whole Uniform Resource (UR, BCR-2020-005) or one
/// part of it. One decoder receives all lines.
func feedUR(_ bytes: [UInt8]) throws(BrokenInvariant) -> Bool {
    var decoder = URDecoder()
    var isRead = false
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
        let text: URText
        do { text = try URText(line) } catch {
            try require(!error.problems.isEmpty, "a refusal says why")
            continue
        }
        isRead = true
        let written =
            switch text {
            case .whole(let ur): ur.text
            case .part(let part): part.text
            }
        // The decoder accepts only one CBOR form of each part. So if an accepted part is written again, the result must
        // be the same as the line.
        try require(written == line.lowercased(), "what is read is written as it was")
        try? decoder.receive(text)
        if let progress = decoder.progress {
            try require(0...progress.of ~= progress.received, "no more parts are kept than are needed")
            try require(
                decoder.result == nil || progress.received == progress.of,
                "a resource is whole when all parts are there")
        }
    }
    if let result = decoder.result { try require((try? UR(result.text)) == result, "a resource is written as it was") }
    return isRead
}

func feedCBOR(_ bytes: [UInt8]) throws(BrokenInvariant) -> Bool {
    guard let item = try? CBOR(decoding: bytes) else { return false }
    try require(item.encoded == bytes, "what is decoded encodes to the same bytes")
    return true
}

/// Reads the bytes as the CBOR of a wallet's signing request, of the signature that answers it, or of a key.
func feedSignRequest(_ bytes: [UInt8]) throws(BrokenInvariant) -> Bool {
    var isRead = false
    for type in ["eth-sign-request", "eth-signature", "crypto-hdkey"] {
        guard let ur = try? UR("ur:\(type)/\(Bytewords.encode(bytes))") else { continue }
        let written: UR?
        let again: UR?
        switch type {
        case "eth-sign-request":
            written = (try? EthSignRequest(ur))?.ur
            again = written.flatMap { try? EthSignRequest($0).ur }
        case "eth-signature":
            written = (try? EthSignature(ur))?.ur
            again = written.flatMap { try? EthSignature($0).ur }
        default:
            written = (try? CryptoHDKey(ur))?.ur
            again = written.flatMap { try? CryptoHDKey($0).ur }
        }
        guard let written else { continue }
        isRead = true
        // When a map is written again, its fields can be in a different order. So only the lengths of the original
        // message and the written message are compared.
        try require(written.message.count == ur.message.count, "what is read is written as long as it was")
        try require(again == written, "what is written is read as the same")
    }
    return isRead
}
