import AirlockABI
import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockTypedData

/// The descriptors that the caller trusts. The caller has already checked their hashes or attestations.
public struct Descriptors: Sendable {
    public let all: [Descriptor]

    public init(_ all: [Descriptor]) { self.all = all }

    /// Describes a call. Returns `nil` if no descriptor describes this function of this contract. Throws if several
    /// descriptors describe it, if a value does not meet the requirements of the descriptor, or if the descriptor
    /// cannot be applied completely.
    public func describe(_ call: ContractCall, names: any DisplayNames) throws(DescriptorError) -> Description? {
        var renderer = Renderer(names, self)
        do throws(Problem) { return try renderer.describe(call, depth: 0) } catch { throw DescriptorError(error) }
    }

    /// Describes a message. Returns `nil` if no descriptor describes messages of this type and domain.
    ///
    /// - Parameters:
    ///   - message: the message to describe.
    ///   - signer: the account that signs the message; `nil` if this account is not known.
    ///   - names: a provider of the names of addresses and tokens.
    public func describe(
        _ message: TypedData, signer: Address?, names: any DisplayNames
    ) throws(DescriptorError) -> Description? {
        let type = Descriptor.Format.message(message.encodeType)
        var renderer = Renderer(names, self)
        do throws(Problem) {
            let found = try renderer.matching(type) { binding throws(Problem) in try binding.check(message, names) }
            guard let (descriptor, format) = found else { return nil }
            return try renderer.describe(message, signer, descriptor, format)
        } catch { throw DescriptorError(error) }
    }
}

extension Descriptor {
    /// Describes a call with this descriptor. For calls inside this call, the descriptors `others` are used too.
    public func describe(
        _ call: ContractCall, among others: Descriptors = Descriptors([]), names: any DisplayNames
    ) throws(DescriptorError) -> Description {
        do throws(Problem) {
            guard !binding.isMessage else { throw Problem(DescriptorRule.unbound, expected: "a contract") }
            try binding.check(call.to, on: call.chain, names)
            guard let selector = AirlockABI.Selector(of: call.data.span) else { throw Problem(DescriptorRule.badData) }
            guard let format = try self.format(.function(selector), in: Problem.self) else {
                throw Problem(DescriptorRule.unknownFunction, saw: "\(selector)")
            }
            var renderer = Renderer(names, Descriptors(others.all.filter { $0.files != files } + [self]))
            return try renderer.describe(call, self, format, depth: 0)
        } catch { throw DescriptorError(error) }
    }

    /// Describes a message with this descriptor. For calls inside the message, the descriptors `others` are used too.
    public func describe(
        _ message: TypedData, signer: Address?, among others: Descriptors = Descriptors([]), names: any DisplayNames
    ) throws(DescriptorError) -> Description {
        do throws(Problem) {
            guard binding.isMessage else { throw Problem(DescriptorRule.unbound, expected: "eip712") }
            try binding.check(message, names)
            let type = Format.message(message.encodeType)
            guard let format = try self.format(type, in: Problem.self) else {
                throw Problem(DescriptorRule.unknownMessage, saw: message.primaryType)
            }
            var renderer = Renderer(names, Descriptors(others.all.filter { $0.files != files } + [self]))
            return try renderer.describe(message, signer, self, format)
        } catch { throw DescriptorError(error) }
    }

    /// Whether the descriptor has a display format for the function that this call calls on this contract. The display
    /// format is not applied, so it can be invalid, and the call data can be wrong.
    public func covers(_ call: ContractCall, names: any DisplayNames) -> Bool {
        guard !binding.isMessage, let selector = AirlockABI.Selector(of: call.data.span), has(.function(selector))
        else { return false }
        do throws(Problem) { try binding.check(call.to, on: call.chain, names) } catch { return false }
        return true
    }

    /// Whether the descriptor has a display format for messages of this type and domain. The display format is not
    /// applied, so it can be invalid.
    public func covers(_ message: TypedData, names: any DisplayNames) -> Bool {
        guard binding.isMessage, has(.message(message.encodeType)) else { return false }
        do throws(Problem) { try binding.check(message, names) } catch { return false }
        return true
    }

    /// Finds the display format for a function or message type. If this display format is invalid, throws only the
    /// first of its problems.
    func format(_ format: Format, in _: Problem.Type) throws(Problem) -> DisplayFormat? {
        do { return try self.format(format) } catch { throw error.problems[0] }
    }
}
