import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockGcrypt
import AirlockSecp256k1
import AirlockSecretKeys
import Glibc

/// An index of the ledger, in files beside the ledger. With the index, Airlock reads only a few earlier entries to
/// sign, even if the ledger is long.
///
/// The index is derived from the ledger, and is rebuilt whenever it does not match the ledger. Each signing key has its
/// own index, with an authentication code that only this key can make. So an index that another program has written is
/// not accepted.
///
/// The index covers the ledger up to a certain line, and contains the hash and the position of this line. When the
/// index is opened, the line at this position must have this hash. If it has, all earlier lines are unchanged too,
/// because each line contains the hash of the line before. Later lines are read from the ledger.
///
/// Each block of the index is compared with its hash when it is read. So nobody can remove an entry from the index
/// unnoticed. An entry that is found with the index is read from the ledger, and compared with the entry's hash in the
/// index.
final class LedgerIndex: Sendable {
    /// The content of the main file of the index. It tells which part of the ledger the index covers, and lists the
    /// other files of the index (the segments).
    struct Head: Hashable, Sendable {
        /// The number of bytes of the ledger file that the index covers.
        var covered = 0
        var count = 0
        /// The offset of the last line that the index covers.
        var last = 0
        var hash = Hash.zero
        var latest = Timestamp(seconds: 0)
        var segments: [LedgerSegment.Description] = []
    }

    let head: Head
    private let segments: [LedgerSegment]
    private let ledger: RandomAccessFile
    private let place: Place

    /// The paths of the files of an index.
    struct Place: Sendable {
        let ledger: String
        /// The address of the signing key that uses the index. `nil` for a temporary index. A temporary index has no
        /// authentication code (`LedgerSeal`), and the process that created it removes it.
        let address: Address?
        private let name: String

        init(ledger: String, address: Address) {
            self.ledger = ledger
            self.address = address
            name = "\(address)"
        }

        init(temporaryOf ledger: String) {
            self.ledger = ledger
            address = nil
            name = Self.temporary + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        }

        /// The prefix of the names of temporary files. If a process is killed, its temporary files can be left behind.
        static let temporary = "temporary-"

        var isKept: Bool { address != nil }
        var folder: String { "\(ledger).index" }
        var head: String { "\(folder)/\(name)" }
        func segment(_ segment: LedgerSegment.Description) -> String { "\(head).\(segment.name)" }
    }

    private init(_ place: Place, _ head: Head, _ segments: [LedgerSegment], _ identity: FileIdentity) throws {
        ledger = try RandomAccessFile(place.ledger)
        guard ledger.facts.identity == identity else { throw Problem(LedgerRule.index, at: place.ledger) }
        self.place = place
        self.head = head
        self.segments = segments
    }

    /// Opens the index of an address. Returns `nil` if the index does not exist, is damaged, or does not match the
    /// ledger.
    ///
    /// If `seal` is `nil`, the authentication code of the index is not verified. The index must then be used only to
    /// show a review, and not to sign.
    init?(of place: Place, _ seal: LedgerSeal?, _ identity: FileIdentity) {
        do {
            let file = try RandomAccessFile(place.head)
            guard let head = try Head(file.read(at: 0, min(file.size, 1 << 20)), seal) else { return nil }
            let segments = try head.segments.map { try LedgerSegment($0, at: place.segment($0)) }
            let ledger = try RandomAccessFile(place.ledger)
            guard ledger.facts.identity == identity, head.covered <= ledger.size else { return nil }
            let line = try ledger.read(at: head.last, head.covered - head.last)
            guard line.count == head.covered - head.last, line.last == UInt8(ascii: "\n"),
                Hash.keccak(Array(line.dropLast())) == head.hash
            else { return nil }
            self.place = place
            self.head = head
            self.segments = segments
            self.ledger = ledger
        } catch {
            return nil
        }
    }

    /// Returns the offsets of the entries that have the given lookup key, in the order of the ledger.
    func places(_ key: LedgerKey) throws(ProblemList) -> [Int] {
        try checked { try segments.flatMap { try $0.values(key).map { Int(truncatingIfNeeded: $0) } } }
    }

    /// Returns the highest nonce of a series. A series consists of all nonces that are counted together, such as the
    /// nonces of an account's transactions on one chain.
    func highest(_ key: LedgerKey) throws(ProblemList) -> UInt64? {
        try checked { try segments.compactMap { try $0.values(key).max() }.max() }
    }

    /// Returns the amount of a currency that was spent since a time. Returns `nil` if the sum has more than 256 bits.
    func spent(_ key: LedgerKey, since moment: Timestamp) throws(ProblemList) -> UInt256? {
        try checked { () throws -> UInt256? in
            var sum: UInt256? = .zero
            for segment in segments {
                let spent = try segment.spent(key, since: moment.seconds)
                sum = sum.flatMap { sum in spent.flatMap { sum.adding($0) } }
            }
            return sum
        }
    }

    /// Reads the entry at an offset. Throws if the index does not contain the hash of the entry at this offset.
    func entry(at offset: Int) throws(ProblemList) -> RecordedEntry {
        let line = try checked { () throws -> [UInt8] in try self.line(at: offset) }
        let hash = Hash.keccak(line)
        guard try places(.line(hash)).contains(offset) else {
            throw ProblemList(Problem(LedgerRule.altered, at: "byte \(offset)"))
        }
        return RecordedEntry(entry: try LedgerEntry(line), hash: hash)
    }

    private func line(at offset: Int) throws -> [UInt8] {
        var line: [UInt8] = []
        while offset + line.count < head.covered {
            let piece = try ledger.read(at: offset + line.count, min(2048, head.covered - offset - line.count))
            guard let end = piece.firstIndex(of: UInt8(ascii: "\n")) else {
                guard !piece.isEmpty, line.count < 1 << 20 else { break }
                line += piece
                continue
            }
            return line + piece[..<end]
        }
        throw Problem(LedgerRule.altered, at: "byte \(offset)")
    }

    private func checked<Value>(_ body: () throws -> Value) throws(ProblemList) -> Value {
        do { return try body() } catch let broken as any RuleBroken {
            let problems = broken.problems.map { $0.field == nil ? $0.at(place.folder) : $0 }
            throw ProblemList(problems) ?? ProblemList(Problem(LedgerRule.index, at: place.folder))
        } catch {
            throw ProblemList(Problem(LedgerRule.index, at: place.folder))
        }
    }
}

extension LedgerIndex {
    /// Makes an index that covers more of the ledger than `index`. It has the segments of `index`, and a new segment
    /// for the later entries.
    ///
    /// Neighbouring segments are merged until each is more than twice as large as the next one. So there are only a few
    /// segments, and each entry is rewritten only a few times.
    static func extending(
        _ index: LedgerIndex?, at place: Place, to head: Head, with found: LedgerFindings, _ identity: FileIdentity
    ) throws -> LedgerIndex {
        try BaseDirectory.create(place.folder)
        var head = head
        var segments = index?.segments ?? []
        segments.append(try LedgerSegment.write(found, from: index?.head.covered ?? 0, to: head.covered, place))
        while segments.count > 1,
            segments[segments.count - 2].description.places <= 2 * segments[segments.count - 1].description.places
        {
            let (newer, older) = (segments.removeLast(), segments.removeLast())
            segments.append(try LedgerSegment.merge(older, newer, place))
        }
        head.segments = segments.map(\.description)
        return try LedgerIndex(place, head, segments, identity)
    }

    /// Writes the index and its authentication code, so that the next process can use the index. Removes the files of
    /// segments that were merged into other segments.
    func write(_ seal: LedgerSeal) throws {
        let bytes = head.bytes
        let file = try StagedFile(place.head)
        try file.write((bytes + seal.code(of: bytes)).span)
        try file.finish()
        let kept = Set(head.segments.map { place.segment($0) })
        for name in try Folder.names(in: place.folder) {
            let path = "\(place.folder)/\(name)"
            let isOwn = path.hasPrefix("\(place.head).")
            // All temporary files are removed, even if another process has just written one of them and has not opened
            // it yet. This does no harm, because that process then keeps its entries in memory.
            if isOwn && !kept.contains(path) || name.hasPrefix(Place.temporary) { StagedFile.remove(path) }
        }
    }

    /// Whether the main file still contains this index. This is false if another process has rebuilt the index in the
    /// meantime.
    var isCurrent: Bool {
        guard let file = try? RandomAccessFile(place.head), let bytes = try? file.read(at: 0, file.size) else {
            return false
        }
        return bytes.starts(with: head.bytes) && bytes.count == head.bytes.count + 32
    }
}

extension LedgerIndex.Head {
    private static let start = Array("airlock ledger index 2\n".utf8)

    var bytes: [UInt8] {
        var bytes = Self.start + [covered, count, last].flatMap { bigEndian(UInt64($0)) } + hash.bytes
        bytes += bigEndian(latest.seconds) + bigEndian(UInt64(segments.count))
        for segment in segments {
            bytes += [segment.start, segment.end, segment.places, segment.totals].flatMap { bigEndian(UInt64($0)) }
            bytes += segment.hash.bytes
        }
        return bytes
    }

    /// Reads the content of the main file of an index. Returns `nil` if the content is malformed. If a seal is given,
    /// also returns `nil` if the authentication code is wrong.
    init?(_ file: [UInt8], _ seal: LedgerSeal?) throws {
        guard file.count > Self.start.count + 32, file.starts(with: Self.start) else { return nil }
        let body = Array(file.dropLast(32))
        if let seal, try seal.code(of: body) != Array(file.suffix(32)) { return nil }
        var rest = body[Self.start.count...]
        func number() -> Int? {
            guard rest.count >= 8 else { return nil }
            defer { rest = rest.dropFirst(8) }
            return Int(exactly: rest.prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) })
        }
        func hash() -> Hash? {
            guard rest.count >= 32 else { return nil }
            defer { rest = rest.dropFirst(32) }
            return Hash(Array(rest.prefix(32)))
        }
        guard let covered = number(), let count = number(), let last = number(), let own = hash(),
            let latest = number(), let segmentCount = number(), segmentCount <= 64, 0..<covered ~= last
        else { return nil }
        var segments: [LedgerSegment.Description] = []
        for _ in 0..<segmentCount {
            guard let start = number(), let end = number(), let places = number(), let totals = number(),
                let hash = hash(), start == segments.last?.end ?? 0, start < end, max(places, totals) < 1 << 40
            else { return nil }
            segments.append(.init(start: start, end: end, places: places, totals: totals, hash: hash))
        }
        guard rest.isEmpty, segments.last?.end == covered else { return nil }
        self.init(
            covered: covered, count: count, last: last, hash: own, latest: Timestamp(seconds: UInt64(latest)),
            segments: segments)
    }
}

/// Computes the authentication code (HMAC) of a ledger's index. Only the holder of the signing key can compute it, so
/// nobody else can leave an entry out of the index. The HMAC key is the signing key's signature of a constant string.
/// This signature never leaves the process.
final class LedgerSeal: Sendable {
    let address: Address
    private let secret: SecureBytes

    init(_ key: borrowing SecretKey) throws {
        address = key.address
        var bytes = try key.sign(.keccak(Array("airlock ledger index 1".utf8))).bytes
        defer {
            unsafe bytes.withUnsafeMutableBytes { memory in
                if let start = memory.baseAddress { unsafe explicit_bzero(start, memory.count) }
            }
        }
        secret = try SecureBytes(copying: bytes.span)
    }

    func code(of bytes: [UInt8]) throws -> [UInt8] {
        try secret.withBytes { key in
            try MessageDigest.authenticate(.sha256, key: key, bytes.span).withBytes { code in
                code.indices.map { code[$0] }
            }
        }
    }
}
