public import AirlockDiagnostics

/// Collects the parts of one Uniform Resource (UR, BCR-2020-005), in any order. Parts may be repeated or missing.
///
/// Every part is an equation: its data is the XOR of its fragments. The decoder keeps only equations that are linearly
/// independent, so there are never more equations than fragments. This limits the decoder's memory to the message plus
/// the square of the number of fragments. When there are as many equations as fragments, the decoder solves them. A
/// part that contradicts earlier parts is refused.
public struct URDecoder: Sendable {
    /// The complete resource. `nil` until enough parts were received.
    public private(set) var result: UR?
    private var first: URPart?
    private var chooser: FragmentChooser?
    /// The stored equations. The key of each equation is the lowest index of its fragments.
    private var equations: [Int: Equation] = [:]

    public init() {}

    /// The number of useful parts that were received, and the number of useful parts that are needed. A part is not
    /// useful if its content follows from earlier parts. `nil` before the first part.
    public var progress: (received: Int, of: Int)? {
        if let first { return (equations.count, first.count) }
        return result.map { _ in (1, 1) }
    }

    /// Accepts the content of one QR code. If this function throws, the decoder does not change.
    public mutating func receive(_ text: URText) throws(Problem) {
        switch text {
        case .whole(let ur):
            guard first == nil, result == nil || result == ur else { throw Problem(URRule.otherMessage) }
            result = ur
        case .part(let part): try receive(part)
        }
    }

    private mutating func receive(_ part: URPart) throws(Problem) {
        guard first != nil || result == nil, Self.isSameMessage(part, first ?? part) else {
            throw Problem(URRule.otherMessage)
        }
        let chooser = chooser ?? FragmentChooser(count: part.count, checksum: part.checksum)
        var equation = Equation(chooser.fragments(in: part.sequence), of: part.count, part.data)
        // Eliminate the lowest fragment of the new equation by adding the stored equation with the same lowest
        // fragment. Repeat this until there is no such stored equation.
        var lowest = equation.lowest(from: 0)
        while let fragment = lowest, let known = equations[fragment] {
            equation.add(known)
            lowest = equation.lowest(from: fragment + 1)
        }
        guard let lowest else {
            guard equation.isZero else { throw Problem(URRule.contradiction, saw: "\(part.sequence)-\(part.count)") }
            return
        }
        var solved: UR?
        if equations.count + 1 == part.count {
            solved = try Self.solve(equations.merging([lowest: equation]) { $1 }, part)
        }
        first = first ?? part
        self.chooser = chooser
        equations[lowest] = equation
        result = result ?? solved
    }

    private static func isSameMessage(_ part: URPart, _ other: URPart) -> Bool {
        part.type == other.type && part.count == other.count && part.length == other.length
            && part.checksum == other.checksum && part.data.count == other.data.count
    }

    /// Solves the equations by back substitution, from the last fragment to the first. At each step, exactly one
    /// fragment of the equation is not known yet. The known fragments are removed from the equation.
    private static func solve(_ equations: [Int: Equation], _ part: URPart) throws(Problem) -> UR {
        var solved: [Equation] = []
        for index in (0..<part.count).reversed() {
            guard var equation = equations[index] else { throw Problem(URRule.contradiction) }
            var other = equation.lowest(from: index + 1)
            while let fragment = other {
                equation.add(solved[part.count - 1 - fragment])
                other = equation.lowest(from: fragment + 1)
            }
            solved.append(equation)
        }
        let bytes = solved.reversed().flatMap { $0.bytes(part.data.count) }
        let message = Array(bytes.prefix(part.length))
        guard CRC32.checksum(message) == part.checksum, bytes.dropFirst(part.length).allSatisfy({ $0 == 0 }) else {
            throw Problem(URRule.wrongChecksum)
        }
        return UR(type: part.type, message: message)
    }
}

/// A set of fragments, and the XOR of the data in these fragments. The set and the data are stored in words of 64 bits.
private struct Equation {
    private var fragments: [UInt64]
    private var sum: [UInt64]

    init(_ indexes: [Int], of count: Int, _ data: [UInt8]) {
        fragments = Array(repeating: 0, count: (count + 63) / 64)
        for index in indexes { fragments[index / 64] |= 1 << UInt64(index % 64) }
        sum = stride(from: 0, to: data.count, by: 8).map { start in
            let bytes = data[start..<min(start + 8, data.count)]
            return bytes.reduce(0) { $0 << 8 | UInt64($1) } << UInt64(8 * (8 - bytes.count))
        }
    }

    mutating func add(_ other: Equation) {
        for index in fragments.indices { fragments[index] ^= other.fragments[index] }
        for index in sum.indices { sum[index] ^= other.sum[index] }
    }

    func lowest(from start: Int) -> Int? {
        guard start < 64 * fragments.count else { return nil }
        var index = start / 64
        var word = fragments[index] & (~0 << UInt64(start % 64))
        while word == 0 {
            index += 1
            guard index < fragments.count else { return nil }
            word = fragments[index]
        }
        return 64 * index + word.trailingZeroBitCount
    }

    var isZero: Bool { sum.allSatisfy { $0 == 0 } }

    func bytes(_ count: Int) -> [UInt8] { Array(sum.flatMap { bigEndian($0) }.prefix(count)) }
}
