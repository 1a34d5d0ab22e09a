public import Foundation

/// The folder of the package that is tested.
public enum PackageRoot {
    public static let url = URL(filePath: #filePath).appending(path: "../../..").standardized

    public static var path: String { url.path }

    /// Returns the URL of a file or folder in the package.
    public static func url(_ path: String) -> URL { url.appending(path: path) }
}
