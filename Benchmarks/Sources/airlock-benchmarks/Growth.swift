import CBenchmarks
import AirlockKeccak
import Operations

/// Measurements that show how the cost of one kind of work grows with the size of its input.
struct Growth {
    let name: String
    /// The unit of the sizes, such as bytes.
    let unit: String
    let series: [(name: String, points: [(size: Int, nanoseconds: Double)])]

    private static let rounds = 21

    init(_ name: String, unit: String, sizes: [Int], _ operations: (Int) throws -> [Operation]) rethrows {
        self.name = name
        self.unit = unit
        let all = try sizes.map { try operations($0) }
        let medians = Measurement.medians(Array(all.joined()), rounds: Self.rounds)
        let names = all[0].map(\.name)
        series = names.indices.map { index in
            (names[index], sizes.indices.map { (sizes[$0], medians[$0 * names.count + index]) })
        }
    }

    /// How fast the time of each series grows. The ratio is the time for each unit at the largest size, divided by the
    /// time for each unit at a 16th of this size. It is 1 if the time is proportional to the size.
    var steepness: [(name: String, ratio: Double)] {
        series.compactMap { series in
            guard let last = series.points.last,
                let earlier = series.points.last(where: { $0.size * 16 <= last.size })
            else { return nil }
            return (
                series.name,
                last.nanoseconds / earlier.nanoseconds * Double(earlier.size) / Double(last.size)
            )
        }
    }

    /// Returns the growth curves of the codecs.
    static func codecs(_ payment: borrowing SwapPayment, _ libcrypto: Libcrypto?) throws -> [Growth] {
        let bytes = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0) }
        return [
            Growth("Keccak-256 of one message", unit: "bytes", sizes: (0..<9).map { 16 << (2 * $0) }) { size in
                let message = Array(bytes[..<size])
                let peer = libcrypto.map { libcrypto in
                    Operation(Peer.libcrypto) { libcrypto.sha3(message) }
                }
                return [
                    Operation("Airlock") { Keccak256.hash(message) },
                    Operation(Peer.libgcrypt) { Libgcrypt.sha3(message) },
                ] + [peer].compactMap(\.self)
            },
            Growth("Keccak-256 of many messages", unit: "messages", sizes: (0..<7).map { 1 << (2 * $0) }) { count in
                [32, 516].map { size in
                    let messages = (0..<count).map { Array(bytes[$0..<$0 + size]) }
                    return Operation("\(size) bytes each") { Keccak256.hash(many: messages) }
                }
            },
            try Growth("RLP of a list", unit: "transactions", sizes: (0..<7).map { 1 << (2 * $0) }) { count in
                try ListOperations.all(count, of: payment).map { operation in
                    Operation(
                        name: operation.name.hasPrefix("rlp/encode") ? "encode" : "decode", work: operation.work)
                }
            },
        ]
    }
}

/// libgcrypt's SHA3-256. It uses the same permutation and the same rate as Keccak-256; only the padding differs.
enum Libgcrypt {
    static func sha3(_ message: [UInt8]) -> InlineArray<32, UInt8> {
        var digest = InlineArray<32, UInt8>(repeating: 0)
        var output = digest.mutableSpan
        unsafe output.withUnsafeMutableBytes { output in
            unsafe gcry_md_hash_buffer(Int32(GCRY_MD_SHA3_256.rawValue), output.baseAddress, message, message.count)
        }
        return digest
    }
}
