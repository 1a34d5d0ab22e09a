// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let layers = [
    "ABI", "CSV", "ClearSigning", "EthereumTypes", "Keys", "PaymentFiles", "Policies", "Diagnostics", "RLP",
    "Signing",
    "StrictJSON", "Transactions", "Charges", "TypedData", "RequestKinds", "Requests", "Safes", "Transfers", "UR",
]

let package = Package(
    name: "airlock-fuzz",
    dependencies: [.package(name: "airlock", path: "../..")],
    targets: [
        // `Sources/FuzzSubjects` is a symbolic link to sources that the tests also use. No product of the library
        // contains these sources, because users of the library do not need them.
        .target(
            name: "AirlockFuzzSubjects",
            dependencies: layers.map { .product(name: "Airlock\($0)", package: "airlock") },
            path: "Sources/FuzzSubjects",
            swiftSettings: settings),
        .executableTarget(name: "airlock-fuzz", dependencies: ["AirlockFuzzSubjects"], swiftSettings: settings),
    ]
)
