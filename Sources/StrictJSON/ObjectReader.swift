public import AirlockDiagnostics

/// Reads the members of one object. The reader collects all problems and does not stop at the first.
///
/// Each method returns `nil` if it records a problem, or if an optional member is absent or null. The caller first
/// reads all members. Then the caller makes `ProblemList(reader.problems)`, and throws it if it is not `nil`.
public struct ObjectReader {
    /// The problems found so far. Each problem contains a JSON pointer. The reader records at most `problemLimit`
    /// problems, because an attacker could make a JSON text with any number of problems.
    public private(set) var problems: [Problem] = []
    public static let problemLimit = 100

    private let value: JSONValue
    /// A set of bits, one for each of the first 64 members of the object. A bit is 1 if the caller has read the member.
    private var asked: UInt64 = 0
    /// The positions of the members after the first 64 that the caller has read.
    private var othersAsked: Set<Int> = []

    /// Makes a reader. If the value is not an object, the reader records this as its only problem. It does not also
    /// report that required members are missing.
    public init(_ value: JSONValue) {
        self.value = value
        if value.kind != .object { refuse(value, expected: "an object") }
    }

    /// Returns the JSON pointer of a member, even if the object does not have this member.
    public func pointer(to key: String) -> String { value.pointer + pointerToken(key) }

    // MARK: Members of any type

    /// Reads a required member of any type.
    public mutating func value(_ key: String) -> JSONValue? {
        if let member = member(key) { return member }
        if value.kind == .object {
            record([Problem(JSONRule.missingField, at: pointer(to: key))])
        }
        return nil
    }

    /// Reads a member of any type. The member may be absent or null.
    public mutating func optionalValue(_ key: String) -> JSONValue? {
        member(key).flatMap { $0.isNull ? nil : $0 }
    }

    /// Refuses null as the value of the optional members in `keys`. Without this call, null means that the member is
    /// absent.
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

    /// Reads a string and converts it. If `convert` throws an error, the error is recorded with the JSON pointer of the
    /// member.
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

    /// Reads a string and converts it. The reader first passes the UTF-8 bytes of the string to `read`. This is fast,
    /// because no Swift `String` is made. `read` returns `nil` if the bytes are not a valid value. If the string has
    /// escapes, `read` is not called.
    ///
    /// If `read` is not called or returns `nil`, `convert` gets the string as a `String`, with escapes resolved. If the
    /// value is not valid, `convert` throws an error with the reason.
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

    // MARK: Numbers, returned as strings

    public mutating func number(_ key: String) -> String? {
        guard let member = value(key) else { return nil }
        return number(of: member)
    }

    public mutating func optionalNumber(_ key: String) -> String? {
        guard let member = optionalValue(key) else { return nil }
        return number(of: member)
    }

    /// Reads a number and passes it as a string to `convert`. If `convert` throws an error, the error is recorded with
    /// the JSON pointer of the member.
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

    /// Reads the object that is the value of a member. A separate reader reads it, and its problems are added to the
    /// problems of this reader. Returns `nil` if there are any problems.
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

    /// Reads an array of strings and converts each of them. Returns `nil` if a string is refused.
    @inlinable
    public mutating func strings<T>(_ key: String, _ convert: (String) throws -> T) -> [T]? {
        array(key).flatMap { strings(of: $0, convert) }
    }

    @inlinable
    public mutating func optionalStrings<T>(_ key: String, _ convert: (String) throws -> T) -> [T]? {
        optionalArray(key).flatMap { strings(of: $0, convert) }
    }

    /// Reads an array of objects. Returns `nil` if an object is refused.
    @inlinable
    public mutating func objects<T>(_ key: String, _ body: (inout ObjectReader) throws -> T?) -> [T]? {
        array(key).flatMap { objects(of: $0, body) }
    }

    @inlinable
    public mutating func optionalObjects<T>(_ key: String, _ body: (inout ObjectReader) throws -> T?) -> [T]? {
        optionalArray(key).flatMap { objects(of: $0, body) }
    }

    // MARK: The end

    /// Refuses every member that the caller has not read. Files of other programs can contain members that Airlock does
    /// not read. So call this only for Airlock's own files, and for data whose unknown members could change what is
    /// signed.
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

    /// Reads every element of an array. Returns `nil` if an element is refused.
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

    /// Converts an error to problems. The error was thrown when `value` was converted. Each problem gets the JSON
    /// pointer of `value`. If the error does not conform to `RuleBroken`, it contains no problems. The result is then
    /// one problem, which says that `value` has the wrong type.
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
    /// Reads an object whose member names are converted to values, such as addresses. If two different names give the
    /// same value, this is recorded as a problem with the rule `repeated`. A member that has a problem is omitted from
    /// the result. Once `problemLimit` problems are recorded, the other members are not read.
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
        for (name, member) in members where problems.count < Self.problemLimit {
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

    /// Reads a value with a separate reader, and adds its problems to the problems of this reader. If `problemLimit`
    /// problems are recorded already, returns `nil` without reading the value.
    public mutating func nested<Value>(_ value: JSONValue, _ body: (inout ObjectReader) -> Value?) -> Value? {
        guard problems.count < Self.problemLimit else { return nil }
        var inner = ObjectReader(value)
        let result = body(&inner)
        record(inner.problems)
        return result
    }
}
