// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "airlock-fuzz",
    dependencies: [.package(name: "airlock", path: "../..")],
    targets: [
        .executableTarget(
            name: "airlock-fuzz",
            dependencies: [.product(name: "FuzzSubjects", package: "airlock")],
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .strictMemorySafety(),
                .treatAllWarnings(as: .error),
            ])
    ]
)
