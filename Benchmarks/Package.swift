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

func products(_ layers: String...) -> [Target.Dependency] {
    layers.map { .product(name: "Airlock\($0)", package: "airlock") }
}

let package = Package(
    name: "airlock-benchmarks",
    dependencies: [.package(name: "airlock", path: "..")],
    targets: [
        .systemLibrary(name: "CBenchmarks", pkgConfig: "libgcrypt", providers: [.apt(["libgcrypt20-dev"])]),
        // This target depends on little more than the codecs, so that it builds quickly. It is part of
        // `airlock-counts`, which counts the CPU instructions that the codecs execute. `airlock-counts` is built for
        // every commit.
        .target(
            name: "Operations",
            dependencies: products(
                "ABI", "ChargeMaker", "EthereumTypes", "Keccak", "RLP", "SecretKeys", "StrictJSON", "Tokens",
                "Transactions", "Charges"),
            swiftSettings: settings),
        .executableTarget(
            name: "airlock-counts", dependencies: ["CBenchmarks", "Operations"], swiftSettings: settings),
        .executableTarget(
            name: "airlock-benchmarks",
            dependencies: ["CBenchmarks", "Operations"]
                + products(
                    "EthereumTypes", "Gcrypt", "Keccak", "Diagnostics", "Policies", "Secp256k1", "SecretKeys",
                    "Signing",
                    "StrictJSON", "Transactions", "Charges"),
            swiftSettings: settings),
    ]
)
