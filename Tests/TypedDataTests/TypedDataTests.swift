import AirlockABI
import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockStrictJSON
import Testing
import AirlockTypedData

/// A message with recursive structs, arrays of arrays, and each kind of elementary type. eth-account computed the
/// hashes.
private let nested = """
    {"types":{"EIP712Domain":[{"name":"name","type":"string"}],
    "Node":[{"name":"value","type":"int8"},{"name":"flags","type":"bool[2][]"},{"name":"children","type":"Node[]"},
     {"name":"leaf","type":"Leaf"}],
    "Leaf":[{"name":"raw","type":"bytes"},{"name":"id","type":"bytes4"},{"name":"names","type":"string[]"},
     {"name":"owner","type":"address"},{"name":"amount","type":"uint256"}]},
    "primaryType":"Node","domain":{"name":"Ours"},
    "message":{"value":-1,"flags":[[true,false],[false,false]],
     "leaf":{"raw":"0x0102","id":"0xdeadbeef","names":["a","é"],"owner":"0x00112233445566778899aabbccddeeff00112233",
      "amount":"115792089237316195423570985008687907853269984665640564039457584007913129639935"},
     "children":[{"value":5,"flags":[],"children":[],"leaf":{"raw":"0x","id":"0xdeadbeef","names":[],
      "owner":"0x00112233445566778899aabbccddeeff00112233","amount":"0x10"}}]}}
    """

@Suite("Typed data")
struct TypedDataTests {
    @Test("nested and recursive structs, and arrays of arrays, hash as everywhere else")
    func hashes() throws {
        let data = try TypedData(Array(nested.utf8))
        #expect(
            data.encodeType
                == "Node(int8 value,bool[2][] flags,Node[] children,Leaf leaf)"
                + "Leaf(bytes raw,bytes4 id,string[] names,address owner,uint256 amount)")
        #expect(data.encodedData.count == 160)
        #expect(
            data.domainSeparator.description == "0x607ffa68c3c2909ad9c4d00ca155831ea85e32a51808e8d05856e5893073fd14")
        #expect(data.structHash.description == "0x7f5e050fadb65f71874182c9a729df137e9dd165f59dd126b946a4fa7c83fb53")
        #expect(data.digest.description == "0x5212dd9c6b1279907917804a07e09605c58c36df752b5a150fa8bc9e950cead9")
        #expect(data.domain == TypedDataDomain(name: "Ours"))
        #expect(data.primaryType == "Node")
        #expect(data.message["leaf"]?["id"]?.string == "0xdeadbeef")
    }

    @Test("integers in hexadecimal may have leading zeros, and hash as without them")
    func padded() throws {
        let plain = try TypedData(Array(nested.utf8))
        let padded = nested.replacing(
            "\"amount\":\"0x10\"", with: "\"amount\":\"0x\(String(repeating: "0", count: 62))10\"")
        #expect(padded != nested)
        #expect(try TypedData(Array(padded.utf8)).digest == plain.digest)
    }

    @Test("addresses whose case is not their checksum are named, and hash as in lower case")
    func checksums() throws {
        let plain = try TypedData(Array(nested.utf8))
        #expect(plain.wrongChecksums.isEmpty)
        let address = "0x00112233445566778899aabbccddeeff00112233"
        let other = try TypedData(Array(nested.replacing(address, with: address.replacing("aa", with: "aA")).utf8))
        #expect(other.digest == plain.digest)
        #expect(
            other.wrongChecksums.map { "\($0.code) \($0.field ?? "-")" } == [
                "value.wrong-checksum /message/children/0/leaf/owner", "value.wrong-checksum /message/leaf/owner",
            ])
    }

    @Test("many addresses with wrong checksums are read, and only the first are named")
    func manyChecksums() throws {
        let address = "0x5CbDd86a2FA8Dc4bDdd8a8f69dBa48572EeC07Fb"
        func data(_ address: String) throws -> TypedData {
            let addresses = Array(repeating: "\"\(address)\"", count: 100_000).joined(separator: ",")
            let text = """
                {"types":{"EIP712Domain":[{"name":"name","type":"string"}],"M":[{"name":"a","type":"address[]"}]},
                "primaryType":"M","domain":{"name":"x"},"message":{"a":[\(addresses)]}}
                """
            return try TypedData(Array(text.utf8))
        }
        let wrong = try data(address)
        #expect(wrong.wrongChecksums.count == ObjectReader.problemLimit)
        #expect(try wrong.digest == data(address.lowercased()).digest)
    }

    @Test("every value is told with its place and its type, in the order of the types")
    func members() throws {
        let data = try TypedData(Array(nested.utf8))
        #expect(
            data.members.map { "\($0.type) \($0.path)" } == [
                "string domain.name", "int8 message.value", "bool message.flags[0][0]", "bool message.flags[0][1]",
                "bool message.flags[1][0]", "bool message.flags[1][1]", "int8 message.children[0].value",
                "bool[2][] message.children[0].flags", "Node[] message.children[0].children",
                "bytes message.children[0].leaf.raw", "bytes4 message.children[0].leaf.id",
                "string[] message.children[0].leaf.names", "address message.children[0].leaf.owner",
                "uint256 message.children[0].leaf.amount", "bytes message.leaf.raw", "bytes4 message.leaf.id",
                "string message.leaf.names[0]", "string message.leaf.names[1]", "address message.leaf.owner",
                "uint256 message.leaf.amount",
            ])
        #expect(data.members[1].value == .int(Int256(-1)))
        #expect(data.members.filter { $0.value == nil }.map(\.type) == ["bool[2][]", "Node[]", "string[]"])
    }

    static let domain = TypedDataDomain(
        name: "n", version: "2", chainId: 8453,
        verifyingContract: try? Address("0x00112233445566778899aabbccddeeff00112233"),
        salt: FixedBytes { _ in 0xab })

    @Test("a domain has any of its fields", arguments: 1..<32)
    func domains(subset: Int) throws {
        var domain = TypedDataDomain()
        var types: [String] = []
        var values: [String] = []
        func has(_ bit: Int, _ name: String, _ type: String, _ value: String) -> Bool {
            guard subset >> bit & 1 == 1 else { return false }
            types.append(#"{"name":"\#(name)","type":"\#(type)"}"#)
            values.append(#""\#(name)":\#(value)"#)
            return true
        }
        if has(0, "name", "string", #""n""#) { domain.name = Self.domain.name }
        if has(1, "version", "string", #""2""#) { domain.version = Self.domain.version }
        if has(2, "chainId", "uint256", #""0x2105""#) { domain.chainId = Self.domain.chainId }
        if has(3, "verifyingContract", "address", #""0x00112233445566778899aabbccddeeff00112233""#) {
            domain.verifyingContract = Self.domain.verifyingContract
        }
        if has(4, "salt", "bytes32", "\"0x\(String(repeating: "ab", count: 32))\"") { domain.salt = Self.domain.salt }
        let text = """
            {"types":{"EIP712Domain":[\(types.joined(separator: ","))],"E":[]},"primaryType":"E","message":{},
            "domain":{\(values.reversed().joined(separator: ","))}}
            """
        let data = try TypedData(Array(text.utf8))
        #expect(data.domain == domain)
        #expect(data.domainSeparator == domain.separator)
        #expect(data.digest == domain.digest(structHash: .keccak(Hash.keccak(Array("E()".utf8)).bytes)))
    }

    @Test("the whole domain, and an empty struct, hash as everywhere else")
    func wholeDomain() {
        #expect(
            Self.domain.separator.description == "0x211cbab4e0c28374ffea6fcb6b36c88dc1adb3c710c121afb03bb56ece64dd27")
        #expect(
            Self.domain.digest(structHash: StructEncoder("E()").hash).description
                == "0xa1075804dba1c8103c15dabaf93135aec2e762879109f03a5b572cf96dfad874")
    }

    @Test("the domain itself may be what is signed, and then nothing follows it")
    func domainAlone() throws {
        let text = """
            {"types":{"EIP712Domain":[{"name":"name","type":"string"}]},"primaryType":"EIP712Domain",
            "domain":{"name":"Ours"},"message":{}}
            """
        let data = try TypedData(Array(text.utf8))
        #expect(data.encodeType == "EIP712Domain(string name)")
        #expect(data.structHash == data.domainSeparator)
        #expect(data.digest == .keccak([0x19, 0x01] + data.domainSeparator.bytes))
    }

    @Test("a struct that is known beforehand is encoded without JSON")
    func knownStruct() throws {
        let token = try Address("0x1f9840a85d5aF5bf1D1762F925BDADdC4201F984")
        let spender = try Address("0x68b3465833fb72A70ecDF485E0e4C7bD8665Fc45")
        var permitted = StructEncoder("TokenPermissions(address token,uint256 amount)")
        permitted.append(token)
        permitted.append(100 as UInt256)
        let permit = "PermitTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline)"
        var encoder = StructEncoder(permit + "TokenPermissions(address token,uint256 amount)")
        // The type hash of PermitTransferFrom, as Permit2 uses it.
        #expect(
            Hash(encoder.bytes)?.description == "0x939c21a48a8dbe3a9a2404a1d46691e4d39f6583d6ec6b35714604c986d80106")
        encoder.append(permitted.hash)
        encoder.append(spender)
        encoder.append(0 as UInt256)
        encoder.append(146_902_158_100 as UInt256)
        let text = """
            {"types":{"EIP712Domain":[{"name":"name","type":"string"}],
            "PermitTransferFrom":[{"name":"permitted","type":"TokenPermissions"},{"name":"spender","type":"address"},
             {"name":"nonce","type":"uint256"},{"name":"deadline","type":"uint256"}],
            "TokenPermissions":[{"name":"token","type":"address"},{"name":"amount","type":"uint256"}]},
            "primaryType":"PermitTransferFrom","domain":{"name":"Ours"},
            "message":{"permitted":{"token":"\(token)","amount":100},"spender":"\(spender)","nonce":0,
             "deadline":146902158100}}
            """
        let data = try TypedData(Array(text.utf8))
        #expect(data.encodedData == encoder.bytes)
        #expect(data.digest == data.domain.digest(structHash: encoder.hash))
    }

    @Test("each kind of value is encoded as its type in JSON is")
    func encoderOfEveryKind() throws {
        let text = """
            {"types":{"EIP712Domain":[{"name":"name","type":"string"}],"S":[{"name":"i","type":"int256"},
            {"name":"b","type":"bool"},{"name":"s","type":"string"},{"name":"r","type":"bytes"},
            {"name":"w","type":"bytes32"}]},"primaryType":"S","domain":{"name":""},
            "message":{"i":"-2","b":true,"s":"é","r":"0x0a","w":"0x\(String(repeating: "07", count: 32))"}}
            """
        var encoder = StructEncoder("S(int256 i,bool b,string s,bytes r,bytes32 w)")
        encoder.append(-2 as Int256)
        encoder.append(true)
        encoder.append(string: "é")
        encoder.append(bytes: [10])
        encoder.append(Hash { _ in 7 })
        #expect(try TypedData(Array(text.utf8)).encodedData == encoder.bytes)
    }
}
