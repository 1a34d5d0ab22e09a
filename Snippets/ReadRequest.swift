import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockRequestKinds
import AirlockRequests
import AirlockTokens

// Reads a payment URI (EIP-681) and detects the kind of the request. Then makes the call that pays it.
let uri =
    "ethereum:0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913@8453/transfer"
    + "?address=0x5eA054aEea285Ebc3A92eCB1f722f44304F72581&uint256=1050000"
let request = try RequestKinds.read(Array(uri.utf8))
print(type(of: request).kind, request.terms.owed[0].amount, "to", request.terms.payee)

let payer = try Address("0x5CbDd86a2FA8Dc4bDdd8a8f69dBa48572EeC07FB")
let call = try request.prove().action(ActionInputs(payer: payer)).call
print(call.to, call.data == ERC20.transfer(request.terms.payee, request.terms.owed[0].amount))
