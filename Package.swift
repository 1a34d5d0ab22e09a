// swift-tools-version: 6.2
import PackageDescription

/// One constant for all Swift targets: Swift 6 mode, every warning an error, every import and every unsafe use said.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// A Swift layer: a target of its own folder, and a library product of the same name.
func layer(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// An executable: usage text and wiring.
func tool(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// The tests of one layer.
func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, swiftSettings: settings)
}

/// Tests of more than one layer, or of a tool as its users run it.
func suite(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// What tests stand on: a library under Tests that no product holds.
func support(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: settings)
}

/// A tool that tests or the demo run, and no user does.
func supportTool(_ name: String, _ folder: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Tests/\(folder)", swiftSettings: settings)
}

/// A system library: a module map, which names what to link, and a shim header, no logic. Neither pkg-config nor the name of
/// a package is given: both make every build warn of libraries that are absent, even one that needs none of them.
func system(_ name: String) -> Target { .systemLibrary(name: name) }

/// What draws QR codes, where that is asked for: a fully static binary does without, since no static library of it is
/// to be had.
func drawing(_ name: String) -> Target.Dependency { .target(name: name, condition: .when(traits: ["QR"])) }

let layers: [Target] = [
    layer("Problems"),
    layer("Keccak", ["CKeccak"]),
    layer("StrictJSON", ["Problems"]),
    layer("EthereumTypes", ["CHex", "Keccak", "Problems"]),
    layer("RLP", ["EthereumTypes", "Problems"]),
    layer("ABI", ["EthereumTypes", "Keccak", "Problems", "StrictJSON"]),
    layer("Gcrypt", ["CGcrypt", "Problems"]),
    layer("Secp256k1", ["CSecp256k1", "EthereumTypes", "Problems"]),
    layer("SecretKeys", ["CSecp256k1", "EthereumTypes", "Gcrypt", "Problems", "Secp256k1"]),
    layer("Transactions", ["EthereumTypes", "Problems", "RLP", "Secp256k1"]),
    layer("TypedData", ["ABI", "EthereumTypes", "Keccak", "Problems", "StrictJSON"]),
    layer("Requests", ["EthereumTypes", "Problems"]),
    layer("Tokens", ["ABI", "EthereumTypes", "TypedData"]),
    layer("PaymentFiles", ["EthereumTypes", "Keccak", "Problems", "Secp256k1", "StrictJSON", "Transactions"]),
    layer(
        "TransferProtocol",
        ["ABI", "EthereumTypes", "Keccak", "Problems", "Requests", "Secp256k1", "StrictJSON", "Tokens", "TypedData"]),
    layer(
        "Transfers",
        [
            "ABI", "EthereumTypes", "PaymentFiles", "Problems", "Requests", "Secp256k1", "StrictJSON", "Tokens",
            "TypedData",
        ]),
    layer(
        "RequestKinds",
        ["Problems", "Requests", "StrictJSON", "TransferProtocol", "Transfers"]),
    layer("Files", ["CLinux", "Problems"]),
    layer("Keys", ["EthereumTypes", "Files", "Gcrypt", "Problems", "Secp256k1", "SecretKeys", "StrictJSON"]),
    layer(
        "Signing",
        [
            "ABI", "EthereumTypes", "Files", "Gcrypt", "PaymentFiles", "Problems", "RequestKinds", "Requests",
            "Secp256k1", "SecretKeys", "StrictJSON", "Tokens", "Transactions", "TransferProtocol", "TypedData",
        ]),
    layer("Sandbox", ["CLinux", "CSeccomp", "Problems"]),
    layer("CommandLineTool", ["Problems", "StrictJSON"]),
    layer("HTTP", ["CCurl", "Problems"]),
    layer("JSONRPC", ["EthereumTypes", "HTTP", "Problems", "StrictJSON"]),
    layer("OpenRouter", ["EthereumTypes", "HTTP", "Problems", "StrictJSON"]),
    layer(
        "Broadcast",
        [
            "ABI", "CSQLite", "EthereumTypes", "Files", "JSONRPC", "Keccak", "PaymentFiles", "Problems", "RequestKinds",
            "Requests", "Secp256k1", "StrictJSON", "Tokens", "Transactions", "TransferProtocol", "Transfers",
        ]),
]

/// The system's own libraries, and what C has to say to Linux and to some CPUs.
let foreign: [Target] = [
    system("CSecp256k1"),
    system("CGcrypt"),
    system("CSeccomp"),
    system("CCurl"),
    system("CSQLite"),
    system("CQREncode"),
    .target(name: "CHex"),
    .target(name: "CKeccak"),
    .target(name: "CLinux"),
]

/// The tools: usage text and wiring. Neither names a module that can sign by itself; `airlock` goes through Signing.
let tools: [Target] = [
    tool(
        "airlock",
        [
            "ABI", drawing("CQREncode"), "CommandLineTool", "EthereumTypes", "Files", "Gcrypt", "Keccak", "Keys",
            "PaymentFiles", "Problems", "RLP", "RequestKinds", "Requests", "Sandbox", "Secp256k1", "Signing",
            "StrictJSON", "Transactions", "TransferProtocol", "Transfers", "TypedData",
        ]),
    tool(
        "airlock-relay",
        [
            "ABI", "Broadcast", "CommandLineTool", "EthereumTypes", "Files", "HTTP", "JSONRPC", "OpenRouter",
            "PaymentFiles", "Problems", "RLP", "Secp256k1", "StrictJSON", "Transactions", "TransferProtocol",
        ]),
]

let checks: [Target] = [
    tests("Problems"),
    tests("Keccak"),
    tests("StrictJSON", ["Problems"]),
    tests("EthereumTypes", ["CHex", "Problems"]),
    tests("RLP", ["EthereumTypes", "Problems"]),
    tests("ABI", ["EthereumTypes", "Problems", "StrictJSON"]),
    tests("Gcrypt", ["Problems", "TestSupport"]),
    tests("Secp256k1", ["EthereumTypes", "Problems"]),
    tests("SecretKeys", ["EthereumTypes", "Gcrypt", "Problems", "Samples", "Secp256k1"]),
    tests("Transactions", ["EthereumTypes", "Problems", "RLP", "Secp256k1"]),
    tests("TypedData", ["ABI", "EthereumTypes", "Problems", "StrictJSON"]),
    tests("TransferProtocol", ["ABI", "EthereumTypes", "Problems", "Samples", "Tokens"]),
    tests("PaymentFiles", ["EthereumTypes", "Problems", "Samples", "Secp256k1", "StrictJSON", "Transactions"]),
    tests("Transfers", ["EthereumTypes", "Problems", "Requests", "Samples", "Secp256k1", "SecretKeys", "StrictJSON"]),
    tests("Files", ["Problems", "TestSupport"]),
    tests("Keys", ["EthereumTypes", "Files", "Gcrypt", "Problems", "Samples", "SecretKeys", "TestSupport"]),
    tests(
        "Signing",
        [
            "EthereumTypes", "Files", "PaymentFiles", "Problems", "Requests", "Samples", "Secp256k1", "SecretKeys",
            "StrictJSON", "TestSupport", "Tokens", "Transactions", "TransferProtocol", "TypedData",
        ]),
    tests("Sandbox", ["CLinux", "Problems", "TestSupport"]),
    tests("CommandLineTool", ["Problems", "StrictJSON"]),
    tests("HTTP", ["LoopbackServer", "Problems", "TestSupport", "ToolSupport"]),
    tests("JSONRPC", ["EthereumTypes", "HTTP", "LoopbackServer", "Problems"]),
    tests(
        "OpenRouter",
        [
            "EthereumTypes", "HTTP", "LoopbackServer", "Problems", "StrictJSON", "TestSupport", "ToolSupport",
        ]),
    tests(
        "Broadcast",
        [
            "EthereumTypes", "HTTP", "JSONRPC", "LoopbackServer", "PaymentFiles", "Problems", "Requests", "Samples",
            "Secp256k1", "StrictJSON", "Tokens", "Transactions", "TransferProtocol", "Transfers",
        ]),
    suite("AirlockTests", ["EthereumTypes", "StrictJSON", "TestSupport", "ToolSupport"]),
    suite("CompileFailTests", ["TestSupport", "ToolSupport"]),
    suite("ArchitectureTests", ["ToolSupport"]),
    suite(
        "DocumentationTests",
        ["EthereumTypes", "HTTP", "LoopbackServer", "StrictJSON", "TestSupport", "ToolSupport"]),
    suite(
        "DifferentialTests",
        [
            "ABI", "EthereumTypes", "RLP", "StrictJSON", "ToolSupport", "Transactions", "TypedData",
        ]),
    suite(
        "EndToEndTests",
        [
            "EthereumTypes", "HTTP", "Secp256k1", "SecretKeys", "TestSupport", "ToolSupport", "Transactions",
        ]),
    suite(
        "ConformanceTests",
        [
            "ABI", "CGcrypt", "EthereumTypes", "Gcrypt", "Keys", "Problems", "RLP", "Secp256k1", "SecretKeys",
            "StrictJSON", "ToolSupport", "Transactions", "TypedData",
        ]),
    suite("ConstantTimeTests", ["TestSupport", "ToolSupport", "constant-time-probe"]),
    suite("FuzzRegressionTests", ["FuzzSubjects"]),
]

/// What tests and the demo stand on. Only ChargeMaker is a product: the nested benchmarks import it.
let supports: [Target] = [
    support("ChargeMaker", ["EthereumTypes", "SecretKeys", "StrictJSON", "TransferProtocol"]),
    support(
        "FuzzSubjects",
        [
            "ABI", "EthereumTypes", "Keys", "PaymentFiles", "Problems", "RLP", "Signing", "StrictJSON", "Transactions",
            "TransferProtocol", "TypedData",
        ]),
    support("LoopbackServer"),
    support("Samples", ["EthereumTypes", "Gcrypt", "Problems", "Secp256k1", "SecretKeys"]),
    support("TestSupport", ["CSeccomp"]),
    support("ToolSupport", ["ChargeMaker", "EthereumTypes", "SecretKeys", "TestSupport", "TransferProtocol"]),
    .target(name: "CDeclassify", path: "Tests/CDeclassify"),
    supportTool(
        "constant-time-probe", "ConstantTime",
        ["CDeclassify", "EthereumTypes", "Gcrypt", "Keys", "Secp256k1", "SecretKeys"]),
    supportTool(
        "demo-charge", "DemoCharge",
        [
            "ChargeMaker", "CommandLineTool", "EthereumTypes", "Files", "Gcrypt", "Problems", "SecretKeys",
            "TransferProtocol",
        ]),
]

let package = Package(
    name: "airlock",
    products: (layers.map(\.name) + ["ChargeMaker"]).map { .library(name: $0, targets: [$0]) },
    traits: [
        .default(enabledTraits: ["QR"]),
        .trait(name: "QR", description: "airlock sign --qr, drawn by libqrencode"),
    ],
    targets: layers + foreign + tools + checks + supports
)
