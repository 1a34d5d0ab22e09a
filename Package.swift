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

/// The name of a module in the manifest. Module names must be unique in a whole package graph, so each of ours carries the
/// project's name, and its folder does not.
func module(_ folder: String) -> String { "Airlock\(folder)" }

func modules(_ folders: [String]) -> [Target.Dependency] { folders.map { .byName(name: module($0)) } }

/// A library of its own folder.
///
/// - Parameter files: are put into the code, as constants.
func layer(_ name: String, _ dependencies: [String] = [], embedding files: [String] = []) -> Target {
    .target(
        name: module(name), dependencies: modules(dependencies), path: "Sources/\(name)",
        resources: files.map { .embedInCode($0) }, swiftSettings: settings)
}

/// What draws QR codes, where that is asked for: a fully static binary does without, since no static library of it is to be
/// had.
func drawing(_ name: String, _ dependencies: [String], with libraries: [String]) -> Target {
    .target(
        name: module(name),
        dependencies: modules(dependencies)
            + libraries.map { .target(name: module($0), condition: .when(traits: ["QR"])) },
        path: "Sources/\(name)", swiftSettings: settings)
}

/// An executable of a few lines.
func tool(_ name: String, _ dependencies: [String]) -> Target {
    .executableTarget(
        name: name, dependencies: modules(dependencies), path: "Sources/\(name)", swiftSettings: settings)
}

/// The tests of one layer.
func tests(_ name: String, _ dependencies: [String] = []) -> Target { suite("\(name)Tests", [name] + dependencies) }

/// Tests of more than one layer, or of a tool as its users run it; `running` are tools that are there to be run.
func suite(_ name: String, _ dependencies: [String], running tools: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: modules(dependencies) + tools.map { .byName(name: $0) }, path: "Tests/\(name)",
        swiftSettings: settings)
}

/// What tests stand on: a library under Tests.
func support(_ name: String, _ dependencies: [String] = []) -> Target {
    .target(name: module(name), dependencies: modules(dependencies), path: "Tests/\(name)", swiftSettings: settings)
}

/// A tool that tests or the demo run, and no user does.
func supportTool(_ name: String, _ folder: String, _ dependencies: [String]) -> Target {
    .executableTarget(
        name: name, dependencies: modules(dependencies), path: "Tests/\(folder)", swiftSettings: settings)
}

/// A system library: a module map, which names what to link, and a shim header, no logic. Neither pkg-config nor the name of
/// a package is given: both make every build warn of libraries that are absent, even one that needs none of them.
func system(_ name: String) -> Target { .systemLibrary(name: module(name), path: "Sources/\(name)") }

/// C of our own.
func code(_ name: String, in folder: String = "Sources") -> Target {
    .target(name: module(name), path: "\(folder)/\(name)")
}

let layers: [Target] = [
    layer("Diagnostics"),
    layer("Keccak", ["CKeccak"]),
    layer("CSV", ["Diagnostics"]),
    layer("StrictJSON", ["Diagnostics"]),
    layer("EthereumTypes", ["CHex", "Keccak", "Diagnostics"]),
    layer("RLP", ["EthereumTypes", "Diagnostics"]),
    layer("StateProofs", ["Diagnostics", "EthereumTypes", "RLP"]),
    layer("UR", ["EthereumTypes", "Diagnostics"]),
    layer("ABI", ["EthereumTypes", "Keccak", "Diagnostics", "StrictJSON"]),
    layer("Gcrypt", ["CGcrypt", "Diagnostics"]),
    layer("Secp256k1", ["CSecp256k1", "EthereumTypes", "Diagnostics"]),
    layer("SecretKeys", ["CSecp256k1", "EthereumTypes", "Gcrypt", "Diagnostics", "Secp256k1"]),
    layer("Transactions", ["EthereumTypes", "Keccak", "Diagnostics", "RLP", "Secp256k1"]),
    layer("TypedData", ["ABI", "EthereumTypes", "Keccak", "Diagnostics", "StrictJSON"]),
    layer(
        "ClearSigning", ["ABI", "Diagnostics", "EthereumTypes", "Secp256k1", "StrictJSON", "TypedData"]),
    layer("Requests", ["ABI", "EthereumTypes", "Diagnostics", "StrictJSON"]),
    layer("Tokens", ["ABI", "EthereumTypes", "TypedData"]),
    layer(
        "PaymentFiles",
        ["Requests", "EthereumTypes", "Keccak", "Diagnostics", "Secp256k1", "StrictJSON", "Transactions"]),
    layer(
        "Charges",
        ["ABI", "EthereumTypes", "Keccak", "Diagnostics", "Requests", "Secp256k1", "StrictJSON", "Tokens"]),
    layer(
        "Transfers",
        [
            "ABI", "EthereumTypes", "PaymentFiles", "Diagnostics", "Requests", "Secp256k1", "StrictJSON", "Tokens",
            "TypedData",
        ]),
    layer(
        "Calls",
        [
            "ABI", "EthereumTypes", "PaymentFiles", "Diagnostics", "Requests", "Safes", "StrictJSON", "Tokens",
            "Transactions",
        ]),
    layer(
        "Safes",
        [
            "ABI", "Diagnostics", "EthereumTypes", "Keccak", "PaymentFiles", "Requests", "Secp256k1", "StateProofs",
            "StrictJSON", "TypedData",
        ]),
    layer(
        "Messages",
        ["ABI", "Diagnostics", "EthereumTypes", "Requests", "Safes", "StrictJSON", "Tokens", "TypedData"]),
    layer(
        "RequestKinds",
        ["Calls", "PaymentFiles", "Diagnostics", "Requests", "Safes", "StrictJSON", "Charges", "Transfers"]),
    layer("Files", ["CLinux", "Diagnostics"]),
    layer(
        "Policies",
        [
            "Diagnostics", "EthereumTypes", "Files", "PaymentFiles", "RequestKinds", "Requests", "StrictJSON", "Tokens",
        ]),
    layer("Keys", ["EthereumTypes", "Files", "Gcrypt", "Diagnostics", "Secp256k1", "SecretKeys", "StrictJSON"]),
    layer(
        "Signing",
        [
            "Policies",
            "ABI", "ClearSigning", "EthereumTypes", "Files", "Gcrypt", "Keccak", "Messages", "PaymentFiles",
            "Diagnostics", "RequestKinds", "Requests", "Safes", "Secp256k1", "SecretKeys", "StrictJSON", "Tokens",
            "Transactions", "TypedData",
        ]),
    layer(
        "Evidence",
        [
            "Diagnostics", "EthereumTypes", "Files", "Gcrypt", "Messages", "PaymentFiles", "Policies", "RequestKinds",
            "Requests", "Safes", "Secp256k1", "Signing", "StrictJSON", "Transactions",
        ]),
    layer("Sandbox", ["CLinux", "CSeccomp", "Diagnostics"]),
    layer("CommandLineTool", ["Diagnostics", "StrictJSON"]),
    drawing("QRCodes", ["CommandLineTool", "Diagnostics", "Files", "StrictJSON", "UR"], with: ["CQREncode"]),
    layer(
        "Presentation",
        [
            "ABI", "CSV", "Calls", "Charges", "CommandLineTool", "Diagnostics", "EthereumTypes", "Files",
            "PaymentFiles",
            "Policies", "RLP", "Requests", "Safes", "Secp256k1", "StateProofs", "StrictJSON", "Transactions",
            "Transfers", "TypedData", "UR",
        ]),
    layer(
        "RequestWriting",
        [
            "ABI", "CSV", "Calls", "CommandLineTool", "Diagnostics", "EthereumTypes", "Files", "Policies", "QRCodes",
            "Requests", "StrictJSON", "Transfers",
        ]),
    layer("HTTP", ["CCurl", "Diagnostics"]),
    layer("JSONRPC", ["EthereumTypes", "HTTP", "Diagnostics", "RLP", "StrictJSON"]),
    layer("OpenRouter", ["EthereumTypes", "HTTP", "Diagnostics", "StrictJSON"]),
    layer("SafeService", ["EthereumTypes", "HTTP", "Diagnostics", "Safes", "StrictJSON"]),
    layer("PostgreSQL", ["CPQ"]),
    layer(
        "Web", ["CMicroHTTPD", "Diagnostics"],
        embedding: [
            "Page/app.js", "Page/charts.js", "Page/dom.js", "Page/icon.svg", "Page/index.html", "Page/payment.js",
            "Page/payments.js", "Page/send.js", "Page/style.css", "Page/ur.js",
        ]),
    layer(
        "Broadcast",
        [
            "ABI", "CSQLite", "EthereumTypes", "Files", "HTTP", "JSONRPC", "Keccak", "PaymentFiles", "Diagnostics",
            "PostgreSQL", "RequestKinds",
            "Requests", "Safes", "Secp256k1", "StrictJSON", "Tokens", "Transactions",
        ]),
]

/// The system's own libraries, and what C has to say to Linux and to some CPUs.
let foreign: [Target] = [
    system("CSecp256k1"),
    system("CGcrypt"),
    system("CSeccomp"),
    system("CCurl"),
    system("CMicroHTTPD"),
    system("CSQLite"),
    system("CPQ"),
    system("CQREncode"),
    code("CHex"),
    code("CKeccak"),
    code("CLinux"),
]

/// The tools: usage text and wiring. Neither names a module that can sign by itself; `airlock` goes through Signing.
let tools: [Target] = [
    layer(
        "OfflineTool",
        [
            "Evidence", "Policies", "Presentation", "QRCodes", "RequestWriting", "UR",
            "ABI", "CSV", "ClearSigning", "CommandLineTool", "EthereumTypes", "Files", "Gcrypt", "Keccak", "Keys",
            "Messages",
            "PaymentFiles", "Diagnostics", "RLP", "RequestKinds", "Requests", "Safes", "Sandbox", "Secp256k1",
            "Signing",
            "StrictJSON", "Transactions", "TypedData",
        ]),
    layer(
        "RelayTool",
        [
            "Policies", "Presentation", "QRCodes", "RequestKinds", "RequestWriting", "Requests", "Tokens", "UR",
            "ABI", "Broadcast", "CLinux", "CSV", "CommandLineTool", "EthereumTypes", "Files", "HTTP", "JSONRPC",
            "OpenRouter",
            "PaymentFiles", "Diagnostics", "PostgreSQL", "RLP", "Secp256k1", "StrictJSON", "Transactions", "Calls",
            "Charges",
            "Safes",
            "SafeService", "Web",
        ]),
    tool("airlock", ["OfflineTool"]),
    tool("airlock-relay", ["RelayTool"]),
]

let checks: [Target] = [
    tests("Diagnostics"),
    tests("Keccak"),
    tests("CSV", ["Diagnostics"]),
    tests("StrictJSON", ["Diagnostics"]),
    tests("EthereumTypes", ["CHex", "Diagnostics"]),
    tests("RLP", ["EthereumTypes", "Diagnostics"]),
    tests("StateProofs", ["Diagnostics", "EthereumTypes", "RLP", "Samples", "StrictJSON"]),
    tests("UR", ["EthereumTypes", "Diagnostics"]),
    tests("ABI", ["EthereumTypes", "Diagnostics", "StrictJSON"]),
    tests("Gcrypt", ["Diagnostics", "TestSupport"]),
    tests("Secp256k1", ["EthereumTypes", "Diagnostics"]),
    tests("SecretKeys", ["EthereumTypes", "Gcrypt", "Diagnostics", "Samples", "Secp256k1"]),
    tests("Transactions", ["EthereumTypes", "Diagnostics", "RLP", "Secp256k1"]),
    tests("TypedData", ["ABI", "EthereumTypes", "Diagnostics", "StrictJSON"]),
    tests(
        "ClearSigning",
        [
            "ABI", "Charges", "DescriptorCases", "Diagnostics", "EthereumTypes", "Files", "Samples", "StrictJSON",
            "TestSupport", "TypedData",
        ]),
    tests("Charges", ["ABI", "EthereumTypes", "Diagnostics", "Requests", "Samples", "Tokens"]),
    tests("PaymentFiles", ["EthereumTypes", "Diagnostics", "Samples", "Secp256k1", "StrictJSON", "Transactions"]),
    tests(
        "Transfers", ["EthereumTypes", "Diagnostics", "Requests", "Samples", "Secp256k1", "SecretKeys", "StrictJSON"]),
    tests(
        "Calls",
        [
            "ABI", "EthereumTypes", "Diagnostics", "Policies", "RequestKinds", "Requests", "Samples", "StrictJSON",
            "Tokens", "Transactions", "Transfers",
        ]),
    tests(
        "Safes",
        [
            "Diagnostics", "EthereumTypes", "RLP", "Requests", "Samples", "StateProofs", "StrictJSON", "TypedData",
        ]),
    tests("Messages", ["Diagnostics", "EthereumTypes", "Requests"]),
    tests("Files", ["Diagnostics", "TestSupport"]),
    tests("Keys", ["EthereumTypes", "Files", "Gcrypt", "Diagnostics", "Samples", "SecretKeys", "TestSupport"]),
    tests(
        "Signing",
        [
            "Calls", "Policies",
            "ClearSigning", "EthereumTypes", "Files", "Messages", "PaymentFiles", "Diagnostics", "RequestKinds",
            "Requests", "Samples",
            "Secp256k1",
            "SecretKeys", "StrictJSON", "TestSupport", "Tokens", "Transactions", "Charges", "TypedData",
        ]),
    tests(
        "Evidence",
        ["Diagnostics", "EthereumTypes", "Files", "PaymentFiles", "Signing", "TestSupport", "ToolSupport"]),
    tests("Sandbox", ["CLinux", "Diagnostics", "TestSupport"]),
    tests("CommandLineTool", ["Diagnostics", "StrictJSON"]),
    tests("QRCodes", ["Diagnostics", "TestSupport", "ToolSupport", "UR"]),
    tests(
        "Presentation",
        ["CommandLineTool", "Diagnostics", "Files", "RequestKinds", "Requests", "StrictJSON", "TestSupport"]),
    tests(
        "RequestWriting",
        ["CommandLineTool", "Diagnostics", "EthereumTypes", "Presentation", "StrictJSON", "TestSupport", "Transfers"]),
    tests("HTTP", ["LoopbackServer", "Diagnostics", "TestSupport", "ToolSupport"]),
    tests("JSONRPC", ["EthereumTypes", "HTTP", "LoopbackServer", "Diagnostics"]),
    tests(
        "OpenRouter",
        [
            "EthereumTypes", "HTTP", "LoopbackServer", "Diagnostics", "StrictJSON", "TestSupport", "ToolSupport",
        ]),
    tests(
        "SafeService",
        [
            "ABI", "EthereumTypes", "LoopbackServer", "PaymentFiles", "Safes", "Samples", "Secp256k1", "StrictJSON",
            "TestSupport", "ToolSupport",
        ]),
    tests(
        "Broadcast",
        [
            "EthereumTypes", "HTTP", "JSONRPC", "LoopbackServer", "PaymentFiles", "Diagnostics", "PostgreSQL",
            "Requests", "Samples", "TestSupport", "ToolSupport", "Secp256k1", "StrictJSON", "Tokens", "Transactions",
            "ABI", "Calls", "Charges", "Safes", "Transfers",
        ]),
    tests("Web", ["Diagnostics", "TestSupport"]),
    tests("RelayTool", ["Broadcast", "EthereumTypes", "TestSupport", "ToolSupport"]),
    suite(
        "AirlockTests", ["Diagnostics", "EthereumTypes", "Samples", "StrictJSON", "TestSupport", "ToolSupport", "UR"]),
    suite("CompileFailTests", ["TestSupport", "ToolSupport"]),
    suite("ArchitectureTests", ["CommandLineTool", "Diagnostics", "StrictJSON", "TestSupport", "ToolSupport"]),
    suite(
        "DocumentationTests",
        ["EthereumTypes", "HTTP", "LoopbackServer", "StrictJSON", "TestSupport", "ToolSupport"]),
    suite(
        "DifferentialTests",
        [
            "ABI", "EthereumTypes", "RLP", "StateProofs", "StrictJSON", "TestSupport", "ToolSupport", "Transactions",
            "TypedData",
        ]),
    suite(
        "EndToEndTests",
        [
            "EthereumTypes", "HTTP", "LoopbackServer", "PostgreSQL", "Secp256k1", "SecretKeys", "TestSupport",
            "ToolSupport", "Transactions", "UR",
        ], running: ["probe-airlock", "probe-relay"]),
    suite(
        "ConformanceTests",
        [
            "ABI", "CGcrypt", "ClearSigning", "DescriptorCases", "EthereumTypes", "Files", "Gcrypt", "Keys",
            "Diagnostics",
            "RLP", "Safes", "Secp256k1", "SecretKeys", "StrictJSON", "Tokens", "ToolSupport", "Transactions",
            "Transfers", "TypedData", "UR",
        ]),
    suite("ConstantTimeTests", ["TestSupport", "ToolSupport"], running: ["constant-time-probe"]),
    suite("FuzzRegressionTests", ["FuzzSubjects", "TestSupport"]),
]

/// What tests and the demo stand on. Only ChargeMaker is a product: the nested benchmarks import it.
let supports: [Target] = [
    support("ChargeMaker", ["EthereumTypes", "SecretKeys", "StrictJSON", "Charges"]),
    support(
        "FuzzSubjects",
        [
            "CSV",
            "Policies",
            "ABI", "ClearSigning", "EthereumTypes", "Keys", "Messages", "PaymentFiles", "Diagnostics", "RLP", "Signing",
            "StrictJSON",
            "Transactions",
            "Calls", "Charges", "TypedData", "RequestKinds", "Requests", "Safes", "Tokens", "Transfers", "UR",
        ]),
    support(
        "DescriptorCases", ["ClearSigning", "EthereumTypes", "Files", "StrictJSON", "Transactions", "TypedData"]),
    support("LoopbackServer"),
    support(
        "Samples", ["EthereumTypes", "Gcrypt", "Diagnostics", "Secp256k1", "SecretKeys", "TestSupport", "TypedData"]),
    support("TestSupport", ["CSeccomp"]),
    support("ToolSupport", ["ChargeMaker", "Diagnostics", "EthereumTypes", "SecretKeys", "TestSupport", "Charges"]),
    code("CDeclassify", in: "Tests"),
    supportTool(
        "constant-time-probe", "ConstantTime",
        ["CDeclassify", "EthereumTypes", "Gcrypt", "Keys", "Secp256k1", "SecretKeys"]),
    support(
        "TipKind", ["CommandLineTool", "Diagnostics", "EthereumTypes", "PaymentFiles", "Requests", "StrictJSON"]),
    supportTool("probe-airlock", "ProbeAirlock", ["OfflineTool", "TipKind"]),
    supportTool("probe-relay", "ProbeRelay", ["RelayTool", "TipKind"]),
    supportTool(
        "demo-charge", "DemoCharge",
        [
            "ChargeMaker", "CommandLineTool", "EthereumTypes", "Files", "Gcrypt", "Diagnostics", "SecretKeys",
            "Charges",
        ]),
]

/// What the two tools are made of, and nobody else imports: their declarations are `package`.
let internalLayers = Set(
    ["CommandLineTool", "Evidence", "PostgreSQL", "Presentation", "QRCodes", "RequestWriting", "Sandbox", "Web"].map(
        module))

let package = Package(
    name: "airlock",
    products: (layers.map(\.name).filter { !internalLayers.contains($0) } + [module("ChargeMaker")]).map {
        .library(name: $0, targets: [$0])
    },
    traits: [
        .default(enabledTraits: ["QR"]),
        .trait(name: "QR", description: "what is put out as QR codes, drawn by libqrencode"),
    ],
    targets: layers + foreign + tools + checks + supports
)
