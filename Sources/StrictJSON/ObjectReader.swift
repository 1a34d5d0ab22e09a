public import AirlockDiagnostics

/// Reads one object's members. It collects all problems instead of stopping at the first.
///
/// Each method returns `nil` when it has recorded a problem, and for an optional member that is absent or null.
/// The caller reads everything it needs, and then throws `ProblemList(reader.problems)` unless that is `nil`.
public struct ObjectReader {
    /// The problems so far, each at its JSON pointer; at most `problemLimit`, since the text may be hostile.
    public private(set) var problems: [Problem] = []
    public static let problemLimit = 100

    private let value: JSONValue
    /// One bit for each of the first 64 members: whether it was requested.
    private var asked: UInt64 = 0
    /// The positions of the other members that were requested.
    private var othersAsked: Set<Int> = []

    /// Records one problem if the value is not an object, and none for the members that are then missing.
    public init(_ value: JSONValue) {
        self.value = value
        if value.kind != .object { refuse(value, expected: "an object") }
    }

    /// The JSON pointer of a member, whether it exists or not.
    public func pointer(to key: String) -> String { value.pointer + pointerToken(key) }

    // MARK: Members of any kind

    /// Reads a required member.
    public mutating func value(_ key: String) -> JSONValue? {
        if let member = member(key) { return member }
        if value.kind == .object {
            record([Problem(JSONRule.missingField, at: pointer(to: key))])
        }
        return nil
    }

    /// Reads a member that may be absent or null.
    public mutating func optionalValue(_ key: String) -> JSONValue? {
        member(key).flatMap { $0.isNull ? nil : $0 }
    }

    /// Refuses null for optional members for which null could mean something other than "absent".
    public mutating func refuseNull(_ keys: [String]) {
        for key in keys {
            guard let member = value[key], member.isNull else { continue }
            refuse(member, expected: "a value, or no such member")
        }
    }

    // MARK: Strings

    public mutating func string(_ key: String) -> String? {
        guard let member = value(key) else { return nil }
        return string(of: member)
    }

    public mutating func optionalString(_ key: String) -> String? {
        guard let member = optionalValue(key) else { return nil }
        return string(of: member)
    }

    /// Reads a string and converts it. An error that `convert` throws is recorded at the member.
    @inlinable
    public mutating func string<T>(_ key: String, _ convert: (String) throws -> T) -> T? {
        guard let member = value(key), let text = string(of: member) else { return nil }
        return converted(member, text, convert)
    }

    @inlinable
    public mutating func optionalString<T>(_ key: String, _ convert: (String) throws -> T) -> T? {
        guard let member = optionalValue(key), let text = string(of: member) else { return nil }
        return converted(member, text, convert)
    }

    /// Reads a string and converts its UTF-8, without making a `String`. If `read` returns `nil`, `convert` reads the
    /// string again and throws the error.
    @inlinable
    public mutating func string<T>(
        _ key: String, utf8 read: (Span<UInt8>) -> T?, _ convert: (String) throws -> T
    ) -> T? {
        guard let member = value(key) else { return nil }
        return self.read(member, read, convert)
    }

    @inlinable
    public mutating func optionalString<T>(
        _ key: String, utf8 read: (Span<UInt8>) -> T?, _ convert: (String) throws -> T
    ) -> T? {
        guard let member = optionalValue(key) else { return nil }
        return self.read(member, read, convert)
    }

    // MARK: Numbers, as text

    public mutating func number(_ key: String) -> String? {
        guard let member = value(key) else { return nil }
        return number(of: member)
    }

    public mutating func optionalNumber(_ key: String) -> String? {
        guard let member = optionalValue(key) else { return nil }
        return number(of: member)
    }

    /// Reads the text of a number and converts it. An error that `convert` throws is recorded at the member.
    @inlinable
    public mutating func number<T>(_ key: String, _ convert: (String) throws -> T) -> T? {
        guard let member = value(key), let text = number(of: member) else { return nil }
        return converted(member, text, convert)
    }

    @inlinable
    public mutating func optionalNumber<T>(_ key: String, _ convert: (String) throws -> T) -> T? {
        guard let member = optionalValue(key), let text = number(of: member) else { return nil }
        return converted(member, text, convert)
    }

    // MARK: Booleans

    public mutating func boolean(_ key: String) -> Bool? {
        value(key).flatMap { boolean(of: $0) }
    }

    public mutating func optionalBoolean(_ key: String) -> Bool? {
        optionalValue(key).flatMap { boolean(of: $0) }
    }

    // MARK: Objects

    /// Reads an object with its own reader and adds that reader's problems to this one's; `nil` if there are any.
    @discardableResult @inlinable
    public mutating func object<T>(_ key: String, _ body: (inout ObjectReader) throws -> T?) -> T? {
        guard let member = value(key) else { return nil }
        return object(of: member, body)
    }

    @discardableResult @inlinable
    public mutating func optionalObject<T>(_ key: String, _ body: (inout ObjectReader) throws -> T?) -> T? {
        guard let member = optionalValue(key) else { return nil }
        return object(of: member, body)
    }

    // MARK: Arrays

    public mutating func array(_ key: String) -> [JSONValue]? {
        value(key).flatMap { array(of: $0) }
    }

    public mutating func optionalArray(_ key: String) -> [JSONValue]? {
        optionalValue(key).flatMap { array(of: $0) }
    }

    /// Reads an array of strings; `nil` if one of them is refused.
    @inlinable
    public mutating func strings<T>(_ key: String, _ convert: (String) throws -> T) -> [T]? {
        array(key).flatMap { strings(of: $0, convert) }
    }

    @inlinable
    public mutating func optionalStrings<T>(_ key: String, _ convert: (String) throws -> T) -> [T]? {
        optionalArray(key).flatMap { strings(of: $0, convert) }
    }

    /// Reads an array of objects; `nil` if one of them is refused.
    @inlinable
    public mutating func objects<T>(_ key: String, _ body: (inout ObjectReader) throws -> T?) -> [T]? {
        array(key).flatMap { objects(of: $0, body) }
    }

    @inlinable
    public mutating func optionalObjects<T>(_ key: String, _ body: (inout ObjectReader) throws -> T?) -> [T]? {
        optionalArray(key).flatMap { objects(of: $0, body) }
    }

    // MARK: The end

    /// Refuses every member that was not requested. Use it only for Airlock's own files: files of other programs may
    /// have other members.
    public mutating func refuseUnknown() {
        guard value.kind == .object else { return }
        for (place, member) in value.children.enumerated() where !wasAsked(for: place) {
            guard problems.count < Self.problemLimit else { return }
            record([Problem(JSONRule.unknownField, at: member.pointer)])
        }
    }

    /// Records problems that the caller found.
    public mutating func record(_ found: [Problem]) {
        problems += found.prefix(Self.problemLimit - problems.count)
    }
}

extension ObjectReader {
    @usableFromInline
    mutating func member(_ key: String) -> JSONValue? {
        guard let (member, place) = value.member(key) else { return nil }
        if place < 64 { asked |= 1 << UInt64(place) } else { othersAsked.insert(place) }
        return member
    }

    private func wasAsked(for place: Int) -> Bool {
        place < 64 ? asked >> UInt64(place) & 1 == 1 : othersAsked.contains(place)
    }

    @usableFromInline
    mutating func refuse(_ value: JSONValue, expected: String) {
        guard problems.count < Self.problemLimit else { return }
        record([Problem(JSONRule.wrongType, at: value.pointer, saw: value.text, expected: expected)])
    }

    @usableFromInline
    mutating func string(of value: JSONValue) -> String? {
        guard let string = value.string else {
            refuse(value, expected: "a string")
            return nil
        }
        return string
    }

    @usableFromInline
    mutating func number(of value: JSONValue) -> String? {
        guard let number = value.number else {
            refuse(value, expected: "a number")
            return nil
        }
        return number
    }

    private mutating func boolean(of value: JSONValue) -> Bool? {
        guard let boolean = value.boolean else {
            refuse(value, expected: "true or false")
            return nil
        }
        return boolean
    }

    @usableFromInline
    mutating func array(of value: JSONValue) -> [JSONValue]? {
        guard let elements = value.elements else {
            refuse(value, expected: "an array")
            return nil
        }
        return elements
    }

    @inlinable
    mutating func object<T>(of value: JSONValue, _ body: (inout ObjectReader) throws -> T?) -> T? {
        guard value.kind == .object else {
            refuse(value, expected: "an object")
            return nil
        }
        var reader = ObjectReader(value)
        defer { record(reader.problems) }
        do {
            let read = try body(&reader)
            return reader.problems.isEmpty ? read : nil
        } catch {
            reader.record(problems(of: error, at: value))
            return nil
        }
    }

    @inlinable
    mutating func strings<T>(of elements: [JSONValue], _ convert: (String) throws -> T) -> [T]? {
        all(elements) { reader, element in
            reader.string(of: element).flatMap { reader.converted(element, $0, convert) }
        }
    }

    @inlinable
    mutating func objects<T>(
        of elements: [JSONValue], _ body: (inout ObjectReader) throws -> T?
    ) -> [T]? {
        all(elements) { reader, element in reader.object(of: element, body) }
    }

    /// Reads every element; `nil` if one of them is refused.
    @inlinable
    mutating func all<T>(
        _ elements: [JSONValue], _ read: (inout ObjectReader, JSONValue) -> T?
    ) -> [T]? {
        var values: [T] = []
        values.reserveCapacity(elements.count)
        for element in elements {
            guard problems.count < Self.problemLimit else { return nil }
            if let value = read(&self, element) { values.append(value) }
        }
        return values.count == elements.count ? values : nil
    }

    @inlinable
    mutating func read<T>(
        _ member: JSONValue, _ read: (Span<UInt8>) -> T?, _ convert: (String) throws -> T
    ) -> T? {
        if let (text, range) = member.plainString, let value = read(text.span.extracting(range)) { return value }
        guard let text = string(of: member) else { return nil }
        return converted(member, text, convert)
    }

    @inlinable
    mutating func converted<T>(
        _ value: JSONValue, _ text: String, _ convert: (String) throws -> T
    ) -> T? {
        do {
            return try convert(text)
        } catch {
            record(problems(of: error, at: value))
            return nil
        }
    }

    /// The problems of an error, at this value. An error without a rule becomes a wrong type, so that it still refuses
    /// the value.
    @usableFromInline
    func problems(of error: any Error, at value: JSONValue) -> [Problem] {
        guard let broken = error as? any RuleBroken else {
            return [Problem(JSONRule.wrongType, at: value.pointer, saw: value.text)]
        }
        let pointer = value.pointer
        return broken.problems.map { $0.at(pointer) }
    }
}

extension ObjectReader {
    /// Reads an object whose keys are values, such as addresses. Two keys of the same value, even if they are written
    /// differently, break the rule `repeated`. Problems of a member are recorded, and the member is left out.
    public mutating func keyed<Key: Hashable, Value>(
        _ object: JSONValue?, repeated: any Rule, key: (String) throws -> Key,
        value: (inout ObjectReader, _ name: String, JSONValue) -> Value?
    ) -> [Key: Value]? {
        guard let object else { return nil }
        guard let members = object.members else {
            record(ObjectReader(object).problems)
            return nil
        }
        var result: [Key: Value] = [:]
        for (name, member) in members {
            guard let read = value(&self, name, member) else { continue }
            do {
                let key = try key(name)
                if result.updateValue(read, forKey: key) != nil {
                    record([Problem(repeated, at: member.pointer, saw: name)])
                }
            } catch let broken as any RuleBroken {
                record(broken.problems.map { $0.at(member.pointer) })
            } catch {
                record([Problem(JSONRule.wrongType, at: member.pointer, saw: name)])
            }
        }
        return result
    }

    /// Reads an object with its own reader, and adds that reader's problems to this one's.
    public mutating func nested<Value>(_ value: JSONValue, _ body: (inout ObjectReader) -> Value?) -> Value? {
        var inner = ObjectReader(value)
        let result = body(&inner)
        record(inner.problems)
        return result
    }
}
