import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockStrictJSON

// Reads the members of an object. Collects all problems instead of stopping at the first one.
let document = try JSONDocument(Array(#"{"to":"0x5CbDd86a2FA8Dc4bDdd8a8f69dBa48572EeC07Fb","amount":7}"#.utf8))
var reader = ObjectReader(document.root)
_ = reader.string("to") { try Address($0) }
_ = reader.string("amount")
for problem in reader.problems { print(problem.code, "at", problem.field ?? "") }

print(JSONOutput.object([("ok", .boolean(true)), ("amount", .string("7"))]).text)
