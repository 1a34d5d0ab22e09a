import AirlockEthereumTypes
import AirlockKeys

/// Tries to read the bytes as the text of each kind of value: a number, hexadecimal bytes, an address, an amount, a
/// time, a derivation path. If there are at least 64 bytes, also checks arithmetic on two 256-bit integers: the first
/// 32 bytes and the next 32 bytes.
func feedText(_ bytes: [UInt8]) throws(BrokenInvariant) -> Bool {
    if let left = UInt256(bigEndian: bytes.span.extracting(first: 32)),
        let right = UInt256(bigEndian: bytes.span.extracting(droppingFirst: 32).extracting(first: 32)),
        bytes.count >= 64
    {
        try requireArithmetic(left, right)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { return false }
    var isRead = false
    func read<Value>(
        _ type: String, _ parse: (String) throws(ValueError) -> Value, _ write: (Value) -> String,
        isSame: ([UInt8], [UInt8]) -> Bool = (==)
    ) throws(BrokenInvariant) {
        guard let value = try? parse(text) else { return }
        try require(isSame(Array(write(value).utf8), bytes), "\(type) is written as it was read")
        isRead = true
    }
    let inAnyCase = { (left: [UInt8], right: [UInt8]) in left.map(lowercased) == right.map(lowercased) }
    try read("hex", { text throws(ValueError) in try Hex.decode(text) }, { Hex.encode($0) }, isSame: inAnyCase)
    try read("a word", { text throws(ValueError) in try Hash(hex: text) }, { $0.description }, isSame: inAnyCase)
    try read("an address", { text throws(ValueError) in try Address(text) }, { $0.description }, isSame: inAnyCase)
    try read("a number", { text throws(ValueError) in try UInt256(decimal: text) }, { $0.description })
    try read("a signed number", { text throws(ValueError) in try Int256(decimal: text) }, { $0.description })
    try read(
        "a quantity", { text throws(ValueError) in try UInt256(quantity: text) }, { $0.quantity }, isSame: inAnyCase)
    if let amount = try? Amount.parse(text, decimals: 18) {
        let written = Amount.format(amount, decimals: 18)
        try require((try? Amount.parse(written, decimals: 18)) == amount, "an amount is read as it was written")
        isRead = true
    }
    if let wei = try? Amount.parseNative(text, on: .base) {
        try require((try? Amount.parseNative("\(wei)wei", on: .base)) == wei, "an amount is a number of wei")
        isRead = true
    }
    if let time = try? Timestamp(text) {
        try require((try? Timestamp(time.description)) == time, "a time is read as it was written")
        isRead = true
    }
    if let path = try? DerivationPath(text) {
        try require((try? DerivationPath(path.description)) == path, "a path is read as it was written")
        isRead = true
    }
    if (try? Duration(text: text)) != nil || (try? Chain(text)) != nil { isRead = true }
    return isRead
}

private func lowercased(_ byte: UInt8) -> UInt8 {
    UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte + 32 : byte
}

private func requireArithmetic(_ left: UInt256, _ right: UInt256) throws(BrokenInvariant) {
    if let sum = left.adding(right) {
        try require(sum >= left && sum.subtracting(right) == left, "what is added can be taken away")
    } else {
        try require(UInt256.max.subtracting(left).map { $0 < right } == true, "a sum overflows when it must")
    }
    if let (quotient, remainder) = left.quotientAndRemainder(dividingBy: right) {
        try require(remainder < right, "a remainder is below the divisor")
        try require(quotient.multiplied(by: right)?.adding(remainder) == left, "a division can be undone")
    } else {
        try require(right.isZero, "only zero divides nothing")
    }
    if let product = left.multiplied(by: right), !right.isZero {
        try require(product.quotientAndRemainder(dividingBy: right)?.quotient == left, "a product can be undone")
    } else if let limit = UInt256.max.quotientAndRemainder(dividingBy: right)?.quotient {
        try require(left > limit, "a product overflows when it must")
    }
    for number in [left, right] {
        try require((try? UInt256(decimal: number.description)) == number, "a number is read as it was written")
        try require((try? UInt256(quantity: number.quantity)) == number, "a quantity is read as it was written")
        let signed = Int256(bitPattern: number)
        try require((try? Int256(decimal: signed.description)) == signed, "a sign is read as it was written")
        try require(UInt256(number.word) == number, "a word is the number it was")
    }
}
