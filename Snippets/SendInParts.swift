import AirlockUR

// Splits bytes that do not fit into one QR code into parts of a fountain code. Enough parts give the bytes back,
// whichever parts they are.
let file = (0..<1000).map { UInt8($0 % 251) }
let encoder = FountainEncoder(UR(bytes: file), maximumFragment: 300)
print(encoder.count, "fragments;", encoder.part(1).text.prefix(40))

var decoder = URDecoder()
var sequence: UInt32 = 2
while decoder.result == nil {
    try decoder.receive(URText(encoder.part(sequence).text))
    sequence += 1
}
print(try decoder.result?.bytes() == file)
