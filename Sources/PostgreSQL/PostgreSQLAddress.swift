internal import AirlockCPQ

/// Where a database of PostgreSQL is, as a connection URI says it (libpq's manual, "Connection URIs"). It may hold a
/// password, which no description shows.
package struct PostgreSQLAddress: Sendable, CustomStringConvertible, CustomReflectable {
    /// With the password.
    let uri: String
    /// Without the password and the settings.
    package let description: String
    /// Whether it holds a password of the user, or of a key.
    package let hasPassword: Bool
    let password: String?

    package var customMirror: Mirror { Mirror(self, children: ["address": description]) }

    /// Why a text is no address. It never quotes the text, which may hold a password.
    package struct Unreadable: Error, Hashable, Sendable {
        package let reason: String
    }

    /// Whether the text means a database of PostgreSQL, and not a file.
    package static func isOne(_ text: String) -> Bool {
        text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
    }

    package init(_ text: String) throws(Unreadable) {
        guard Self.isOne(text), !text.utf8.contains(0) else {
            throw Unreadable(reason: "it does not begin with postgresql://")
        }
        // Its own words quote the text, so they are not shown.
        guard let options = unsafe PQconninfoParse(text, nil) else {
            throw Unreadable(reason: "it is no connection URI of libpq")
        }
        defer { unsafe PQconninfoFree(options) }
        var values: [String: String] = [:]
        var option = unsafe options
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                unsafe values[String(cString: keyword)] = String(cString: value)
            }
            unsafe option += 1
        }
        // A password whose @ or / is not percent-encoded ends in the host, the port or the database, which are shown.
        let shown = ["host", "hostaddr", "port", "dbname", "user"].compactMap { values[$0] }
        let ports = values["port"] ?? ""
        guard !shown.contains(where: { $0.contains("@") }), ports.utf8.allSatisfy({ $0 == 0x2C || 0x30...0x39 ~= $0 })
        else { throw Unreadable(reason: "write @ as %40, / as %2F and : as %3A in a user name or password") }
        uri = text
        password = values["password"].flatMap { $0.isEmpty ? nil : $0 }
        hasPassword = password != nil || values["sslpassword"]?.isEmpty == false
        description = Self.shown(values)
    }

    private static func shown(_ values: [String: String]) -> String {
        let ports = (values["port"] ?? "").split(separator: ",", omittingEmptySubsequences: false)
        let names = (values["host"] ?? values["hostaddr"] ?? "").split(separator: ",", omittingEmptySubsequences: false)
        let hosts = names.enumerated().map { index, name in
            let port = index < ports.count ? ports[index] : ports.last ?? ""
            let host = name.contains(":") ? "[\(name)]" : name.replacing("/", with: "%2F")
            return port.isEmpty ? host : "\(host):\(port)"
        }
        let user = values["user"].map { "\($0)@" } ?? ""
        return "postgresql://\(user)\(hosts.joined(separator: ","))/\(values["dbname"] ?? "")"
    }

    /// The text without the password, should the server or libpq have repeated it.
    func withoutPassword(_ text: String) -> String {
        guard let password else { return text }
        return text.replacing(password, with: "…")
    }
}
