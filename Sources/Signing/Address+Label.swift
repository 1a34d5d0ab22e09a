import AirlockEthereumTypes

extension Address {
    /// With its label before it, which a policy may leave empty.
    func labelled(_ label: String) -> String { label.isEmpty ? description : "\(label) (\(self))" }
}
