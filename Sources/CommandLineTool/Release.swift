/// The release that both tools belong to.
package enum Release {
    package static let version = "0.1.0"
}
