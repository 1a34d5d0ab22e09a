import AirlockFuzzSubjects
import Glibc

/// The part of Airlock that is fuzzed. The environment variable AIRLOCK_FUZZ names it. The name cannot be an argument,
/// because libFuzzer reads the arguments itself, and also passes them on when it starts the program again.
private let subject: FuzzSubject = {
    let name = unsafe getenv("AIRLOCK_FUZZ").flatMap { unsafe String(validatingCString: $0) }
    if let subject = name.flatMap({ FuzzSubject(rawValue: $0) }) { return subject }
    let names = FuzzSubject.allCases.map(\.rawValue).joined(separator: ", ")
    print("usage: AIRLOCK_FUZZ=SUBJECT airlock-fuzz [libFuzzer's options] [CORPUS...]")
    print("SUBJECT is one of \(names)")
    exit(64)
}()

/// Passes one input to the fuzzed part. libFuzzer calls this function for each input that it generates. The `main` of
/// this program is in libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func feed(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do { try subject.feed(unsafe Array(UnsafeBufferPointer(start: bytes, count: count))) } catch {
        fatalError("broken invariant: \(error)")
    }
    return 0
}
