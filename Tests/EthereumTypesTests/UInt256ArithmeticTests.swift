import AirlockEthereumTypes
import Testing

@Suite("UInt256 arithmetic")
struct UInt256ArithmeticTests {
    struct Figures: Sendable, CustomTestStringConvertible {
        let left, right: String
        /// The sum modulo 2^256, and whether it overflowed.
        let sum: (String, overflow: Bool)
        let difference: (String, overflow: Bool)
        let product: (String, overflow: Bool)
        let quotient, remainder: String

        var testDescription: String { "\(left) and \(right)" }
    }

    /// Pairs of numbers with the results of each operation. The results were computed with Python's integers.
    static let figures = [
        Figures(
            left: "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            right: "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            sum: ("0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe", true),
            difference: ("0x0", false),
            product: ("0x1", true),
            quotient: "0x1",
            remainder: "0x0"),
        Figures(
            left: "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            right: "0x1",
            sum: ("0x0", true),
            difference: ("0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe", false),
            product: ("0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", false),
            quotient: "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            remainder: "0x0"),
        Figures(
            left: "0x0",
            right: "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            sum: ("0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", false),
            difference: ("0x1", true),
            product: ("0x0", false),
            quotient: "0x0",
            remainder: "0x0"),
        Figures(
            left: "0x8000000000000000000000000000000000000000000000000000000000000000",
            right: "0x2",
            sum: ("0x8000000000000000000000000000000000000000000000000000000000000002", false),
            difference: ("0x7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe", false),
            product: ("0x0", true),
            quotient: "0x4000000000000000000000000000000000000000000000000000000000000000",
            remainder: "0x0"),
        Figures(
            left: "0x100000000000000000000000000000000",
            right: "0x100000000000000000000000000000000",
            sum: ("0x200000000000000000000000000000000", false),
            difference: ("0x0", false),
            product: ("0x0", true),
            quotient: "0x1",
            remainder: "0x0"),
        Figures(
            left: "0xffffffffffffffffffffffffffffffff",
            right: "0x100000000000000000000000000000001",
            sum: ("0x200000000000000000000000000000000", false),
            difference: ("0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe", true),
            product: ("0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", false),
            quotient: "0x0",
            remainder: "0xffffffffffffffffffffffffffffffff"),
        Figures(
            left: "0xffffffffffffffffffffffffffffffffffffffffffffffff",
            right: "0xffffffffffffffff",
            sum: ("0x100000000000000000000000000000000fffffffffffffffe", false),
            difference: ("0xffffffffffffffffffffffffffffffff0000000000000000", false),
            product: ("0xfffffffffffffffeffffffffffffffffffffffffffffffff0000000000000001", false),
            quotient: "0x100000000000000010000000000000001",
            remainder: "0x0"),
        Figures(
            left: "0x8000000000000000000000000000000000000000000000000000000000000001",
            right: "0x8000000000000000000000000000000000000000000000000000000000000000",
            sum: ("0x1", true),
            difference: ("0x1", false),
            product: ("0x8000000000000000000000000000000000000000000000000000000000000000", true),
            quotient: "0x1",
            remainder: "0x1"),
        Figures(
            left: "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            right: "0x10000000000000000",
            sum: ("0xffffffffffffffff", true),
            difference: ("0xfffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffff", false),
            product: ("0xffffffffffffffffffffffffffffffffffffffffffffffff0000000000000000", true),
            quotient: "0xffffffffffffffffffffffffffffffffffffffffffffffff",
            remainder: "0xffffffffffffffff"),
        Figures(
            left: "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            right: "0xffffffffffffffffffffffffffffffff",
            sum: ("0xfffffffffffffffffffffffffffffffe", true),
            difference: ("0xffffffffffffffffffffffffffffffff00000000000000000000000000000000", false),
            product: ("0xffffffffffffffffffffffffffffffff00000000000000000000000000000001", true),
            quotient: "0x100000000000000000000000000000001",
            remainder: "0x0"),
        Figures(
            left: "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            right: "0x8000000000000000000000000000000000000000000000000000000000000001",
            sum: ("0x8000000000000000000000000000000000000000000000000000000000000000", true),
            difference: ("0x7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe", false),
            product: ("0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", true),
            quotient: "0x1",
            remainder: "0x7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe"),
        Figures(
            left: "0x4aad2bbd4a9d62b4c70da26352801c7fce8ab0e7c0506a989c27db6ada140cc9",
            right: "0x15f251dfac1adbbb80f0fc5534fc4c9b5",
            sum: ("0x4aad2bbd4a9d62b4c70da26352801c812dafcee281fe2650ab37a0be29d8d67e", false),
            difference: ("0x4aad2bbd4a9d62b4c70da26352801c7e6f6592ecfea2aee08d1816178a4f4314", false),
            product: ("0x6db4bf004648cd3a81f9f1d5193e29fc2b8e14baccf9609653ae013cbf1adb1d", true),
            quotient: "0x3671402dd8910f05bf2e3664baadf1ca",
            remainder: "0x44ce9203e7bb07660abfde57d5987ef7"),
        Figures(
            left: "0x89",
            right: "0x1498780e8bf872c7752943a9165ed9014",
            sum: ("0x1498780e8bf872c7752943a9165ed909d", false),
            difference: ("0xfffffffffffffffffffffffffffffffeb6787f174078d388ad6bc56e9a127075", true),
            product: ("0xb05983fc8e7f56cbdb315357cf8c221ab4", false),
            quotient: "0x0",
            remainder: "0x89"),
        Figures(
            left: "0x1480f5fbdb80d9f25",
            right: "0xc0",
            sum: ("0x1480f5fbdb80d9fe5", false),
            difference: ("0x1480f5fbdb80d9e65", false),
            product: ("0xf60b87ce4a0a375bc0", false),
            quotient: "0x1b569d4fcf5677e",
            remainder: "0xa5"),
        Figures(
            left: "0xbb8e67b5be3872cbe80babbf72dea65024b5c7874b0a841add08dc2bad8591c4",
            right: "0x6c47d9093ef142f5",
            sum: ("0xbb8e67b5be3872cbe80babbf72dea65024b5c7874b0a841b4950b534ec76d4b9", false),
            difference: ("0xbb8e67b5be3872cbe80babbf72dea65024b5c7874b0a841a70c103226e944ecf", false),
            product: ("0x41ed03798153d190d704703f1b005ba11fff7b5e2b33d2851afff07931ed0894", true),
            quotient: "0x1bb6cee5f7ad98fe69342ebf2187c14fe700bc5c8ccee3643",
            remainder: "0x54287d69d47b5da5"),
        Figures(
            left: "0xa5af38f0dbbc866564e74659822b6b907d3f91a8a0eb7abb06",
            right: "0xda",
            sum: ("0xa5af38f0dbbc866564e74659822b6b907d3f91a8a0eb7abbe0", false),
            difference: ("0xa5af38f0dbbc866564e74659822b6b907d3f91a8a0eb7aba2c", false),
            product: ("0x8d17367d1b1e8a7257ecf1e838d8f9990aa8220999088683431c", false),
            quotient: "0xc290b399ab23d889db7ba01df474c0135d0fef28aa2e5c74",
            remainder: "0x3e"),
        Figures(
            left: "0x891733db5c459001",
            right: "0x94875b7122da1b80fbcfff20f3574613420caf25b76a01113b",
            sum: ("0x94875b7122da1b80fbcfff20f35746134295c65992c646a13c", false),
            difference: ("0xffffffffffffff6b78a48edd25e47f043000df0ca8b9ecbe7c680e23f2447ec6", true),
            product: ("0x89e62eff5c9eefc964ee71ff87aae7bf59fd37ccf9057d7eab13c44bdc99413b", true),
            quotient: "0x0",
            remainder: "0x891733db5c459001"),
        Figures(
            left: "0xabecd601a3bc56e2207880f8d0e4811fe3a105d86c647ed8a0d0229339a6920a",
            right: "0xbd01eff5659bb5c1935bcd47ff1c84a9b55a0b10dede82e94d4d9bb4be534abc",
            sum: ("0x68eec5f709580ca3b3d44e40d00105c998fb10e94b4301c1ee1dbe47f7f9dcc6", true),
            difference: ("0xeeeae60c3e20a1208d1cb3b0d1c7fc762e46fac78d85fbef538286de7b53474e", true),
            product: ("0x63837f8ed953bf7e4fa2ba140e6fd3577d6822abb36546440fea013541c82358", true),
            quotient: "0x0",
            remainder: "0xabecd601a3bc56e2207880f8d0e4811fe3a105d86c647ed8a0d0229339a6920a"),
        Figures(
            left: "0xfccff92132a040f0eb74c8caba3777d555b9ec44ea9a38227c5d453c11697f87",
            right: "0xc6",
            sum: ("0xfccff92132a040f0eb74c8caba3777d555b9ec44ea9a38227c5d453c1169804d", false),
            difference: ("0xfccff92132a040f0eb74c8caba3777d555b9ec44ea9a38227c5d453c11697ec1", false),
            product: ("0x88daafad27f23a561c534ccc06e6af004dccbd4d73476aac30238c757798a26a", true),
            quotient: "0x146de596139b2c091ff4c01061cb97e7dd8dbb2c5b5c9fb00a0cb56edfca76e",
            remainder: "0x73"),
        Figures(
            left: "0x87",
            right: "0x1a2a1056ba48060e7a7312b155c6a0ee8",
            sum: ("0x1a2a1056ba48060e7a7312b155c6a0f6f", false),
            difference: ("0xfffffffffffffffffffffffffffffffe5d5efa945b7f9f1858ced4eaa395f19f", true),
            product: ("0xdcc2e9dbc3bfb31a292aedb843bbeddc58", false),
            quotient: "0x0",
            remainder: "0x87"),
    ]

    @Test("agrees with Python's integers", arguments: figures)
    func known(figures: Figures) throws {
        let left = try UInt256(quantity: figures.left)
        let right = try UInt256(quantity: figures.right)
        let sum = left.addingReportingOverflow(right)
        #expect((sum.partialValue.quantity, sum.overflow) == figures.sum)
        #expect(left.adding(right)?.quantity == (figures.sum.overflow ? nil : figures.sum.0))
        let difference = left.subtractingReportingOverflow(right)
        #expect((difference.partialValue.quantity, difference.overflow) == figures.difference)
        #expect(left.subtracting(right)?.quantity == (figures.difference.overflow ? nil : figures.difference.0))
        let product = left.multipliedReportingOverflow(by: right)
        #expect((product.partialValue.quantity, product.overflow) == figures.product)
        #expect(left.multiplied(by: right)?.quantity == (figures.product.overflow ? nil : figures.product.0))
        let division = try #require(left.quotientAndRemainder(dividingBy: right))
        #expect((division.quotient.quantity, division.remainder.quantity) == (figures.quotient, figures.remainder))
        #expect((left < right) == figures.difference.overflow)
    }

    @Test("divides nothing by zero")
    func divisionByZero() {
        #expect(UInt256.max.quotientAndRemainder(dividingBy: 0) == nil)
    }

    @Test("keeps the laws of arithmetic for random numbers")
    func laws() {
        var random = SeededGenerator(seed: 0x256)
        for round in 0..<2_000 {
            let a = random.number()
            let b = random.number()
            let c = random.number()
            #expect(a.wrappingAdd(b).wrappingSubtract(b) == a, "round \(round)")
            #expect(a.wrappingAdd(b) == b.wrappingAdd(a), "round \(round)")
            #expect(a.wrappingMultiply(b) == b.wrappingMultiply(a), "round \(round)")
            let distributed = a.wrappingMultiply(b).wrappingAdd(a.wrappingMultiply(c))
            #expect(a.wrappingMultiply(b.wrappingAdd(c)) == distributed, "round \(round)")
            if let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b) {
                #expect(remainder < b, "round \(round)")
                #expect(quotient.multiplied(by: b)?.adding(remainder) == a, "round \(round)")
                // The product overflows if and only if dividing it by `b` does not give `a` again.
                let (product, overflow) = a.multipliedReportingOverflow(by: b)
                #expect(overflow == (product.quotientAndRemainder(dividingBy: b)?.quotient != a), "round \(round)")
            }
            #expect((a < b) == a.subtractingReportingOverflow(b).overflow, "round \(round)")
        }
    }
}

extension UInt256 {
    fileprivate func wrappingAdd(_ other: UInt256) -> UInt256 { addingReportingOverflow(other).partialValue }
    fileprivate func wrappingSubtract(_ other: UInt256) -> UInt256 { subtractingReportingOverflow(other).partialValue }
    fileprivate func wrappingMultiply(_ other: UInt256) -> UInt256 {
        multipliedReportingOverflow(by: other).partialValue
    }
}

/// Random numbers that are the same in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    /// Returns a number of any length from 0 to 256 bits. Its 64-bit words are often all zeros or all ones.
    mutating func number() -> UInt256 {
        func lane(_ generator: inout SeededGenerator) -> UInt64 {
            switch generator.next() % 4 {
            case 0: 0
            case 1: .max
            default: generator.next() >> (generator.next() % 64)
            }
        }
        return UInt256(bigEndianWords: (lane(&self), lane(&self), lane(&self), lane(&self)))
    }
}
