import Glibc

/// The files under one folder, opened by relative paths that follow no symbolic link and never leave the folder.
public struct FolderTree: Sendable {
    /// As it was given. It may be a symbolic link itself: what lies under it may not.
    public let path: String

    /// How deep folders are looked into, and how many files are listed.
    static let maximumDepth = 8
    static let maximumCount = 20_000

    public init(_ path: String) { self.path = path }

    /// Reads a regular file whole. Every step of the path is a name: neither empty, nor `.`, nor `..`.
    public func read(_ name: String, limit: Int = InputFile.usualLimit) throws(FileError) -> [UInt8] {
        let shown = "\(path)/\(name)"
        let steps = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let last = steps.last, steps.allSatisfy({ !["", ".", ".."].contains($0) }) else {
            throw FileError(.missing, shown, reason: "the path leaves its folder")
        }
        var folder = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY, as: path, else: Self.rule)
        for step in steps.dropLast() {
            folder = try Descriptor(
                opening: step, in: folder.number, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, as: shown, else: Self.rule)
        }
        let file = try Descriptor(opening: last, in: folder.number, O_RDONLY | O_NOFOLLOW, as: shown, else: Self.rule)
        let facts = try file.facts()
        guard facts.isRegular else { throw FileError(.notRegular, shown) }
        try FilesInUse.ofThisRun.enter(facts, as: .input, shown)
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: limit + 1)
        defer { unsafe buffer.deallocate() }
        let count = try unsafe file.read(into: buffer)
        guard count <= limit else { throw FileError(.tooLarge, shown, reason: "more than \(limit) bytes") }
        return unsafe Array(buffer[..<count])
    }

    /// The relative paths of all regular files, in the order of their bytes. Hidden files and folders are left out, and
    /// so are symbolic links.
    public func files() throws(FileError) -> [String] {
        var found: [String] = []
        try list("", depth: 0, into: &found)
        return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private func list(_ folder: String, depth: Int, into found: inout [String]) throws(FileError) {
        let place = folder.isEmpty ? path : "\(path)/\(folder)"
        for name in try Folder.names(in: place) where !name.hasPrefix(".") {
            let relative = folder.isEmpty ? name : "\(folder)/\(name)"
            var status = stat()
            guard unsafe lstat("\(path)/\(relative)", &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR where depth < Self.maximumDepth: try list(relative, depth: depth + 1, into: &found)
            case S_IFREG: found.append(relative)
            default: break
            }
            guard found.count <= Self.maximumCount else {
                throw FileError(.tooLarge, path, reason: "more than \(Self.maximumCount) files")
            }
        }
    }

    private static func rule(_ code: Int32) -> FileRule {
        code == ELOOP ? .symbolicLink : code == ENOENT || code == ENOTDIR ? .missing : .unreadable
    }
}
