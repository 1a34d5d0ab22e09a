// swift-tools-version: 6.2
import PackageDescription

let layers = [
    "ABI", "ChargeMaker", "EthereumTypes", "Gcrypt", "Keccak", "PaymentFiles", "Problems", "RLP", "Secp256k1",
    "SecretKeys",
    "Signing", "StrictJSON", "Transactions", "TransferProtocol",
]

let package = Package(
    name: "airlock-benchmarks",
    dependencies: [.package(name: "airlock", path: "..")],
    targets: [
        .systemLibrary(name: "CBenchmarks", pkgConfig: "libgcrypt", providers: [.apt(["libgcrypt20-dev"])]),
        .executableTarget(
            name: "airlock-benchmarks",
            dependencies: ["CBenchmarks"] + layers.map { .product(name: $0, package: "airlock") },
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .strictMemorySafety(),
                .treatAllWarnings(as: .error),
            ]),
    ]
)
