import AirlockClearSigning
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPolicies
import AirlockSamples
import AirlockSigning
import AirlockStrictJSON
import AirlockTestSupport
import AirlockTypedData
import Testing

/// Descriptors written for these tests: one for `transfer` of USDC on Base, and one for permits of USDC.
enum SampleDescriptor {
    static func transfer(intent: String = "Send USDC", label: String = "To", visible: String? = nil) -> String {
        let visible = visible.map { ",\"visible\":\($0)" } ?? ""
        return """
            {"$schema":"erc7730-v2.schema.json",
            "context":{"contract":{"deployments":[{"chainId":8453,"address":"\(usdc)"}]}},
            "metadata":{"owner":"Circle"},"display":{"formats":{"transfer(address to,uint256 value)":{
            "intent":"\(intent)","interpolatedIntent":"Send {value} to {to}","fields":[
            {"path":"to","label":"\(label)","format":"addressName"\(visible)},
            {"path":"value","label":"Amount","format":"tokenAmount","params":{"tokenPath":"@.to"}}]}}}}
            """
    }

    static let permit = """
        {"$schema":"erc7730-v2.schema.json","includes":"common-permit.json",
        "context":{"eip712":{"deployments":[{"chainId":8453,"address":"\(usdc)"}]}}}
        """

    static let commonPermit = """
        {"$schema":"erc7730-v2.schema.json","display":{"formats":{
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)":{"intent":"Permit","fields":[
        {"path":"spender","label":"Spender","format":"addressName"},{"path":"value","label":"Most","format":"raw"}]}}}}
        """

    /// A descriptor of the function `run`, which calls the contract in its first argument with the data in its second.
    static let run = """
        {"$schema":"erc7730-v2.schema.json",
        "context":{"contract":{"deployments":[{"chainId":8453,"address":"\(SampleCall.vault)"}]}},
        "display":{"formats":{"run(address to,bytes data)":{"intent":"Run","fields":[
        {"path":"data","label":"Call","format":"calldata","params":{"calleePath":"to"}}]}}}}
        """

    /// A call of `run` that calls USDC with the given data.
    static func runCall(_ inner: [UInt8]) -> ContractCall {
        let words: [[UInt8]] = [
            Array(repeating: 0, count: 12) + usdc.bytes.bytes, UInt256(64).word.bytes,
            UInt256(UInt64(inner.count)).word.bytes, inner, Array(repeating: 0, count: (32 - inner.count % 32) % 32),
        ]
        return ContractCall(
            chain: 8453, from: nil, to: SampleCall.vault, value: .zero,
            data: [0xA3, 0xD6, 0xBD, 0xE9] + words.flatMap { $0 })
    }

    static func hash(_ text: String) throws -> Hash { try CanonicalJSON.hash(JSONDocument(Array(text.utf8)).root) }

    static func attestation(of text: String, expiration: UInt64 = 0) throws -> String {
        try SampleAttestation.text(data: "\(hash(text))", expiration: expiration)
    }

    static func transferCall(to: Address = SampleCharge.recipient, amount: UInt256 = 1_050_000) -> ContractCall {
        let data: [UInt8] =
            [0xA9, 0x05, 0x9C, 0xBB] + Array(repeating: 0, count: 12) + to.bytes.bytes + amount.word.bytes
        return ContractCall(chain: 8453, from: SampleKey.payer.address, to: usdc, value: .zero, data: data)
    }
}

@Suite("A folder of descriptors")
struct DescriptorFolderTests {
    private let scratch: Scratch
    private static let now = Timestamp(seconds: 1_773_217_849)

    init() throws { scratch = try Scratch() }

    private static func policy(
        descriptors: [Hash] = [], attesters: [Address] = []
    ) throws -> Policy {
        let hashes = descriptors.map { quoted($0) }.joined(separator: ",")
        let names = attesters.map { "\(quoted($0)):\"Auditor\"" }.joined(separator: ",")
        return try Policy(
            SampleFile.policy.with("descriptors", "[\(hashes)]").with("attesters", "{\(names)}").bytes,
            origin: "policy.json")
    }

    private func folder(_ policy: Policy?) throws -> DescriptorFolder {
        try DescriptorFolder(scratch.path, policy: policy, at: Self.now)
    }

    private func write(_ name: String, _ text: String) { scratch.file(name, text) }

    @Test("counts what the policy pins or an attester of the policy signed, and nothing else")
    func counts() throws {
        let text = SampleDescriptor.transfer()
        write("calldata-usdc.json", text)
        #expect(try folder(nil).entries.map(\.counts) == [true])
        #expect(try folder(Self.policy()).entries.map(\.counts) == [false])
        #expect(try folder(Self.policy(descriptors: [.keccak([1])])).entries.map(\.counts) == [false])
        #expect(try folder(Self.policy(descriptors: [SampleDescriptor.hash(text)])).entries.map(\.counts) == [true])
        let named = try Self.policy(attesters: [SampleAttestation.attester])
        #expect(try folder(named).entries.map(\.counts) == [false])
        write(
            "calldata-usdc.eip155-1-\(SampleAttestation.attester).json", try SampleDescriptor.attestation(of: text))
        let counted = try folder(named)
        #expect(counted.entries.map(\.path) == ["calldata-usdc.json"] && counted.entries.map(\.counts) == [true])
        #expect(counted.entries[0].files[0].voucher == "attested by Auditor (\(SampleAttestation.attester))")
        let stranger = try folder(Self.policy(attesters: [SampleKey.stranger.address]))
        #expect(
            stranger.entries[0].files[0].objections.map(\.code) == [
                "attestation.unknown-attester", "descriptor.not-trusted",
            ])
    }

    @Test("takes attestations from the folder sigs too, as the registry has them")
    func sigs() throws {
        let text = SampleDescriptor.transfer()
        write("calldata-usdc.json", text)
        scratch.folder("sigs")
        write(
            "sigs/calldata-usdc.eip155-1-\(SampleAttestation.attester).json", try SampleDescriptor.attestation(of: text)
        )
        #expect(try folder(Self.policy(attesters: [SampleAttestation.attester])).entries.map(\.counts) == [true])
    }

    @Test("does not count a descriptor or an attestation with one byte altered, and says so")
    func altered() throws {
        let text = SampleDescriptor.transfer()
        let attestation = try SampleDescriptor.attestation(of: text)
        let name = "calldata-usdc.eip155-1-\(SampleAttestation.attester).json"
        let policies = [nil, try Self.policy(attesters: [SampleAttestation.attester])]
        for (descriptor, attestation, code) in [
            (text.replacing("Send USDC", with: "Send USDD"), attestation, "attestation.other-descriptor"),
            (text, attestation.replacing("\"1773000000\"", with: "\"1773000001\""), "attestation.identifier"),
            (text, attestation.replacing("\"revocable\":true", with: "\"revocable\":trve"), "json.missing-value"),
            (text, try SampleDescriptor.attestation(of: text, expiration: 1_773_217_849), "attestation.expired"),
        ] {
            write("calldata-usdc.json", descriptor)
            write(name, attestation)
            for policy in policies {
                let found = try folder(policy)
                #expect(found.entries.map(\.counts) == [false], "\(code)")
                let codes = found.entries[0].files[0].objections.map(\.code)
                #expect(codes.first == code, "\(codes)")
                let words = Rendering(
                    .call(SampleDescriptor.transferCall()), by: found, names: PolicyNames(try Self.policy()))
                #expect(words.description == nil)
                #expect(words.warnings.contains { $0.hasPrefix("calldata-usdc.json is not used: ") })
            }
        }
    }

    @Test("asks of every file that is included the same, and lists parts and templates by themselves nowhere")
    func includes() throws {
        write("eip712-permit.json", SampleDescriptor.permit)
        write("common-permit.json", SampleDescriptor.commonPermit)
        let own = try SampleDescriptor.hash(SampleDescriptor.permit)
        let part = try SampleDescriptor.hash(SampleDescriptor.commonPermit)
        let half = try folder(Self.policy(descriptors: [own]))
        #expect(half.entries.map(\.path) == ["eip712-permit.json"] && half.entries.map(\.counts) == [false])
        #expect(half.entries[0].files.map(\.objections).map { $0.map(\.code) } == [[], ["descriptor.not-trusted"]])
        #expect(try folder(Self.policy(descriptors: [own, part])).entries.map(\.counts) == [true])
    }

    @Test("says what is wrong with every file")
    func problems() throws {
        write("a.json", "{")
        write("b.json", SampleDescriptor.transfer().replacing("v2.schema", with: "v1.schema"))
        write("c.json", SampleDescriptor.transfer().replacing("addressName", with: "unheardOf"))
        write("d.json", SampleDescriptor.permit.replacing("common-permit", with: "../common-permit"))
        write("notes.txt", "no descriptor")
        let found = try folder(nil)
        #expect(found.entries.map(\.path) == ["a.json", "b.json", "c.json", "d.json"])
        #expect(
            found.entries.map { $0.problems.map(\.code) } == [
                ["json.unfinished"], ["descriptor.schema-version"], ["descriptor.not-supported"],
                ["descriptor.include-outside"],
            ])
        #expect(found.entries.flatMap(\.problems).allSatisfy { $0.place?.contains(".json") == true })
    }
}

@Suite("A call or message for a person")
struct RenderingTests {
    private static func rendering(
        _ texts: [String], _ subject: Rendering.Subject, function: String? = nil
    ) throws -> Rendering {
        let scratch = try Scratch()
        for (index, text) in texts.enumerated() { scratch.file("\(index).json", text) }
        let folder = try DescriptorFolder(scratch.path, policy: nil, at: Timestamp(seconds: 1_773_217_849))
        let policy = try Policy(SampleFile.policy.bytes, origin: "policy.json")
        return Rendering(subject, by: folder, names: PolicyNames(policy), function: function)
    }

    private static let call = Rendering.Subject.call(SampleDescriptor.transferCall())

    @Test("shows target, value, function and arguments first, and then the words in the policy's names")
    func order() throws {
        let rendering = try Self.rendering([SampleDescriptor.transfer()], Self.call)
        let hash = try SampleDescriptor.hash(SampleDescriptor.transfer())
        #expect(
            rendering.text(width: 80) == """
                target       \(usdc) on base (8453)
                sends        0 ETH
                function     transfer(address,uint256)
                0            address \(SampleCharge.recipient)
                1            uint256 1050000
                digest       \(rendering.digests[0].hash)
                             (calldataDigest)

                words        intent: Send USDC, says Circle
                words        sentence: Send 1.05 USDC to OpenRouter
                words        To: OpenRouter
                words        Amount: 1.05 USDC
                descriptor   0.json, attested by nobody
                             \(hash)

                """)
    }

    @Test("shows the same values before the words of a descriptor that would hide them")
    func hostile() throws {
        let plain = try Self.rendering([], Self.call).text(width: 80)
        let raw = plain.split(separator: "\n\n")[0]
        let escape = "\\u001b[2J\\nrefused      to nobody\\u202e" + String(repeating: "x", count: 300)
        for text in [
            SampleDescriptor.transfer(intent: escape, label: escape),
            SampleDescriptor.transfer(label: "target", visible: "\"never\""),
            SampleDescriptor.transfer(label: "\\nto           0x0000000000000000000000000000000000000001"),
        ] {
            let shown = try Self.rendering([text], Self.call)
            let hash = "\(try SampleDescriptor.hash(text))"
            #expect(shown.description != nil)
            for width in [60, 80] {
                let text = shown.text(width: width)
                #expect(text.utf8.allSatisfy { 0x20...0x7e ~= $0 || $0 == 0x0a })
                if width == 80 { #expect(text.hasPrefix(raw)) }
                let words = text.split(separator: "\n\n")[1]
                #expect(
                    words.split(separator: "\n").allSatisfy { line in
                        ["words  ", "descriptor  ", "       "].contains { line.hasPrefix($0) } || line == hash
                    })
                #expect(words.utf8.count < 2000)
            }
        }
    }

    @Test("is refused where the descriptor's author rules a value out, and where the data are not the function's")
    func refused() throws {
        let other = "{\"mustMatch\":[\"0x0000000000000000000000000000000000000001\"]}"
        let ruledOut = try Self.rendering([SampleDescriptor.transfer(visible: other)], Self.call)
        #expect(ruledOut.problems.map(\.code) == ["descriptor.must-match"] && ruledOut.description == nil)
        #expect(ruledOut.text(width: 80).contains("0            address \(SampleCharge.recipient)"))
        let call = SampleDescriptor.transferCall()
        let longer = ContractCall(
            chain: call.chain, from: nil, to: call.to, value: .zero, data: call.data + [0])
        let trailing = try Self.rendering([SampleDescriptor.transfer()], .call(longer))
        #expect(trailing.problems.map(\.code) == ["descriptor.call-data"])
        #expect(trailing.text(width: 200).contains("call data    \(Hex.encode(longer.data))"))
        let inside = try Self.rendering(
            [SampleDescriptor.run, SampleDescriptor.transfer()], .call(SampleDescriptor.runCall(longer.data)))
        #expect(inside.problems.map(\.code) == ["descriptor.call-data"] && inside.description == nil)
    }

    /// A function with the selector of `transfer(address,uint256)`, but with different parameter types.
    private static let clashing = "workMyDirefulOwner(uint256 to,uint256 value)"

    @Test("is refused where a descriptor describes another function with its selector, and shows its own arguments")
    func otherFunction() throws {
        let text = SampleDescriptor.transfer().replacing("transfer(address to,uint256 value)", with: Self.clashing)
        let plain = try Self.rendering([], Self.call).text(width: 80).split(separator: "\n\n")[0]
        let shown = try Self.rendering([text], Self.call)
        #expect(shown.problems.map(\.code) == ["descriptor.other-function"] && shown.description == nil)
        #expect(shown.text(width: 80).hasPrefix(plain))
        let raw = try JSONDocument(JSONOutput.object(shown.members).bytes).root["raw"]
        #expect(raw?["function"]?.string == "transfer(address,uint256)")

        let named = try Self.rendering([SampleDescriptor.transfer()], Self.call, function: Self.clashing)
        #expect(named.problems.map(\.code) == ["descriptor.other-function"])

        let call = Rendering.Subject.call(SampleDescriptor.runCall(SampleDescriptor.transferCall().data))
        let good = try Self.rendering([SampleDescriptor.run, SampleDescriptor.transfer()], call)
        #expect(good.problems.isEmpty && good.text(width: 80).contains("> function: transfer(address,uint256)\n"))
        let bad = try Self.rendering([SampleDescriptor.run, text], call)
        #expect(bad.problems.map(\.code) == ["descriptor.other-function"] && bad.description == nil)
    }

    @Test("shows the arguments of a token's function that the request does not name")
    func known() throws {
        let data: [UInt8] = [0x42, 0x96, 0x6C, 0x68] + UInt256(7).word.bytes
        let call = ContractCall(chain: 8453, from: nil, to: usdc, value: .zero, data: data)
        let shown = try Self.rendering([], .call(call)).text(width: 80)
        #expect(shown.contains("function     burn(uint256)\n0            uint256 7\n"))
    }

    @Test("has no words where two descriptors are for it, or none is")
    func none() throws {
        let two = try Self.rendering(
            [SampleDescriptor.transfer(), SampleDescriptor.transfer(intent: "Send it")], Self.call)
        #expect(two.description == nil && two.problems.isEmpty)
        #expect(two.warnings.contains { $0.contains("more than one descriptor describes this; saw 0.json, 1.json") })
        let none = try Self.rendering([SampleDescriptor.permit], Self.call)
        #expect(none.description == nil)
        #expect(none.warnings.contains("1 descriptor cannot be read: a check of the folder says why"))
        #expect(none.warnings.contains("no descriptor that counts covers it: read the values above"))
    }

    @Test("says the same in JSON: intent, fields and descriptor, and what they are made of")
    func json() throws {
        let rendering = try Self.rendering([SampleDescriptor.transfer()], Self.call)
        let json = try JSONDocument(JSONOutput.object(rendering.members).bytes).root
        #expect(json["intent"]?.string == "Send USDC")
        #expect(json["interpolatedIntent"]?.string == "Send 1.05 USDC to OpenRouter")
        let fields = json["fields"]?.elements ?? []
        #expect(fields.map { $0["label"]?.string } == ["To", "Amount"])
        #expect(fields.map { $0["value"]?.string } == ["OpenRouter", "1.05 USDC"])
        #expect(json["descriptor"]?["hash"]?.string == "\(try SampleDescriptor.hash(SampleDescriptor.transfer()))")
        #expect(json["descriptor"]?["attestedBy"]?.kind == .null)
        #expect(json["raw"]?["target"]?.string == "\(usdc)" && json["raw"]?["value"]?.string == "0")
        #expect(json["raw"]?["function"]?.string == "transfer(address,uint256)")
        #expect(json["calldataDigest"]?.string == "\(rendering.digests[0].hash)")
        let plain = try JSONDocument(JSONOutput.object(Self.rendering([], Self.call).members).bytes).root
        #expect(plain["intent"]?.kind == .null && plain["descriptor"]?.kind == .null)
        #expect(plain["fields"]?.elements?.map { $0["label"]?.string } == ["0 (address)", "1 (uint256)"])
    }
}

@Suite("A review with descriptors")
struct WordsInReviewTests {
    /// Returns the review of a transfer with this descriptor. If `trusted`, the policy lists the descriptor's hash.
    private static func review(_ text: String, trusted: Bool) throws -> Review {
        let scratch = try Scratch()
        scratch.file("calldata-transfers.json", text)
        let hash = try SampleDescriptor.hash(text)
        let path = scratch.path
        return try Draft.review {
            if trusted { $0.policy["descriptors"] = "[\(quoted(hash))]" }
            $0.edit {
                $0.descriptors = try? DescriptorFolder(
                    path, policy: $0.policy, at: Timestamp(seconds: SampleCharge.deadline))
            }
        }
    }

    private static func descriptor(_ visible: String = "\"always\"") -> String {
        """
        {"$schema":"erc7730-v2.schema.json",
        "context":{"contract":{"deployments":[{"chainId":8453,"address":"\(transfers)"}]}},"display":{"formats":{
        "transferTokenPreApproved((uint256 recipientAmount,uint256 deadline,address recipient,address recipientCurrency,\
        address refundDestination,uint256 feeAmount,bytes16 id,address operator,bytes signature,bytes prefix) intent)":{
        "intent":"Pay","fields":[
        {"path":"intent.recipient","label":"To","format":"addressName","visible":\(visible)}]}}}}
        """
    }

    @Test("has the words of one that the policy trusts, after the values")
    func trusted() throws {
        let review = try Self.review(Self.descriptor(), trusted: true)
        #expect(review.payment != nil)
        let text = review.text()
        let function = try #require(text.firstRange(of: "\ntransferTokenPreApproved(("))
        let words = try #require(text.firstRange(of: "words        To: OpenRouter\n"))
        #expect(function.lowerBound < words.lowerBound)
        #expect(text.contains("ok           words: calldata-transfers.json is trusted: its hash"))
    }

    @Test("warns of one that the policy does not trust, and signs without its words")
    func untrusted() throws {
        let review = try Self.review(Self.descriptor(), trusted: false)
        #expect(review.payment != nil && review.rendering?.description == nil)
        #expect(review.checks.first { $0.name == "words" }?.status == .warning)
        #expect(!review.text().contains("words        "))
    }

    @Test("is refused where one that the policy trusts rules a value out, and not where it trusts it not")
    func refused() throws {
        let other = Self.descriptor("{\"mustMatch\":[\"\(usdc)\"]}")
        let refused = try Self.review(other, trusted: true)
        #expect(refused.payment == nil)
        #expect(refused.problems.map(\.code) == ["descriptor.must-match"])
        #expect(try Self.review(other, trusted: false).payment != nil)
    }

    @Test("is refused where one that the policy trusts demands a value, and another value makes it fail")
    func unchecked() throws {
        let demanding = Self.descriptor("{\"mustMatch\":[\"\(SampleCharge.recipient)\"]}")
        #expect(try Self.review(demanding, trusted: true).payment != nil)
        let failing = #""fields":[{"path":"intent.signature.[0:1000]"},"#
        let refused = try Self.review(demanding.replacing("\"fields\":[", with: failing), trusted: true)
        #expect(refused.payment == nil)
        #expect(refused.problems.map(\.code) == ["descriptor.unchecked-demand"])
        let harmless = try Self.review(Self.descriptor().replacing("\"fields\":[", with: failing), trusted: true)
        #expect(harmless.payment != nil && harmless.rendering?.description == nil)
    }
}
