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
    "ABI", "EthereumTypes", "Keys", "PaymentFiles", "Problems", "RLP", "Signing", "StrictJSON", "Transactions",
    "TransferProtocol", "TypedData",
]

let package = Package(
    name: "airlock-fuzz",
    dependencies: [.package(name: "airlock", path: "../..")],
    targets: [
        // A link to the sources that the tests have: what users of the library need not see is no product of it.
        .target(
            name: "FuzzSubjects", dependencies: layers.map { .product(name: $0, package: "airlock") },
            swiftSettings: settings),
        .executableTarget(name: "airlock-fuzz", dependencies: ["FuzzSubjects"], swiftSettings: settings),
    ]
)
