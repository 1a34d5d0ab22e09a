import AirlockABI
import AirlockEthereumTypes
import Testing
import AirlockCharges
import AirlockRequests

@Suite("The contract's errors")
struct ContractErrorTests {
    private static let selectors: [(String, String)] = [
        ("InvalidSignature()", "8baa579f"), ("ExpiredIntent()", "0080add4"), ("AlreadyProcessed()", "57eee766"),
        ("NullRecipient()", "df99255c"), ("OperatorNotRegistered()", "25ec6c1f"),
        ("InvalidNativeAmount(int256)", "b06a5d51"), ("InsufficientBalance(uint256)", "92665351"),
        ("InsufficientAllowance(uint256)", "f96fb071"), ("IncorrectCurrency(address)", "6453b66b"),
        ("InvalidTransferDetails()", "ed5c6561"), ("InexactTransfer()", "ee20c618"),
        ("SwapFailedString(string)", "8a627c16"), ("SwapFailedBytes(bytes)", "917827e1"),
        ("NativeTransferFailed(address,uint256,bool,bytes)", "28688b55"), ("PermitCallFailed()", "06105145"),
        ("V3InvalidSwap()", "316cf0eb"), ("V3TooLittleReceived()", "39d35496"), ("V3TooMuchRequested()", "739dbe52"),
        ("V3InvalidAmountOut()", "d4e0248e"), ("V3InvalidCaller()", "32b13d91"),
        ("ExecutionFailed(uint256,bytes)", "2c4029e9"), ("TransactionDeadlinePassed()", "5bf6f916"),
        ("InsufficientETH()", "6a12f104"), ("InsufficientToken()", "675cae38"), ("Error(string)", "08c379a0"),
        ("Panic(uint256)", "4e487b71"), ("SignatureExpired(uint256)", "cd21db4f"), ("InvalidNonce()", "756688fe"),
        ("InvalidAmount(uint256)", "3728b83d"), ("InvalidSigner()", "815e1d64"),
        ("InvalidSignatureLength()", "4be6321b"),
    ]

    private static let all = UnverifiedCharge.errors + ContractError.solidity

    private static func matching(_ data: [UInt8]) -> ContractError? { ContractRevert(data, among: all)?.error }

    @Test(
        "have the selectors that are known of them, and are found by revert data that begin with one",
        arguments: selectors)
    func selector(signature: String, selector: String) throws {
        let data = try Hex.decode(digits: selector)
        let error = try #require(Self.matching(data))
        #expect(error.signature == signature)
        #expect(error.selector.description == "0x" + selector)
        #expect(signature.hasPrefix(error.name + "("))
        #expect(Self.matching(data + [1, 2, 3]) == error)
        #expect(Self.matching(Array(data.dropLast())) == nil)
        #expect(!error.meaning.isEmpty && !error.meaning.hasSuffix("."))
        // Airlock decodes the arguments of an error by its signature, so it must be able to parse the signature.
        #expect(try ABIRevert(signature).signature == signature)
    }

    @Test("are those and no others, each once")
    func complete() {
        #expect(Self.all.map(\.signature).sorted() == Self.selectors.map(\.0).sorted())
        #expect(Set(Self.all.map(\.selector)).count == Self.all.count)
    }

    @Test(
        "mean of a panic what its code says",
        arguments: [
            (0x01, "assertion"), (0x11, "overflowed"), (0x12, "divided by zero"), (0x21, "enum"), (0x22, "byte array"),
            (0x31, "empty array"), (0x32, "index"), (0x41, "memory"), (0x51, "function"), (0x02, "not known"),
            (UInt256.max, "not known"),
        ] as [(UInt256, String)])
    func panic(code: UInt256, words: String) throws {
        let data = try Hex.decode(digits: "4e487b71") + code.word.bytes
        let revert = try #require(ContractRevert(data, among: Self.all))
        #expect(revert.text == "Panic(\(code))")
        #expect(revert.meaning.contains(words), "\(revert.meaning)")
    }

    @Test("mean of a panic without a whole code that the code is not known")
    func brokenPanic() throws {
        let data = try Hex.decode(digits: "4e487b7111")
        let revert = try #require(ContractRevert(data, among: Self.all))
        #expect(revert.text == "Panic(...)" && revert.meaning == revert.error.meaning)
    }

    @Test("are none where the data are empty or another's")
    func unknown() {
        #expect(Self.matching([]) == nil)
        #expect(Self.matching([0xde, 0xad, 0xbe, 0xef]) == nil)
    }
}
