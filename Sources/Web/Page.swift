import AirlockDiagnostics

/// The files of the web page. They are embedded in the program.
package enum Page {
    /// The text in `index.html` that is replaced by the CSRF token.
    static let placeholder = #"<meta name="airlock-token" content="">"#

    /// The routes that serve the files of the web page.
    ///
    /// - Parameter token: the CSRF token, which the page contains. The page sends this token with every request that
    ///   changes something.
    package static func routes(token: String) -> [WebRoute] {
        let page = String(decoding: PackageResources.index_html, as: UTF8.self)
            .replacing(placeholder, with: #"<meta name="airlock-token" content="\#(token)">"#)
        let scripts: [(String, [UInt8])] = [
            ("app", PackageResources.app_js), ("charts", PackageResources.charts_js), ("dom", PackageResources.dom_js),
            ("payment", PackageResources.payment_js), ("payments", PackageResources.payments_js),
            ("send", PackageResources.send_js), ("ur", PackageResources.ur_js),
        ]
        var files: [(String, String, [UInt8])] = [
            ("/", "text/html; charset=utf-8", Array(page.utf8)),
            ("/style.css", "text/css; charset=utf-8", PackageResources.style_css),
            ("/icon.svg", "image/svg+xml", PackageResources.icon_svg),
        ]
        files += scripts.map { ("/\($0).js", "text/javascript; charset=utf-8", $1) }
        return files.map { path, type, bytes in WebRoute(.get, path) { _ in WebResponse(type: type, bytes) } }
    }
}
