import AirlockKeccak
import Testing

@Suite("Keccak-256")
struct Keccak256Tests {
    @Test(
        "gives the digests that Ethereum knows",
        arguments: [
            ("", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
            ("abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
            ("transfer(address,uint256)", "a9059cbb2ab09eb219583f4a59a5d0623ade346d962bcd4e46b11da047c9049b"),
        ])
    func known(message: String, digest: String) {
        #expect(hex(Keccak256.hash(Array(message.utf8))) == digest)
    }

    /// Each row has the length of a message, and the digest of this message that pycryptodome computed. The byte at
    /// index i of a message is (i * 7 + 3) mod 256. The lengths are near multiples of the word size and of the block
    /// size.
    @Test(
        "pads every length around the edges of a block",
        arguments: [
            (1, "69c322e3248a5dfc29d73c5b0553b0185a35cd5bb6386747517ef7e53b15e287"),
            (7, "af2dd82887bb5be2eaa8117023b0b486d9dbd438e9f92e89dc2ada088af681ad"),
            (8, "ad894215c2106b9dfa2c04022025509974a5eb20b9f4cd27ca716967542ecf6e"),
            (9, "d411537bb20ffa01d0d9ab8953c812ec964b0ea6011b69e34d0f613d92457cf6"),
            (134, "0c00ddc2482876f8fa8cc91ed55deedf61049892967f383560faf8a5787f86c5"),
            (135, "00ef96af9cf4b24c7f269d922294444a197d0a33638c2e56634c57e892103a8f"),
            (136, "742061bcad767ed4c4f5883b1dcb1aad11afdcc140dc469d953759b127b9f9ed"),
            (137, "e3371f61e770abf254c34239c3b0099ad90594507415bc81dd0a10b9692bbf2a"),
            (143, "6cd157df2e0156134b4e3f16bd8eeea0fc1f7f3504f1380a06ff94b54142be95"),
            (144, "3762d4fcb83a69d2e5e97f500cb26b3ed3e4efc8a06787064be4a8b39d76f50e"),
            (271, "4401c4afbe16ff911bdbf2d38e556e5b861f3fdf0f9d4306b1c46f6ae4f73584"),
            (272, "ac141fd7b0a0ffcd2e967254d508da3ec616596493c36fa304425647d90e6de5"),
            (273, "16192ea86793083e47731cb3c970600f04768414d92bc0540e54ce8607a0fce0"),
            (1000, "80cdc8dd52cbb3dbaea8f383209893fa2bb52efbd5aedbb4b26dcfe307fcdc9b"),
        ])
    func edges(length: Int, digest: String) {
        #expect(hex(Keccak256.hash(pattern(length))) == digest)
    }

    @Test("streaming and one-shot agree for every length up to 2,000, cut anywhere")
    func streaming() {
        var random = SystemRandomNumberGenerator()
        let message = pattern(2_000)
        for length in 0...2_000 {
            let expected = Keccak256.hash(message.span.extracting(first: length))
            var hasher = Keccak256()
            var position = 0
            while position < length {
                let piece = Int.random(in: 0...min(300, length - position), using: &random)
                hasher.update(message.span.extracting(position..<position + piece))
                position += piece
            }
            #expect(hasher.finish() == expected, "length \(length)")
        }
    }

    @Test("every cut in two of a message of three blocks gives the same digest")
    func everyCut() {
        let message = pattern(410)
        let expected = Keccak256.hash(message)
        for cut in 0...410 {
            var hasher = Keccak256()
            hasher.update(message.span.extracting(first: cut))
            hasher.update(message.span.extracting(droppingFirst: cut))
            #expect(hasher.finish() == expected, "cut at \(cut)")
        }
    }

    @Test("byte by byte gives the same digest")
    func byteByByte() {
        var hasher = Keccak256()
        for byte in pattern(300) { hasher.update([byte]) }
        #expect(hasher.finish() == Keccak256.hash(pattern(300)))
    }

    @Test("many messages give their digests in order")
    func many() {
        let messages = (0..<20).map { pattern($0 * 17) }
        #expect(Keccak256.hash(many: messages) == messages.map { Keccak256.hash($0) })
    }
}

private func pattern(_ length: Int) -> [UInt8] { (0..<length).map { UInt8(truncatingIfNeeded: $0 * 7 + 3) } }

private func hex(_ digest: Keccak256.Digest) -> String {
    digest.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
