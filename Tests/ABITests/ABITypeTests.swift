import AirlockABI
import AirlockEthereumTypes
import Testing

@Suite("Types and signatures")
struct ABITypeTests {
    @Test(
        "are read, and shown in their canonical form",
        arguments: [
            ("uint", "uint256"), ("int", "int256"), ("uint8", "uint8"), ("int248", "int248"), ("address", "address"),
            ("bool", "bool"), ("bytes1", "bytes1"), ("bytes32", "bytes32"), ("bytes", "bytes"), ("string", "string"),
            ("function", "function"), ("uint[]", "uint256[]"), ("bytes[3][]", "bytes[3][]"), ("uint8[0]", "uint8[0]"),
            ("()", "()"), ("(uint,(address a,bytes b)[])", "(uint256,(address,bytes)[])"),
            (" ( uint a , address payable b ) [ 2 ] ", "(uint256,address)[2]"),
            ("tuple(uint a, bytes memory b)[]", "(uint256,bytes)[]"), ("string[0][]", "string[0][]"),
            ("(bool,(),uint8[0],string[])", "(bool,(),uint8[0],string[])"),
        ])
    func canonical(text: String, expected: String) throws {
        #expect(try ABIType(text).description == expected)
    }

    @Test(
        "are refused at the byte that breaks a rule",
        arguments: [
            ("", ABIRule.syntax, 0), (" ", .syntax, 1), ("uint256 a", .syntax, 8), ("uint8)", .syntax, 5),
            ("(uint8", .syntax, 6), ("(uint8,)", .syntax, 7), ("(uint8;bool)", .syntax, 6), ("(,uint8)", .syntax, 1),
            ("(uint8 a b)", .syntax, 9), ("(uint8 indexed a)", .syntax, 15), ("ü", .syntax, 0),
            ("uint9", .wrongWidth, 0), ("uint264", .wrongWidth, 0), ("uint0", .wrongWidth, 0),
            ("(bool,int08)", .wrongWidth, 6), ("bytes0", .wrongWidth, 0), ("bytes33", .wrongWidth, 0),
            ("bytes032", .wrongWidth, 0), ("int99999999999999999999", .wrongWidth, 0), ("uint8x", .wrongWidth, 0),
            ("Uint8", .unknownType, 0), ("fixed128x18", .unknownType, 0), ("tuple", .unknownType, 0),
            ("(bool, address8)", .unknownType, 7), ("byte", .unknownType, 0), ("string8", .unknownType, 0),
            ("bool[", .wrongArrayLength, 5), ("bool[1", .wrongArrayLength, 5), ("bool[01]", .wrongArrayLength, 5),
            ("bool[-1]", .wrongArrayLength, 5), ("bool[2 3]", .wrongArrayLength, 5),
            ("bool[9223372036854775808]", .wrongArrayLength, 5),
            ("()[]", .elementsWithoutSize, 0), ("(bool,()[2])", .elementsWithoutSize, 6),
            ("uint8[0][]", .elementsWithoutSize, 0), ("(uint8[0],())[9]", .elementsWithoutSize, 0),
            ("(bool,())[]", .elementsWithoutSize, 0), ("(bool,uint256[0])[2]", .elementsWithoutSize, 0),
            ("(bytes,())[]", .elementsWithoutSize, 0), ("(bool,(bytes,(address,())))[]", .elementsWithoutSize, 0),
            ("(bool,(string,())[3])", .elementsWithoutSize, 6), ("(bool,())[0]", .elementsWithoutSize, 0),
            ("bool[67108865]", .typeTooLarge, 0), ("bool[65536][65536][65536]", .typeTooLarge, 0),
            ("(bool[67108864],bool)", .typeTooLarge, 0),
        ])
    func refused(text: String, rule: ABIRule, offset: Int) throws {
        let error = try #require(throws: ABIError.self) { try ABIType(text) }
        #expect(error.rule == rule)
        #expect(error.place == .offset(offset))
    }

    @Test("may be nested sixty-four deep and no deeper")
    func depth() throws {
        let brackets = String(repeating: "[]", count: 64)
        #expect(try ABIType("bool\(brackets)").description == "bool\(brackets)")
        let opening = String(repeating: "(", count: 64)
        let closing = String(repeating: ")", count: 64)
        #expect(try ABIType("\(opening)bool\(closing)").headSize == 32)
        for (text, offset) in [("bool\(brackets)[]", 132), ("\(opening)(bool)\(closing)", 64)] {
            let error = try #require(throws: ABIError.self) { try ABIType(text) }
            #expect(error.rule == .tooDeep)
            #expect(error.place == .offset(offset))
        }
    }

    @Test(
        "know what stands in the head, and how large it is",
        arguments: [
            ("uint8", false, 32), ("bytes", true, 32), ("uint8[3]", false, 96), ("bytes[3]", true, 32),
            ("uint8[]", true, 32), ("(uint8,(bool,bool)[2])", false, 160), ("(uint8,string)", true, 32),
            ("uint8[0]", false, 0), ("bytes[0]", true, 32), ("()", false, 0),
        ])
    func head(text: String, isDynamic: Bool, size: Int) throws {
        let type = try ABIType(text)
        #expect(type.isDynamic == isDynamic)
        #expect(type.headSize == size)
    }

    @Test("keep the names of parameters and components")
    func names() throws {
        let parameters = try ABIParameters("(address to, (uint256 amount, bytes) part, bool)")
        #expect(parameters.elements.map(\.name) == ["to", "part", ""])
        guard case .tuple(let part) = parameters.elements[1].type.kind else {
            Issue.record("no tuple")
            return
        }
        #expect(part.elements.map(\.name) == ["amount", ""])
    }
}

@Suite("Declarations")
struct ABIDeclarationTests {
    @Test(
        "of functions are read as Solidity writes them",
        arguments: [
            ("transfer(address,uint256)", "0xa9059cbb", "()", ABIFunction.Mutability.nonpayable),
            ("function transfer(address to, uint amount) external returns (bool)", "0xa9059cbb", "(bool)", .nonpayable),
            (
                "function balanceOf(address owner) public view returns (uint256 balance)", "0x70a08231", "(uint256)",
                .view
            ),
            ("deposit() payable", "0xd0e30db0", "()", .payable), ("function()", "0x9d96e2df", "()", .nonpayable),
            ("function f() pure returns (uint)", "0x26121ff0", "(uint256)", .pure),
        ])
    func functions(text: String, selector: String, outputs: String, mutability: ABIFunction.Mutability) throws {
        let function = try ABIFunction(text)
        #expect(function.selector.description == selector)
        #expect(function.outputs.description == outputs)
        #expect(function.mutability == mutability)
    }

    @Test(
        "are refused at the byte that breaks a rule",
        arguments: [
            ("", ABIRule.syntax, 0), ("(uint8)", .syntax, 0), ("f", .syntax, 1), ("f uint8", .syntax, 2),
            ("function", .syntax, 8), ("f(uint8) private", .syntax, 9), ("f() returns", .syntax, 11),
            ("f() returns (bool) view", .syntax, 19), ("f(uint7)", .wrongWidth, 2), ("f();", .syntax, 3),
            ("f((uint8)[0][])", .elementsWithoutSize, 2), ("event E(bool)", .syntax, 6), ("1f()", .syntax, 0),
        ])
    func refusedFunctions(text: String, rule: ABIRule, offset: Int) throws {
        let error = try #require(throws: ABIError.self) { try ABIFunction(text) }
        #expect(error.rule == rule)
        #expect(error.place == .offset(offset))
    }

    @Test("of errors are read")
    func errors() throws {
        #expect(try ABIRevert("error InsufficientBalance(uint256 difference)").selector.description == "0x92665351")
        #expect(try ABIRevert("Error(string)").selector.description == "0x08c379a0")
        let error = try #require(throws: ABIError.self) { try ABIRevert("error E() view") }
        #expect(error.rule == .syntax)
        #expect(error.place == .offset(10))
    }

    @Test("of events are read")
    func events() throws {
        let event = try ABIEvent("event Transfer(address indexed from, address indexed to, uint256 value)")
        #expect(
            event.topic.description == "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef")
        #expect(event.isIndexed == [true, true, false])
        #expect(event.inputs.elements.map(\.name) == ["from", "to", "value"])
        #expect(try ABIEvent("E(uint indexed) anonymous").isAnonymous)
    }

    @Test(
        "of events are refused at the byte that breaks a rule",
        arguments: [
            ("event E(bool) view", ABIRule.syntax, 14), ("E((bool indexed a))", .syntax, 16),
            ("E(bool indexed,bool indexed,bool indexed,bool indexed)", .tooManyIndexed, 1),
            ("E(bool indexed,bool indexed,bool indexed,bool indexed,bool indexed) anonymous", .tooManyIndexed, 1),
        ])
    func refusedEvents(text: String, rule: ABIRule, offset: Int) throws {
        let error = try #require(throws: ABIError.self) { try ABIEvent(text) }
        #expect(error.rule == rule)
        #expect(error.place == .offset(offset))
    }
}
