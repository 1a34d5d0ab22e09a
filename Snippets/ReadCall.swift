import AirlockABI
import AirlockCalls
import AirlockStrictJSON

// Reads a call file, its function and its call data. The member `calls` of a policy decides whether the call may be
// signed.
let file = """
    {"airlock":1,"kind":"call","chainId":"8453","to":"0x5eA054aEea285Ebc3A92eCB1f722f44304F72581","value":"0",
    "function":"deposit(uint256)","arguments":["5000000"],"reference":"deposit 7"}
    """
let call = try UnverifiedCall(JSONDocument(Array(file.utf8)).root)
print(call.function?.function.signature ?? "", call.data.count, "bytes")
