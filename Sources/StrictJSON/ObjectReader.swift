public import AirlockDiagnostics

/// Reads one object's members, and collects what is wrong with them instead of stopping at the first.
///
/// Each method answers nil when it has recorded a problem, and so does an optional member that is absent or null.
/// The caller reads everything it needs, and then throws `ProblemList(reader.problems)` if there is one.
public struct ObjectReader {
    /// What is wrong so far, each problem at its JSON pointer. A hostile text gets no more than `problemLimit`.
    public private(set) var problems: [Problem] = []
    public static let problemLimit = 100

    private let value: JSONValue
    /// Which of the first 64 members were asked for, a bit for each.
    private var asked: UInt64 = 0
    /// Which of the others.
    private var othersAsked: Set<Int> = []

    /// What is no object is a problem by itself; its members are then missing without being complained of.
    public init(_ value: JSONValue) {
        self.value = value
        if value.kind != .object { refuse(value, expected: "an object") }
    }

    /// The JSON pointer of a member, whether it is there or not.
    public func pointer(to key: String) -> String { value.pointer + pointerToken(key) }

    // MARK: Members of any kind

    /// A member that must be there.
    public mutating func value(_ key: String) -> JSONValue? {
        if let member = member(key) { return member }
        if value.kind == .object {
            record([Problem(JSONRule.missingField, at: pointer(to: key))])
        }
        return nil
    }

    /// A member that may be absent or null.
    public mutating func optionalValue(_ key: String) -> JSONValue? {
        member(key).flatMap { $0.isNull ? nil : $0 }
    }

    /// Refuses null for members that may be left out, where it could be taken for something else than no member.
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

    /// A string and what it says; what `convert` throws is recorded at the member.
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

    /// A string and what it says, taken from its UTF-8 without making a String. Where `read` returns `nil`, `convert` reads
    /// the string again and says what is wrong with it.
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

    /// A number and what it says; what `convert` throws is recorded at the member.
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

    /// An object, read by a reader of its own whose problems become this one's; nil when there are any.
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

    /// An array of strings, or nil when one of them is refused.
    @inlinable
    public mutating func strings<T>(_ key: String, _ convert: (String) throws -> T) -> [T]? {
        array(key).flatMap { strings(of: $0, convert) }
    }

    @inlinable
    public mutating func optionalStrings<T>(_ key: String, _ convert: (String) throws -> T) -> [T]? {
        optionalArray(key).flatMap { strings(of: $0, convert) }
    }

    /// An array of objects, or nil when one of them is refused.
    @inlinable
    public mutating func objects<T>(_ key: String, _ body: (inout ObjectReader) throws -> T?) -> [T]? {
        array(key).flatMap { objects(of: $0, body) }
    }

    @inlinable
    public mutating func optionalObjects<T>(_ key: String, _ body: (inout ObjectReader) throws -> T?) -> [T]? {
        optionalArray(key).flatMap { objects(of: $0, body) }
    }

    // MARK: The end

    /// Refuses every member that was not asked for. For files of our own: others may say more than we read.
    public mutating func refuseUnknown() {
        guard value.kind == .object else { return }
        for (place, member) in value.children.enumerated() where !wasAsked(for: place) {
            guard problems.count < Self.problemLimit else { return }
            record([Problem(JSONRule.unknownField, at: member.pointer)])
        }
    }

    /// Records what the caller itself found wrong, at its place.
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

    /// Every element read, or nil when one of them is not there.
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

    /// What an error says, said of this value. One that can name no rule still refuses the value.
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
    /// An object whose keys are values themselves: no two may be the same, however they are written. A second key of the same
    /// value breaks the rule that is given. A member that cannot be read is recorded, and left out.
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

    /// An object read by a reader of its own, whose problems become this one's.
    public mutating func nested<Value>(_ value: JSONValue, _ body: (inout ObjectReader) -> Value?) -> Value? {
        var inner = ObjectReader(value)
        let result = body(&inner)
        record(inner.problems)
        return result
    }
}
