import AirlockEthereumTypes
import AirlockStrictJSON
import AirlockUR
import Testing

/// Test vectors for Uniform Resources (UR, BCR-2020-005) from the reference implementation, and for the types of
/// ERC-4527 as wallets write them.
@Suite("Conformance: uniform resources", .needsVectors)
struct URVectors {
    @Test("bytewords of BlockchainCommons/URKit")
    func bytewords() throws {
        let file = try Vectors.json("ur/urkit.json")
        conform("URKit bytewords", try file.cases("bytewords")) { value in
            let (bytes, words) = try (value.bytes("hex"), value.text("minimal"))
            try same("the words", Bytewords.encode(bytes), words)
            try same("the bytes", Bytewords.decode(words), bytes)
        }
        // Some of these invalid texts are in the `standard` or the `uri` style of bytewords. A UR allows only the
        // minimal style, so these texts must be refused too.
        conform("URKit invalid bytewords", try file.cases("bytewords_invalid")) { value in
            if let bytes = try? Bytewords.decode(value.text("text")) { throw Failure("decodes to \(bytes)") }
        }
    }

    @Test("single resources of BlockchainCommons/URKit")
    func single() throws {
        conform("URKit single", try Vectors.json("ur/urkit.json").cases("single")) { value in
            let ur = try UR(value.text("ur"))
            try same("the message", ur.message, value.bytes("cbor"))
            try same("the text", UR(bytes: ur.bytes()).text, value.text("ur"))
        }
    }

    @Test("parts of BlockchainCommons/URKit, and the message from any of them that are enough")
    func multipart() throws {
        conform("URKit multipart", try Vectors.json("ur/urkit.json").cases("multipart")) { value in
            guard case .bytes(let bytes) = try CBOR(decoding: value.bytes("cbor")) else { throw Failure("no bytes") }
            let length = try #require(UInt64(exactly: value.integer("max_fragment_len")))
            let encoder = FountainEncoder(UR(bytes: bytes), maximumFragment: Int(length))
            let texts = try value.array("parts").map { try #require($0.string) }
            for (index, text) in texts.enumerated() {
                try same("part \(index + 1)", encoder.part(UInt32(index + 1)).text, text)
            }
            // The decoder receives the parts in many orders: beginning at each part, forwards and backwards. Most
            // orders begin with mixed parts, which combine several fragments. In most orders, the decoder never
            // receives some of the pure parts, which hold one fragment each.
            for start in texts.indices {
                let rotated = Array(texts[start...] + texts[..<start])
                for order in [rotated, rotated.reversed()] {
                    var decoder = URDecoder()
                    for text in order where decoder.result == nil { try decoder.receive(URText(text.uppercased())) }
                    try same("the message", decoder.result, UR(bytes: bytes))
                }
            }
        }
    }

    @Test("keys, requests and signatures of ERC-4527")
    func ethereum() throws {
        conform("ERC-4527", try Vectors.json("erc4527/eth-ur.json").cases()) { value in
            let text = try value.text("ur")
            let ur = try UR(text)
            try same("the CBOR", ur.message, value.bytes("cbor"))
            let written =
                switch ur.type {
                case "crypto-hdkey": try CryptoHDKey(ur).ur
                case "eth-signature": try EthSignature(ur).ur
                default: try EthSignRequest(ur).ur
                }
            try same("the text", written.text, text)
            guard let data = value["signData"]?.string else { return }
            let request = try EthSignRequest(ur)
            try same("the data", request.signData, hex(data))
            try same("the type", UInt256(request.dataType.rawValue), value.integer("dataType"))
            if let chain = request.chainID { try same("the chain", UInt256(chain), value.integer("chainId")) }
            try same("the path", "m/" + request.path.text, value.text("path"))
            if let address = request.address { try same("the address", address.description, value.text("address")) }
            guard let answer = value["answer"]?.string else { return }
            let signature = try EthSignature(
                id: request.id, signature: value.bytes("signature_yParity"), origin: "airlock")
            try same("the answer", try EthSignature(UR(answer)).ur.text, answer)
            try same("the id of the answer", try EthSignature(UR(answer)).id, signature.id)
            try same("the signature", try EthSignature(UR(answer)).signature, signature.signature)
        }
    }
}
