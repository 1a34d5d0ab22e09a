import AirlockEthereumTypes
import AirlockFiles
import AirlockDiagnostics
import Synchronization

/// A file of the index, in which every block can be verified when it is read. The file begins with the data blocks. The
/// hash blocks follow, which contain the hashes of the data blocks. The last part of the file contains the hashes of
/// the hash blocks. The main file of the index contains the hash of this last part.
enum LedgerBlocks {
    static let size = 4096
    static let hashesInBlock = size / 32

    final class Reader: Sendable {
        private let file: RandomAccessFile
        private let count: Int
        /// The hashes of the hash blocks. Each hash block contains the hashes of data blocks.
        private let top: [UInt8]
        /// A number that distinguishes the blocks of this file in the cache from the blocks of other files.
        private let number: Int

        private static let cache = Mutex(Cache())

        /// The most recently read blocks of all open files. The files share one cache, because a long ledger has many
        /// index files. A block that is read often, such as the block in the middle of a file in a binary search, stays
        /// in the cache.
        private struct Cache {
            private static let most = 1024
            private var recent: [Place: [UInt8]] = [:]
            private var before: [Place: [UInt8]] = [:]
            private var files = 0

            struct Place: Hashable {
                let file, index: Int
            }

            mutating func addFile() -> Int {
                files += 1
                return files
            }

            mutating func block(_ place: Place) -> [UInt8]? {
                if let known = recent[place] { return known }
                guard let known = before[place] else { return nil }
                keep(known, place)
                return known
            }

            mutating func keep(_ block: [UInt8], _ place: Place) {
                if recent.count == Self.most {
                    before = recent
                    recent.removeAll(keepingCapacity: true)
                }
                recent[place] = block
            }
        }

        /// Opens a file with `count` data blocks. Throws if the hash of the last part of the file is not `hash`.
        init(_ path: String, count: Int, hash: Hash) throws {
            let file = try RandomAccessFile(path)
            let groups = (count + hashesInBlock - 1) / hashesInBlock
            let top = try file.read(at: (count + groups) * LedgerBlocks.size, groups * 32)
            guard top.count == groups * 32, Hash.keccak(top) == hash else { throw Problem(LedgerRule.index, at: path) }
            self.file = file
            self.count = count
            self.top = top
            number = Self.cache.withLock { $0.addFile() }
        }

        func block(_ index: Int) throws -> [UInt8] {
            let group = try block(at: count + index / hashesInBlock, top, index / hashesInBlock)
            return try block(at: index, group, index % hashesInBlock)
        }

        /// Reads a block. Throws if the block does not have the expected hash.
        ///
        /// - Parameters:
        ///   - index: the index of the block in the file.
        ///   - hashes: the block that contains the hash of the block to read.
        ///   - entry: the index of that hash in `hashes`.
        private func block(at index: Int, _ hashes: [UInt8], _ entry: Int) throws -> [UInt8] {
            let place = Cache.Place(file: number, index: index)
            if let known = Self.cache.withLock({ $0.block(place) }) { return known }
            let bytes = try file.read(at: index * LedgerBlocks.size, LedgerBlocks.size)
            guard Hash.keccak(bytes).bytes == Array(hashes[entry * 32..<entry * 32 + 32]) else {
                throw Problem(LedgerRule.index)
            }
            Self.cache.withLock { $0.keep(bytes, place) }
            return bytes
        }
    }

    struct Writer: ~Copyable {
        private let file: StagedFile
        private var block: [UInt8] = []
        private var hashes: [UInt8] = []
        private var waiting: [UInt8] = []

        init(_ path: String) throws(FileError) { file = try StagedFile(path) }

        /// Adds a record to the current block. The record must fit into the rest of the block.
        mutating func add(_ record: [UInt8]) throws(FileError) {
            block += record
            if block.count == size { try endBlock() }
        }

        /// Fills the rest of the current block with zeros, unless the block is empty.
        mutating func endBlock() throws(FileError) {
            guard !block.isEmpty else { return }
            block += [UInt8](repeating: 0, count: size - block.count)
            hashes += Hash.keccak(block).bytes
            waiting += block
            block.removeAll(keepingCapacity: true)
            if waiting.count >= 1 << 18 { try flush() }
        }

        private mutating func flush() throws(FileError) {
            try file.write(waiting.span)
            waiting.removeAll(keepingCapacity: true)
        }

        /// Writes the last data blocks, the hash blocks, and the last part of the file. If `isKept` is true, flushes
        /// the file to disk. Returns the hash of the last part, which depends on all blocks.
        mutating func finish(isKept: Bool) throws(FileError) -> Hash {
            try endBlock()
            let all = hashes
            hashes = []
            for start in stride(from: 0, to: all.count, by: size) {
                block = Array(all[start..<min(start + size, all.count)])
                try endBlock()
            }
            let top = hashes
            waiting += top
            try flush()
            try file.finish(isKept: isKept)
            return .keccak(top)
        }
    }
}
