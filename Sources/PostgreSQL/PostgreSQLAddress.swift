internal import AirlockCPQ

/// The address of a PostgreSQL database as a connection URI (libpq's manual, "Connection URIs"). The URI may contain a
/// password, so `description` leaves the password out.
package struct PostgreSQLAddress: Sendable, CustomStringConvertible, CustomReflectable {
    /// The connection URI, including the password.
    let uri: String
    /// The connection URI without the password and the settings.
    package let description: String
    /// Whether the address contains the user's password or the passphrase of a TLS key.
    package let hasPassword: Bool
    let password: String?

    package var customMirror: Mirror { Mirror(self, children: ["address": description]) }

    /// The reason why a string is not a PostgreSQL address. The reason never quotes the string, because it may contain
    /// a password.
    package struct Unreadable: Error, Hashable, Sendable {
        package let reason: String
    }

    /// Whether the string is a PostgreSQL address and not the path of a file.
    package static func isOne(_ text: String) -> Bool {
        text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
    }

    package init(_ text: String) throws(Unreadable) {
        guard Self.isOne(text), !text.utf8.contains(0) else {
            throw Unreadable(reason: "it does not begin with postgresql://")
        }
        // libpq's error message quotes the connection URI, which may contain a password. The message is therefore not
        // shown.
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
        // If an @ or / in the password is not percent-encoded, libpq reads part of the password as the host, port or
        // database. These parts are shown, so such an address is refused.
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

    /// Replaces the password in a message by an ellipsis. The message comes from the server or from libpq, and may
    /// quote the password.
    func withoutPassword(_ text: String) -> String {
        guard let password else { return text }
        return text.replacing(password, with: "…")
    }
}
