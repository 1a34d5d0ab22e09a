import AirlockDiagnostics
import AirlockEthereumTypes
import Testing

import AirlockUR

@Suite("The types of ERC-4527")
struct SignRequestTests {
    /// Examples that KeystoneHQ/keystone-sdk-base (ISC) has published.
    static let request =
        "ur:eth-sign-request/oladtpdagdndcawmgtfrkigrpmndutdnbtkgfssbjnaohdgryagalalnascsgljpnbaelfdibemwaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaelaoxlbjyihjkjyeyaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaehnaehglalalaaxadaaadahtaaddyoeadlecsdwykadykadykaewkadwkaocybgeehfksatisjnihjyhsjnhsjkjetlnndant"
    static let signature =
        "ur:eth-signature/otadtpdagdndcawmgtfrkigrpmndutdnbtkgfssbjnaohdfptywtosrftahprdctrkbegylogdghjkbafhflamfwlohghtpsseaozorsimnybbtnnbiynlckenbtfmeeamsabnaeoxasjkwswfkekiieckhpecckssptndzelnwfecylbwaxisjeihkkjkjyjljtihdwlkamiy"
    static let key =
        "ur:crypto-hdkey/oxaxhdclaowdverokopdinhseeroisyalksaykctjshedprnuyjyfgrovawewftyghceglrpkgaahdcxtplfjsluknfwlaisaxwypalbjylswzamcxhscyuyloztmwfnldlgskpyptgsdecfamtaaddyoeadlncsdwykcsfnykaeykaocywlcscewfaycytedmfeayghlptnin"

    @Test("a published request is read and written as it was")
    func publishedRequest() throws {
        let request = try EthSignRequest(UR(Self.request))
        #expect(request.ur.text == Self.request)
        #expect(request.dataType == .legacyTransaction)
        #expect(request.chainID == 1)
        #expect(request.path.text == "44'/1'/1'/0/1")
        #expect(request.path.sourceFingerprint == 0x1234_5678)
        #expect(request.origin == "metamask")
        #expect(request.address == nil)
        #expect(request.id?.description == "0x9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d")
    }

    @Test("a published key is read and written as it was")
    func publishedKey() throws {
        let key = try CryptoHDKey(UR(Self.key.uppercased()))
        #expect(key.ur.text == Self.key)
        #expect(key.origin?.text == "44'/60'/0'")
        #expect(key.origin?.sourceFingerprint == 0xe918_1cf3)
        #expect(key.key.count == 33)
    }

    static func request(_ fields: [UInt64: CBOR?]) -> UR {
        var all: [UInt64: CBOR] = [
            2: .bytes([1]), 3: .unsigned(3),
            5: .tagged(304, .map([CBOR.Field(1, .list([.unsigned(44), .bool(true)]))])),
        ]
        for (key, value) in fields { all[key] = value }
        return UR(
            type: "eth-sign-request", .map(all.keys.sorted().compactMap { key in all[key].map { CBOR.Field(key, $0) } })
        )
    }

    static func path(_ fields: [CBOR.Field]) -> CBOR { .tagged(304, .map(fields)) }

    struct RefusedInput: Sendable {
        let fields: [UInt64: CBOR?]
        let code: String
        let place: String?
    }

    static let refusals = [
        RefusedInput(fields: [2: nil], code: "cbor.missing-field", place: "sign-data"),
        RefusedInput(fields: [3: nil], code: "cbor.missing-field", place: "data-type"),
        RefusedInput(fields: [5: nil], code: "cbor.missing-field", place: "derivation-path"),
        RefusedInput(fields: [8: .unsigned(1)], code: "cbor.unknown-field", place: "8"),
        RefusedInput(fields: [3: .unsigned(0)], code: "ur.unknown-data-type", place: "data-type"),
        RefusedInput(fields: [3: .unsigned(5)], code: "ur.unknown-data-type", place: "data-type"),
        RefusedInput(fields: [3: .tagged(401, .unsigned(1))], code: "cbor.wrong-type", place: "data-type"),
        RefusedInput(fields: [1: .bytes([])], code: "cbor.wrong-type", place: "request-id"),
        RefusedInput(fields: [1: .tagged(37, .bytes([1]))], code: "ur.wrong-length", place: "request-id"),
        RefusedInput(fields: [6: .bytes([1])], code: "ur.wrong-length", place: "address"),
        RefusedInput(fields: [7: .bytes([1])], code: "cbor.wrong-type", place: "origin"),
        RefusedInput(fields: [5: .tagged(40304, .map([]))], code: "cbor.wrong-type", place: "derivation-path"),
        RefusedInput(fields: [5: path([])], code: "cbor.missing-field", place: "components"),
        RefusedInput(
            fields: [5: path([CBOR.Field(1, .list([.unsigned(44)]))])], code: "ur.bad-path", place: "components"),
        RefusedInput(
            fields: [5: path([CBOR.Field(1, .list([.unsigned(1 << 31), .bool(true)]))])], code: "ur.bad-path",
            place: "components"),
        RefusedInput(
            fields: [5: path([CBOR.Field(1, .list([.list([]), .bool(false)]))])], code: "ur.bad-path",
            place: "derivation-path"),
        RefusedInput(
            fields: [5: path([CBOR.Field(1, .list([])), CBOR.Field(2, .unsigned(0))])], code: "cbor.wrong-type",
            place: "source-fingerprint"),
        RefusedInput(
            fields: [5: path([CBOR.Field(1, .list([])), CBOR.Field(3, .unsigned(256))])], code: "cbor.wrong-type",
            place: "depth"),
    ]

    @Test("what a request may not be is refused by name and place", arguments: refusals)
    func refusal(_ refusal: RefusedInput) {
        let problem = #expect(throws: Problem.self) { try EthSignRequest(Self.request(refusal.fields)) }
        #expect(problem?.code == refusal.code)
        #expect(problem?.place == refusal.place)
    }

    @Test("a request is no signature, and a private key is not read")
    func otherTypes() throws {
        #expect(throws: Problem.self) { try EthSignature(UR(Self.request)) }
        let secret = UR(
            type: "crypto-hdkey",
            .map([CBOR.Field(2, .bool(true)), CBOR.Field(3, .bytes(Array(repeating: 2, count: 33)))]))
        #expect(throws: Problem(CBORRule.unknownField, at: "is-private")) { try CryptoHDKey(secret) }
        let short = UR(type: "crypto-hdkey", .map([CBOR.Field(3, .bytes([2]))]))
        let problem = #expect(throws: Problem.self) { try CryptoHDKey(short) }
        #expect(problem?.place == "key-data")
    }

    @Test("a key for a wallet has its children in it")
    func children() throws {
        let key = try CryptoHDKey(
            key: Array(repeating: 2, count: 33), chainCode: Array(repeating: 1, count: 32),
            origin: CryptoKeypath([.index(44, isHardened: true)], sourceFingerprint: 7, depth: 1),
            children: CryptoKeypath([.index(0, isHardened: false), .wildcard(isHardened: false)]), parentFingerprint: 9,
            name: "Airlock", note: "account.standard")
        #expect(try CryptoHDKey(UR(key.ur.text)) == key)
        #expect(key.children?.text == "0/*")
    }

    @Test("a published signature is read and written as it was")
    func publishedSignature() throws {
        let signature = try EthSignature(UR(Self.signature))
        #expect(signature.ur.text == Self.signature)
        #expect(signature.id?.description == "0x9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d")
        #expect(signature.signature.count == 65)
        #expect(signature.origin == "keystone")
        #expect(throws: Problem.self) { try EthSignature(id: nil, signature: Array(repeating: 1, count: 64)) }
    }
}
