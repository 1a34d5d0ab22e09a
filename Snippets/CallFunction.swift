import AirlockABI
import AirlockEthereumTypes

// Encodes the call data for a function of a contract, and decodes the answer of the function.
let balanceOf = try ABIFunction("function balanceOf(address owner) view returns (uint256)")
let owner = try Address("0x5CbDd86a2FA8Dc4bDdd8a8f69dBa48572EeC07FB")
print(Hex.encode(try balanceOf.encodeCall([.address(owner)])))

let answer = try Hex.decode("0x" + String(repeating: "0", count: 61) + "400")
print(try balanceOf.outputs.decode(answer))
