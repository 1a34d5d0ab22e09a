@_spi(Kernels) import AirlockKeccak

/// How fast each piece of work is to be. What is measured stands beside it, met or not.
enum Goals {
    /// What a row promises.
    enum Goal {
        /// At most this long on the machine on which the goals were set, which takes 18.8 µs for a signature. Here it
        /// may take as much longer as the signature takes, that is measured in the same rounds or just before them.
        case nanoseconds(Double)
        /// At most this share of what the peer takes, measured in the same rounds.
        case share(Double, of: String)
    }

    /// What libsecp256k1 takes for a recoverable signature where the goals in nanoseconds were set.
    static let signature = 18_800.0

    /// What eight messages at once are to take of the time one by one: by AVX-512, by AVX2, by what all CPUs have.
    private static let batch = Kernel.best[0].width == 8 ? 1 / 7.0 : Kernel.best[0].width == 4 ? 1 / 2.4 : 1

    static let table: [(row: String, goal: Goal)] =
        ["32B", "136B", "516B", "1KiB", "64KiB", "1MiB"].map { ("keccak/\($0)", .share(0.95, of: Peer.libgcrypt)) }
        + [
            ("keccak/8x32B", .share(batch, of: Peer.oneByOne)),
            ("keccak/8x516B", .share(batch, of: Peer.oneByOne)),
            ("rlp/encode/702B", .nanoseconds(50)),
            ("rlp/encode/702B/reused", .nanoseconds(20)),
            ("rlp/encode/702B/reused", .share(8, of: Peer.memcpy)),
            ("rlp/decode/702B", .nanoseconds(75)),
            ("rlp/encode/1000", .nanoseconds(40_000)),
            ("rlp/decode/1000", .nanoseconds(80_000)),
            ("abi/encode/swap", .nanoseconds(45)),
            ("hex/encode/702B", .nanoseconds(40)),
            ("json/charge", .nanoseconds(3000)),
            ("payment", .share(1.08, of: Peer.curve)),
            ("process/sign --raw", .nanoseconds(3_500_000)),
            ("process/sign --raw", .share(0.01, of: Peer.python)),
            ("process/sign --raw, static", .share(2.5, of: Peer.signature)),
            ("lines/2048/one core", .share(1.10, of: Peer.curve)),
            ("lines/2048/one core", .share(1.00, of: Peer.rust)),
            ("lines/2048/two cores", .share(1 / 1.9, of: Peer.oneCore)),
        ]
}

/// What is measured beside ours.
enum Peer {
    static let libgcrypt = "libgcrypt SHA3-256"
    static let libcrypto = "OpenSSL SHA3-256"
    static let memcpy = "memcpy of the same bytes"
    static let curve = "its own curve operations"
    static let rust = "serde_json and the same libsecp256k1 (Rust)"
    static let signature = "one signature by the same libsecp256k1 (C)"
    static let python = "eth-account, eth-abi (Python)"
    static let oneCore = "the same on one core"
    static let oneByOne = "one by one"
}
