import AirlockFuzzSubjects
import Glibc

/// The part of Airlock that is fuzzed. The environment variable AIRLOCK_FUZZ names it. The name is not an argument,
/// because libFuzzer starts the program again with the arguments that it was given.
private let subject: FuzzSubject = {
    let name = unsafe getenv("AIRLOCK_FUZZ").flatMap { unsafe String(validatingCString: $0) }
    if let subject = name.flatMap({ FuzzSubject(rawValue: $0) }) { return subject }
    let names = FuzzSubject.allCases.map(\.rawValue).joined(separator: ", ")
    print("usage: AIRLOCK_FUZZ=SUBJECT airlock-fuzz [libFuzzer's options] [CORPUS...]")
    print("SUBJECT is one of \(names)")
    exit(64)
}()

/// Receives each input that libFuzzer generates. The `main` of this program is in libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func feed(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do { try subject.feed(unsafe Array(UnsafeBufferPointer(start: bytes, count: count))) } catch {
        fatalError("broken invariant: \(error)")
    }
    return 0
}
