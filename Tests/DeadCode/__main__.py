"""Lists what Sources declares and nothing uses, from the compiler's index of a debug build of tools and tests.

usage: python3 Tests/DeadCode BUILD [LIBINDEXSTORE]

A declaration is listed if no source, test, snippet or tool refers to it, and one that is not public also if only tests do.
What implements a requirement or overrides another declaration is used through that one.
"""

import ctypes
import pathlib
import re
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

# indexstore.h: kinds of symbols, roles of an occurrence, kinds of a unit's dependencies.
KINDS = {
    5: "enum", 6: "struct", 7: "class", 8: "protocol", 11: "typealias", 12: "func", 13: "var", 15: "case", 16: "func",
    17: "func", 18: "static func", 19: "property", 20: "static property", 21: "static property", 22: "init",
}
DEFINITION, REFERENCE, CALL, IMPLICIT = 1 << 1, 1 << 2, 1 << 5, 1 << 8
OVERRIDE_OF, EXTENDED_BY, ACCESSOR_OF, CONTAINED_BY, CHILD_OF = 1 << 11, 1 << 14, 1 << 15, 1 << 16, 1 << 9
RECORD = 2

# Called by the compiler or the runtime, without a reference in the index.
BY_COMPILER = re.compile(r"^(main\(\)|hash\(into:\)|==|<|description|init\(from:\)|init\(.*[lL]iteral:\)|makeIterator\(\))")


# Made from a text that is read, and so without a reference, by file and name.
READ = {("Sources/ABI/ABIFunction.swift", "pure")}


class Text(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("length", ctypes.c_size_t)]

    def __str__(self):
        return ctypes.string_at(self.data, self.length).decode() if self.length else ""


class Index:
    """The C interface of libIndexStore, as far as it is needed."""

    def __init__(self, library, store):
        self.library = ctypes.CDLL(library)
        self.error = ctypes.c_void_p()
        self.store = self.call("indexstore_store_create", ctypes.c_void_p, str(store).encode(), ctypes.byref(self.error))
        if not self.store:
            sys.exit(f"error: {store} is no index: make a debug build first")

    def call(self, name, result, *arguments):
        function = getattr(self.library, name)
        function.restype = result
        return function(*[ctypes.c_void_p(value) if isinstance(value, int) else value for value in arguments])

    def each(self, name, kind, *arguments):
        """What a function with a callback passes to it."""
        found = []
        callback = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, kind)

        def take(_, value):
            found.append(str(value) if kind is Text else value)
            return True

        self.call(name, ctypes.c_bool, *arguments, None, callback(take))
        return found

    def visit(self, name, owner, use):
        """Calls `use` with each handle, which ends with the callback."""
        callback = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, ctypes.c_void_p)

        def take(_, handle):
            use(handle)
            return True

        self.call(name, ctypes.c_bool, owner, None, callback(take))

    def units(self):
        names = []
        callback = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, Text)

        def take(_, name):
            names.append(str(name))
            return True

        self.library.indexstore_store_units_apply_f.restype = ctypes.c_bool
        self.library.indexstore_store_units_apply_f(ctypes.c_void_p(self.store), ctypes.c_uint(1), None, callback(take))
        return names

    def records(self):
        """The records of all units whose source is still there, each with its source."""
        records = {}
        for unit in self.units():
            reader = self.call(
                "indexstore_unit_reader_create", ctypes.c_void_p, self.store, unit.encode(), ctypes.byref(self.error))
            if not reader:
                continue
            main = pathlib.Path(str(self.call("indexstore_unit_reader_get_main_file", Text, reader)))

            def add(dependency):
                if self.call("indexstore_unit_dependency_get_kind", ctypes.c_int, dependency) == RECORD:
                    name = str(self.call("indexstore_unit_dependency_get_name", Text, dependency))
                    path = pathlib.Path(str(self.call("indexstore_unit_dependency_get_filepath", Text, dependency)))
                    if path == main and path.suffix == ".swift":
                        records[path] = max(records.get(path, (0, "")), (self.time(unit), name))

            if main.is_file() and main.is_relative_to(ROOT):
                self.visit("indexstore_unit_reader_dependencies_apply_f", reader, add)
            self.call("indexstore_unit_reader_dispose", None, reader)
        return {path: name for path, (_, name) in records.items()}

    def time(self, unit):
        path = self.path / "units" / unit
        return path.stat().st_mtime

    def occurrences(self, record, use):
        reader = self.call(
            "indexstore_record_reader_create", ctypes.c_void_p, self.store, record.encode(), ctypes.byref(self.error))

        def take(occurrence):
            symbol = self.call("indexstore_occurrence_get_symbol", ctypes.c_void_p, occurrence)
            roles = self.call("indexstore_occurrence_get_roles", ctypes.c_uint64, occurrence)
            line, column = ctypes.c_uint(), ctypes.c_uint()
            self.call(
                "indexstore_occurrence_get_line_col", None, occurrence, ctypes.byref(line), ctypes.byref(column))
            related = []

            def relate(relation):
                other = self.call("indexstore_symbol_relation_get_symbol", ctypes.c_void_p, relation)
                related.append((
                    self.call("indexstore_symbol_relation_get_roles", ctypes.c_uint64, relation),
                    str(self.call("indexstore_symbol_get_usr", Text, other))))

            self.visit("indexstore_occurrence_relations_apply_f", occurrence, relate)
            use(
                str(self.call("indexstore_symbol_get_usr", Text, symbol)),
                str(self.call("indexstore_symbol_get_name", Text, symbol)),
                self.call("indexstore_symbol_get_kind", ctypes.c_int, symbol), roles, line.value, related)

        self.visit("indexstore_record_reader_occurrences_apply_f", reader, take)
        self.call("indexstore_record_reader_dispose", None, reader)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    swift = shutil.which("swiftc")
    library = sys.argv[2] if len(sys.argv) == 3 else pathlib.Path(swift).resolve().parent.parent / "lib/libIndexStore.so"
    store = pathlib.Path(sys.argv[1]) / "index/store"
    index = Index(str(library), store)
    index.path = store / "v5"

    declared, used, through = {}, {}, set()
    for path, record in index.records().items():
        place = path.relative_to(ROOT)
        isSource = place.parts[0] == "Sources"

        def take(usr, name, kind, roles, line, related, place=place, isSource=isSource):
            if any(role & OVERRIDE_OF for role, _ in related):
                through.add(usr)
            if roles & DEFINITION:
                if isSource and kind in KINDS and not roles & IMPLICIT and not any(r & ACCESSOR_OF for r, _ in related):
                    declared[usr] = (place, line, KINDS[kind], name)
            if roles & REFERENCE and not any(r & EXTENDED_BY for r, _ in related):
                if not any(r & CONTAINED_BY and other == usr for r, other in related):
                    used.setdefault(usr, set()).add(place.parts[0])

        index.occurrences(record, take)

    lines = {}
    unused = []
    for usr, (place, line, kind, name) in declared.items():
        if usr in through or not name or BY_COMPILER.match(name) or (str(place), name) in READ:
            continue
        users = used.get(usr, set())
        if place not in lines:
            lines[place] = (ROOT / place).read_text().splitlines()
        if "@main" in lines[place][line - 2]:
            continue
        isPublic = re.search(r"\bpublic\b|\bpackage\b", lines[place][line - 1]) is not None
        if not users:
            unused.append((place, line, kind, name, "nothing"))
        elif not isPublic and "Sources" not in users:
            unused.append((place, line, kind, name, "tests alone"))
    for place, line, kind, name, users in sorted(unused):
        print(f"{place}:{line}: {kind} {name}: used by {users}")
    print(f"{len(declared)} declarations, {len(unused)} without a use", file=sys.stderr)
    sys.exit(1 if unused else 0)


main()
