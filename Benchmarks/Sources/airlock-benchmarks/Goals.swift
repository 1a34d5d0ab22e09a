@_spi(Kernels) import AirlockKeccak

/// The goals for the speed of each piece of work. The report shows each goal, and whether it was met.
enum Goals {
    /// One goal for a row of the report.
    enum Goal {
        /// A maximum time on the machine where the goals were set. That machine takes 18.8 µs for a signature. On
        /// another machine, the limit is changed in proportion to that machine's time for a signature. This time is
        /// measured in the same rounds as the row, or just before them.
        case nanoseconds(Double)
        /// A maximum ratio to the time of a peer, which is measured in the same rounds.
        case share(Double, of: String)
    }

    /// The nanoseconds that libsecp256k1 takes for a recoverable signature on the machine where the goals were set.
    static let signature = 18_800.0

    /// The maximum time for hashing eight messages at once, as a share of the time for hashing them one by one. There
    /// is one share for CPUs with AVX-512, one for CPUs with AVX2, and one for all other CPUs.
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

/// The names of the peers.
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
