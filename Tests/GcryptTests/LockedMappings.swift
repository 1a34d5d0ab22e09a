import Foundation

/// Returns the address ranges of this process whose pages are locked. The kernel reports them in /proc/self/smaps.
func lockedMappings() throws -> [Range<UInt>] {
    // String(contentsOfFile:) is not used, because it stops at the first short read.
    let smaps = try FileHandle(forReadingFrom: URL(filePath: "/proc/self/smaps")).readToEnd() ?? Data()
    var locked: [Range<UInt>] = []
    var current: Range<UInt>?
    for line in String(decoding: smaps, as: UTF8.self).split(separator: "\n") {
        let words = line.split(separator: " ")
        let bounds = words[0].split(separator: "-").map { UInt($0, radix: 16) }
        if bounds.count == 2, let low = bounds[0], let high = bounds[1] { current = low..<high }
        // "lo" in VmFlags means that the pages are locked with mlock (proc(5)).
        if words[0] == "VmFlags:", words.contains("lo"), let current { locked.append(current) }
    }
    return locked
}
