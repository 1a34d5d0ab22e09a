import AirlockABI
import AirlockStrictJSON

/// Reads the bytes as the JSON that a compiler writes, or as the text of one of these: a type, a list of parameters, a
/// function, an event, an error.
func feedSignature(_ bytes: [UInt8]) throws(BrokenInvariant) -> Bool {
    if let json = try? JSONDocument(bytes), let contract = try? ABIInterface(json.root) {
        for function in contract.functions { try requireSame(function) }
        return true
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { return false }
    var isRead = false
    if let type = try? ABIType(text) {
        let name = type.description
        try require((try? ABIType(name))?.description == name, "the name of a type is read as that type")
        isRead = true
    }
    if let parameters = try? ABIParameters(text) {
        let name = parameters.description
        try require((try? ABIParameters(name))?.description == name, "the name of a tuple is read as that tuple")
        isRead = true
    }
    if let function = try? ABIFunction(text) {
        try requireSame(function)
        isRead = true
    }
    if let event = try? ABIEvent(text) {
        try require((try? ABIEvent(event.signature))?.topic == event.topic, "the signature of an event has its topic")
        isRead = true
    }
    if let revert = try? ABIRevert(text) {
        let again = try? ABIRevert(revert.signature)
        try require(again?.selector == revert.selector, "the signature of an error has its selector")
        isRead = true
    }
    return isRead
}

private func requireSame(_ function: ABIFunction) throws(BrokenInvariant) {
    let again = try? ABIFunction(function.signature)
    try require(again?.selector == function.selector, "the signature of a function has its selector")
}
