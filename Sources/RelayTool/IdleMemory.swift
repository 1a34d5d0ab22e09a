import AirlockFiles
import Glibc

/// What a process that waits for long need not hold.
enum IdleMemory {
    /// Lets go of the pages that only mirror program files: the kernel brings back what is used again. They are most of
    /// what the process holds, since half of its libraries' code ran once, to start.
    static func giveBack() {
        guard let maps = try? InputFile.read("/proc/self/maps").bytes else { return }
        for line in String(decoding: maps, as: UTF8.self).split(separator: "\n") {
            // proc(5): addresses, permissions, offset, device, inode, path. Code alone: what can be executed is never
            // altered here, and what the loader altered would be lost.
            let fields = line.split(separator: " ", maxSplits: 5)
            let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard fields.count == 6, fields[1] == "r-xp", fields[5].contains("/"), ends.count == 2 else { continue }
            unsafe madvise(UnsafeMutableRawPointer(bitPattern: ends[0]), Int(ends[1] - ends[0]), MADV_DONTNEED)
        }
    }
}
