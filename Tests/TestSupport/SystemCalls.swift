internal import AirlockCSeccomp
import Glibc

/// Makes a system call fail from here on, in all threads of an exit test's process.
public func deny(_ systemCall: String, with code: Int32) -> Bool {
    guard let filter = unsafe seccomp_init(SCMP_ACT_ALLOW) else { return false }
    defer { unsafe seccomp_release(filter) }
    let refusal = airlock_scmp_act_errno(UInt16(code))
    return unsafe seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0
        && seccomp_rule_add_array(filter, refusal, seccomp_syscall_resolve_name(systemCall), 0, nil) == 0
        && seccomp_load(filter) == 0
}

/// Makes a system call by its number, past libc's wrappers, with the same argument throughout; the answer is its errno.
public func errnoOfSystemCall(_ number: Int, all argument: Int = -1) -> Int32 {
    typealias SystemCall = @convention(c) (Int, Int, Int, Int, Int, Int, Int) -> Int
    // It is variadic, which Swift does not import.
    guard let symbol = unsafe dlsym(nil, "syscall") else { return ENOSYS }
    let call = unsafe unsafeBitCast(symbol, to: SystemCall.self)
    return call(number, argument, argument, argument, argument, argument, argument) < 0 ? errno : 0
}

/// The number of a system call on this machine.
public func numberOfSystemCall(_ name: String) -> Int { Int(unsafe seccomp_syscall_resolve_name(name)) }

/// Runs `body` in a child process that has this thread and no other, and gives the child's exit code: 0 when `body`
/// returns true. To be called in an exit test, where no other thread holds a lock that the child would wait for.
public func exitCodeOfChild(_ body: () throws -> Bool) -> Int32 {
    typealias Fork = @convention(c) () -> pid_t
    // Swift hides it, since most programs would go wrong after it.
    guard let symbol = unsafe dlsym(nil, "fork") else { return -1 }
    let child = unsafe unsafeBitCast(symbol, to: Fork.self)()
    if child == 0 { _exit((try? body()) == true ? EXIT_SUCCESS : EXIT_FAILURE) }
    var status: Int32 = -1
    guard unsafe waitpid(child, &status, 0) == child else { return -1 }
    return status & 0x7f == 0 ? status >> 8 & 0xff : -1
}
