import AirlockFuzzSubjects
import Glibc

/// AIRLOCK_FUZZ names it. It is no argument, since libFuzzer starts itself again with those that it was given.
private let subject: FuzzSubject = {
    let name = unsafe getenv("AIRLOCK_FUZZ").flatMap { unsafe String(validatingCString: $0) }
    if let subject = name.flatMap({ FuzzSubject(rawValue: $0) }) { return subject }
    let names = FuzzSubject.allCases.map(\.rawValue).joined(separator: ", ")
    print("usage: AIRLOCK_FUZZ=SUBJECT airlock-fuzz [libFuzzer's options] [CORPUS...]")
    print("SUBJECT is one of \(names)")
    exit(64)
}()

/// What libFuzzer, whose main this program has, calls with what it makes up.
@_cdecl("LLVMFuzzerTestOneInput")
public func feed(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do { try subject.feed(unsafe Array(UnsafeBufferPointer(start: bytes, count: count))) } catch {
        fatalError("broken invariant: \(error)")
    }
    return 0
}
