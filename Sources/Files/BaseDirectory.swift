import Glibc

/// The folders of the XDG Base Directory Specification (0.8) that Airlock uses.
public enum BaseDirectory: String, CaseIterable, Sendable {
    case config = "XDG_CONFIG_HOME"
    case state = "XDG_STATE_HOME"

    /// The folder's path.
    ///
    /// - Parameter environment: the value of an environment variable.
    public func path(_ environment: (String) -> String?) throws(FileError) -> String {
        // "All paths set in these environment variables must be absolute. If an implementation encounters a relative
        // path in any of these variables it should consider the path invalid and ignore it."
        if let path = environment(rawValue), path.hasPrefix("/") { return path }
        guard let home = environment("HOME"), home.hasPrefix("/") else { throw FileError(.noHome, rawValue) }
        return switch self {
        case .config: home + "/.config"
        case .state: home + "/.local/state"
        }
    }

    /// Creates a folder, and the ones above it that are missing, with the mode that the specification asks for.
    public static func create(_ path: String) throws(FileError) {
        var part = path.hasPrefix("/") ? "/" : ""
        for name in path.split(separator: "/") {
            part += name + "/"
            guard unsafe mkdir(part, 0o700) == 0 || errno == EEXIST else {
                throw FileError(.cannotCreate, path, errno: errno)
            }
        }
    }
}
