import AirlockEthereumTypes
import Glibc
@_spi(Kernels) import AirlockKeccak
import Operations

/// Keccak-256, compared with libgcrypt's SHA3-256. SHA3-256 has the same permutation and the same rate; only the
/// padding differs. All kernels that this CPU supports are measured, or only the one that AIRLOCK_KECCAK_KERNEL names.
/// Hashing several messages at once is compared with hashing them one by one.
enum KeccakBenchmarks {
    /// Each row has the length of a message in bytes, and its Keccak-256 and SHA3-256 hashes. The messages consist of
    /// the bytes 0, 1, 2 ….
    private static let sizes = [
        (
            "32B", 32, keccak: "8ae1aa597fa146ebd3aa2ceddf360668dea5e526567e92b0321816a4e895bd2d",
            sha3: "050a48733bd5c2756ba95c5828cc83ee16fabcd3c086885b7744f84a0f9e0d94"
        ),
        (
            "136B", 136, keccak: "7ce759f1ab7f9ce437719970c26b0a66ff11fe3e38e17df89cf5d29c7d7f807e",
            sha3: "cf3ccff92480a29160c2d38317c430e14749bfee1788106957dfe73f8c4930e5"
        ),
        (
            "516B", 516, keccak: "2d8507a045cf3f8e749eb50c9fb173f57c82ba7891f834ba2b8f3fa8cbdd49f1",
            sha3: "b818317e08bad4e00d3e8b66f4003386691444a47f3d2675a1bba2be74f4b177"
        ),
        (
            "1KiB", 1 << 10, keccak: "5902e53903be0d0f9656bdbd5b9f0d8c2d815f865645d629eef77f5185f6cd7f",
            sha3: "b6c70631c6ff932b9f380d9cde8750eb9bea393817a9aea410c2119eb7b9b870"
        ),
        (
            "64KiB", 1 << 16, keccak: "c08f0bb275258a9414387aea0572ede249d46d06e04df5a538f3b614f94ad8db",
            sha3: "bbf9ee3fe69e96f0399d3aeafbb073de5b3ad525c8b3a85b29a36ae5f9829e91"
        ),
        (
            "1MiB", 1 << 20, keccak: "5be37e9825e31d606c38ab4b039fb4e3d11a41fed33562eaed711b5fd8af728f",
            sha3: "d968751128cfec8780ddfe859f11bdcd8b84e1f2175a1093fa9e776ad7fac6b1"
        ),
    ]

    static func all(_ libcrypto: Libcrypto?) throws -> [Benchmark] {
        let name = unsafe getenv("AIRLOCK_KECCAK_KERNEL").map { unsafe String(cString: $0) }
        if let name, !Kernel.all.contains(where: { "\($0)" == name && $0.isSupported }) {
            throw WrongResult(description: "there is no kernel \(name) for this CPU")
        }
        let kernels = Kernel.all.filter { $0.isSupported && name ?? "\($0)" == "\($0)" }
        var all: [Benchmark] = []
        if name == nil {
            all += try single("keccak", libcrypto) { Keccak256.hash($0) } + many("keccak/8x", 8, by: Kernel.best)
        }
        return try all
            + kernels.flatMap { kernel in
                kernel.width == 1
                    ? try single("keccak/\(kernel)", libcrypto) { Keccak256.hash($0.span, by: kernel) }
                    : try many("keccak/\(kernel)/", kernel.width, by: [kernel])
            }
    }

    private static func single(
        _ name: String, _ libcrypto: Libcrypto?, _ hash: @escaping ([UInt8]) -> Keccak256.Digest
    ) throws -> [Benchmark] {
        try sizes.map { size, count, keccak, sha3 in
            let message = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
            try verify("\(name)/\(size)", Hash(hash(message)) == Hash(hex: "0x" + keccak))
            let reference = try Hash(hex: "0x" + sha3)
            try verify("\(Peer.libgcrypt)/\(size)", Hash(Libgcrypt.sha3(message)) == reference)
            let openSSL = libcrypto.map { libcrypto in Operation(Peer.libcrypto) { libcrypto.sha3(message) } }
            if let libcrypto { try verify("\(Peer.libcrypto)/\(size)", Hash(libcrypto.sha3(message)) == reference) }
            return Benchmark(
                "\(name)/\(size)", { hash(message) }, against: Peer.libgcrypt, { Libgcrypt.sha3(message) }
            ).against(openSSL)
        }
    }

    private static func many(_ name: String, _ count: Int, by kernels: [Kernel]) throws -> [Benchmark] {
        try [("32B", 32), ("516B", 516)].map { size, length in
            let messages = (0..<count).map { first in (0..<length).map { UInt8(truncatingIfNeeded: first + $0) } }
            let each = messages.map { Keccak256.hash($0) }
            try verify("\(name)\(size)", Keccak256.hash(many: messages, by: kernels) == each)
            return Benchmark(
                "\(name)\(size)", { Keccak256.hash(many: messages, by: kernels) },
                against: Peer.oneByOne, { messages.map { Keccak256.hash($0) } })
        }
    }
}
