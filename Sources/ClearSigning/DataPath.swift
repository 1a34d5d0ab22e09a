import AirlockDiagnostics

/// A path to a value, as a descriptor writes it. Examples: `params.path.[0:20]`, `#.details.[].token`, `@.value`,
/// `$.metadata.constants.max`.
struct DataPath: Hashable {
    enum Root: Hashable {
        /// A relative path, which does not begin with `#`, `@` or `$`. Inside a group that has its own path, a relative
        /// path begins at the value that the group's path selects. In all other places, it begins at the arguments of
        /// the function, or at the message.
        case relative
        /// A path whose first character is `#`. It begins at the arguments of the function, or at the message.
        case data
        /// A path whose first character is `@`. It begins at the transaction, or at the domain of the message.
        case container
        /// A path whose first character is `$`. It begins at the descriptor itself.
        case descriptor
    }

    enum Step: Hashable {
        case member(String)
        case element(Int)
        case slice(Int?, Int?)

        static let all = Step.slice(nil, nil)
    }

    var root: Root
    var steps: [Step]

    static let longest = 512

    init(root: Root, steps: [Step]) {
        self.root = root
        self.steps = steps
    }

    init(_ text: String) throws(Problem) {
        let wrong = Problem(DescriptorRule.badPath, saw: text)
        guard text.utf8.count <= Self.longest else { throw wrong }
        var rest = text[...]
        switch text.first {
        case "#": root = .data
        case "@": root = .container
        case "$": root = .descriptor
        default: root = .relative
        }
        steps = []
        if root != .relative {
            rest = rest.dropFirst()
            if rest.isEmpty { return }
            guard rest.first == "." else { throw wrong }
            rest = rest.dropFirst()
        }
        for part in rest.split(separator: ".", omittingEmptySubsequences: false) {
            let name = part.prefix { $0 != "[" }
            var selectors = part.dropFirst(name.count)
            guard !part.isEmpty, !name.contains("]") else { throw wrong }
            if !name.isEmpty { steps.append(.member(String(name))) }
            while !selectors.isEmpty {
                guard selectors.first == "[", let end = selectors.firstIndex(of: "]"),
                    let step = Self.selector(selectors[..<end].dropFirst())
                else { throw wrong }
                steps.append(step)
                selectors = selectors[end...].dropFirst()
            }
        }
    }

    /// Reads the text between the brackets `[` and `]` of a path. Empty text selects all elements. Any other text must
    /// be an index, or a slice such as `0:20`. A slice must not contain a step.
    private static func selector(_ text: Substring) -> Step? {
        if text.isEmpty { return .all }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        func bound(_ part: Substring) -> Int?? {
            if part.isEmpty { return .some(nil) }
            guard let number = Int(part), String(number) == part, -1 << 20...1 << 20 ~= number else { return nil }
            return number
        }
        switch parts.count {
        case 1: return bound(parts[0]).flatMap { $0 }.map { .element($0) }
        case 2:
            guard let from = bound(parts[0]), let to = bound(parts[1]) else { return nil }
            return .slice(from, to)
        default: return nil
        }
    }

    /// Returns an equivalent path that begins at the root of the arguments. If this path is relative, its steps are
    /// appended to the steps of `scope`. `scope` is the path of the value at which a relative path begins. Removes `[]`
    /// from the end of the path, because `amounts` and `amounts.[]` select the same values.
    func absolute(in scope: DataPath) -> DataPath {
        var path = self
        if root == .relative { path = DataPath(root: .data, steps: scope.steps + steps) }
        while path.steps.last == .all { path.steps.removeLast() }
        return path
    }
}

/// The position of an array element, for a path that iterates over the array. `index` is the number of the element
/// among the visited elements, counted from 0. `count` is the number of visited elements.
struct ArrayPosition: Equatable {
    let index: Int
    let count: Int
}

/// A value that was reached by following steps of a path. Further steps can continue from this value. If the followed
/// steps iterated over arrays, `positions` contains the position of the selected element in each of these arrays.
struct PathValue {
    let value: Datum
    let positions: [ArrayPosition]

    /// The maximum number of array elements that a path is allowed to select. A path that selects more is refused,
    /// because nobody would read so many elements.
    static let mostElements = 1024

    /// Follows the steps of a path from this value, and returns all values that it leads to.
    ///
    /// - Parameters:
    ///   - steps: the steps that remain to be followed.
    ///   - fixed: the positions of the value that is being formatted. There is one position for each array over which
    ///     the path of that value iterates, from the outermost array to the innermost. If a step iterates over an
    ///     array, it selects only the element at the next of these positions. If no position is left, the step selects
    ///     all elements of the array.
    ///   - level: the index in `fixed` of the position for the next array over which a step iterates.
    func follow(_ steps: ArraySlice<DataPath.Step>, fixed: [ArrayPosition], level: Int) throws(Problem) -> [PathValue] {
        guard let step = steps.first else { return [self] }
        let rest = steps.dropFirst()
        switch (step, value) {
        case (.member(let name), .structure(let parts)):
            let found = parts.filter { $0.name.utf8.elementsEqual(name.utf8) }
            guard found.count == 1 else { throw Problem(DescriptorRule.noValue, saw: name) }
            return try PathValue(value: found[0].value, positions: positions).follow(rest, fixed: fixed, level: level)
        case (.element(let index), .list(let elements)):
            let position = index < 0 ? elements.count + index : index
            guard elements.indices.contains(position) else { throw Problem(DescriptorRule.noValue, saw: "[\(index)]") }
            return try PathValue(value: elements[position], positions: positions).follow(
                rest, fixed: fixed, level: level)
        case (.slice(let from, let to), .list(let elements)):
            guard let range = Datum.range(from, to, of: elements.count) else {
                throw Problem(DescriptorRule.noValue, saw: "a slice of \(elements.count) elements")
            }
            if level < fixed.count {
                let position = fixed[level]
                guard position.count == range.count else {
                    throw Problem(DescriptorRule.arrayLengths, saw: "\(range.count)", expected: "\(position.count)")
                }
                return try PathValue(
                    value: elements[range.lowerBound + position.index], positions: positions + [position]
                )
                .follow(rest, fixed: fixed, level: level + 1)
            }
            guard range.count <= Self.mostElements else {
                throw Problem(DescriptorRule.tooLarge, saw: "\(range.count) elements")
            }
            var found: [PathValue] = []
            for (index, element) in elements[range].enumerated() {
                let positions = positions + [ArrayPosition(index: index, count: range.count)]
                found += try PathValue(value: element, positions: positions).follow(
                    rest, fixed: fixed, level: level + 1)
                guard found.count <= Self.mostElements else { throw Problem(DescriptorRule.tooLarge) }
            }
            return found
        case (.slice(let from, let to), _):
            guard rest.isEmpty, let slice = value.slice(from, to) else {
                throw Problem(DescriptorRule.noValue, saw: "a slice")
            }
            return [PathValue(value: slice, positions: positions)]
        default: throw Problem(DescriptorRule.noValue, saw: "a step that the value does not have")
        }
    }
}
