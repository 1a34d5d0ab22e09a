package import AirlockEthereumTypes

extension Address {
    /// With its label before it, which a policy may leave empty.
    package func labelled(_ label: String) -> String { label.isEmpty ? description : "\(label) (\(self))" }
}
