/// The release that both tools belong to.
public enum Release {
    public static let version = "0.1.0"
}
