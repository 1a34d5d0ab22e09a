/// Arithmetic that reports overflow. If the standard library has a function for the same operation, the function here
/// has the same name. A function with an optional result returns `nil` if the result does not fit into a `UInt256`.
extension UInt256 {
    public func addingReportingOverflow(_ other: UInt256) -> (partialValue: UInt256, overflow: Bool) {
        let (s0, c0) = w0.addingReportingOverflow(other.w0)
        let (s1, c1) = add(w1, other.w1, c0)
        let (s2, c2) = add(w2, other.w2, c1)
        let (s3, c3) = add(w3, other.w3, c2)
        return (UInt256(s0, s1, s2, s3), c3)
    }

    public func subtractingReportingOverflow(_ other: UInt256) -> (partialValue: UInt256, overflow: Bool) {
        let (d0, b0) = w0.subtractingReportingOverflow(other.w0)
        let (d1, b1) = subtract(w1, other.w1, b0)
        let (d2, b2) = subtract(w2, other.w2, b1)
        let (d3, b3) = subtract(w3, other.w3, b2)
        return (UInt256(d0, d1, d2, d3), b3)
    }

    public func multipliedReportingOverflow(by other: UInt256) -> (partialValue: UInt256, overflow: Bool) {
        let left = limbs
        let right = other.limbs
        var product = InlineArray<8, UInt64>(repeating: 0)
        for i in 0..<4 {
            var carry: UInt64 = 0
            for j in 0..<4 {
                let (high, low) = left[i].multipliedFullWidth(by: right[j])
                let (sum, c0) = low.addingReportingOverflow(product[i + j])
                let (total, c1) = sum.addingReportingOverflow(carry)
                product[i + j] = total
                carry = high &+ (c0 ? 1 : 0) &+ (c1 ? 1 : 0)
            }
            product[i + 4] = carry
        }
        let overflow = product[4] | product[5] | product[6] | product[7] != 0
        return (UInt256(product[0], product[1], product[2], product[3]), overflow)
    }

    /// Returns this number times `factor`, plus `addend`.
    func multipliedReportingOverflow(
        by factor: UInt64, adding addend: UInt64
    ) -> (partialValue: UInt256, overflow: Bool) {
        let (r0, c0) = multiply(w0, factor, addend)
        let (r1, c1) = multiply(w1, factor, c0)
        let (r2, c2) = multiply(w2, factor, c1)
        let (r3, c3) = multiply(w3, factor, c2)
        return (UInt256(r0, r1, r2, r3), c3 != 0)
    }

    /// Divides by another number, and returns the quotient and the remainder. Returns `nil` if the divisor is zero.
    public func quotientAndRemainder(dividingBy divisor: UInt256) -> (quotient: UInt256, remainder: UInt256)? {
        guard !divisor.isZero else { return nil }
        if let small = UInt64(exactly: divisor) {
            let (quotient, remainder) = quotientAndRemainder(dividingBy: small)
            return (quotient, UInt256(remainder))
        }
        // Shift-and-subtract division is slow but simple. Divisors above 64 bits are rare.
        var quotient = UInt256.zero
        var remainder = UInt256.zero
        for bit in stride(from: 255 - leadingZeroBitCount, through: 0, by: -1) {
            let carriesOut = remainder.w3 >> 63 == 1
            remainder = remainder.doubled(adding: self[bit: bit])
            quotient = quotient.doubled(adding: 0)
            if carriesOut || remainder >= divisor {
                remainder = remainder.subtractingReportingOverflow(divisor).partialValue
                quotient = UInt256(quotient.w0 | 1, quotient.w1, quotient.w2, quotient.w3)
            }
        }
        return (quotient, remainder)
    }

    /// Divides by a number of at most 64 bits. The divisor must not be zero.
    func quotientAndRemainder(dividingBy divisor: UInt64) -> (quotient: UInt256, remainder: UInt64) {
        let (q3, r3) = w3.quotientAndRemainder(dividingBy: divisor)
        let (q2, r2) = divisor.dividingFullWidth((r3, w2))
        let (q1, r1) = divisor.dividingFullWidth((r2, w1))
        let (q0, r0) = divisor.dividingFullWidth((r1, w0))
        return (UInt256(q0, q1, q2, q3), r0)
    }

    /// The sum of two numbers. `nil` if the sum overflows.
    public func adding(_ other: UInt256) -> UInt256? {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? nil : sum
    }

    /// The difference of two numbers. `nil` if the difference would be negative.
    public func subtracting(_ other: UInt256) -> UInt256? {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? nil : difference
    }

    /// The product of two numbers. `nil` if the product overflows.
    public func multiplied(by other: UInt256) -> UInt256? {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? nil : product
    }

    private var limbs: InlineArray<4, UInt64> { [w0, w1, w2, w3] }

    private subscript(bit bit: Int) -> UInt64 { limbs[bit / 64] >> UInt64(bit % 64) & 1 }

    private func doubled(adding bit: UInt64) -> UInt256 {
        UInt256(w0 << 1 | bit, w1 << 1 | w0 >> 63, w2 << 1 | w1 >> 63, w3 << 1 | w2 >> 63)
    }
}

private func add(_ left: UInt64, _ right: UInt64, _ carry: Bool) -> (UInt64, Bool) {
    let (sum, c0) = left.addingReportingOverflow(right)
    let (total, c1) = sum.addingReportingOverflow(carry ? 1 : 0)
    return (total, c0 || c1)
}

/// The low and the high half of `left` * `right` + `addend`. The result always fits in 128 bits.
private func multiply(_ left: UInt64, _ right: UInt64, _ addend: UInt64) -> (low: UInt64, high: UInt64) {
    let (high, low) = left.multipliedFullWidth(by: right)
    let (sum, carry) = low.addingReportingOverflow(addend)
    return (sum, carry ? high &+ 1 : high)
}

private func subtract(_ left: UInt64, _ right: UInt64, _ borrow: Bool) -> (UInt64, Bool) {
    let (difference, b0) = left.subtractingReportingOverflow(right)
    let (total, b1) = difference.subtractingReportingOverflow(borrow ? 1 : 0)
    return (total, b0 || b1)
}
