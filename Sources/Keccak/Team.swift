/// Messages that one kernel takes in at once, the shortest first.
@safe
struct Team {
    private let kernel: Kernel
    /// All messages, and all digests; of the group the places among them.
    private let all: UnsafeBufferPointer<[UInt8]>
    private let digests: UnsafeMutableBufferPointer<Keccak256.Digest>
    private let group: UnsafeBufferPointer<Int>
    private let messages: UnsafeMutableBufferPointer<UnsafeRawBufferPointer>
    private let states: UnsafeMutableBufferPointer<UInt64>
    private let lastBlocks: UnsafeMutableBufferPointer<UInt64>

    /// Puts the digest of each message of the group into its place.
    static func hash(
        _ group: UnsafeBufferPointer<Int>, of all: UnsafeBufferPointer<[UInt8]>, by kernel: Kernel,
        into digests: UnsafeMutableBufferPointer<Keccak256.Digest>
    ) {
        // Memory that lies still: values of this size would be copied to and fro.
        unsafe withUnsafeTemporaryAllocation(of: UnsafeRawBufferPointer.self, capacity: kernel.width) { messages in
            unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 25 * kernel.width) { states in
                unsafe withUnsafeTemporaryAllocation(
                    of: UInt64.self, capacity: LastBlock.words * kernel.width
                ) { lastBlocks in
                    unsafe states.initialize(repeating: 0)
                    let team = unsafe Team(
                        kernel: kernel, all: all, digests: digests, group: group, messages: messages, states: states,
                        lastBlocks: lastBlocks)
                    team.gather(0)
                }
            }
        }
    }

    /// Every message is held within the call for the one before, and so all are when the last call comes.
    private func gather(_ slot: Int) {
        guard unsafe slot < group.count else { return absorb() }
        unsafe all[group[slot]].withUnsafeBytes { message in
            unsafe messages.initializeElement(at: slot, to: message)
            gather(slot + 1)
        }
    }

    private func absorb() {
        let count = unsafe group.count
        var shortest = 0
        var taken = 0
        while shortest < count {
            // All at once, until the shortest comes to its last block, and with it those that are as long.
            let whole = wholeBlocks(shortest)
            absorb(from: taken, whole - taken, ending: shortest..<shortest)
            var end = shortest
            while end < count, wholeBlocks(end) == whole {
                let block = unsafe lastBlocks.extracting(end * LastBlock.words..<(end + 1) * LastBlock.words)
                var words = unsafe block.mutableSpan
                unsafe LastBlock.write(of: messages[end].bytes, to: &words)
                end += 1
            }
            absorb(from: whole, 1, ending: shortest..<end)
            for slot in shortest..<end { unsafe digests.initializeElement(at: group[slot], to: digest(slot)) }
            shortest = end
            taken = whole + 1
        }
    }

    private func wholeBlocks(_ slot: Int) -> Int { unsafe messages[slot].count / State.rate }

    /// Takes in some blocks of the messages that have not ended yet; the last one of those that now end.
    private func absorb(from block: Int, _ blocks: Int, ending: Range<Int>) {
        guard blocks > 0 else { return }
        let count = unsafe group.count
        unsafe withUnsafeTemporaryAllocation(of: UnsafePointer<UInt8>?.self, capacity: kernel.width) { sources in
            for index in 0..<kernel.width {
                // Who has ended, or never begun, takes in once more what the longest does.
                let slot = index < ending.lowerBound || index >= count ? count - 1 : index
                let source =
                    ending.contains(slot)
                    ? unsafe UnsafeRawPointer(lastBlocks.baseAddress?.advanced(by: slot * LastBlock.words))
                    : unsafe messages[slot].baseAddress?.advanced(by: block * State.rate)
                unsafe sources.initializeElement(at: index, to: source?.assumingMemoryBound(to: UInt8.self))
            }
            unsafe kernel.absorb(states, UnsafeBufferPointer(sources), blocks: blocks)
        }
    }

    private func digest(_ slot: Int) -> Keccak256.Digest {
        func lane(_ index: Int) -> UInt64 { unsafe states[index * kernel.width + slot] }
        return Keccak256.Digest(lane(0), lane(1), lane(2), lane(3))
    }
}
