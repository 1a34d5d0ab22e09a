internal import AirlockCSeccomp
import Glibc

/// Makes a system call fail from now on, in all threads of the process. Call this function only in an exit test.
/// Returns whether the kernel has accepted the filter.
public func deny(_ systemCall: String, with code: Int32) -> Bool {
    guard let filter = unsafe seccomp_init(SCMP_ACT_ALLOW) else { return false }
    defer { unsafe seccomp_release(filter) }
    let refusal = airlock_scmp_act_errno(UInt16(code))
    return unsafe seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0
        && seccomp_rule_add_array(filter, refusal, seccomp_syscall_resolve_name(systemCall), 0, nil) == 0
        && seccomp_load(filter) == 0
}

/// Makes a system call by its number, without libc's wrapper. All arguments have the same value. Returns the errno, or
/// 0 if the call succeeds.
public func errnoOfSystemCall(_ number: Int, all argument: Int = -1) -> Int32 {
    typealias SystemCall = @convention(c) (Int, Int, Int, Int, Int, Int, Int) -> Int
    // Swift does not import syscall(2), because this function is variadic.
    guard let symbol = unsafe dlsym(nil, "syscall") else { return ENOSYS }
    let call = unsafe unsafeBitCast(symbol, to: SystemCall.self)
    return call(number, argument, argument, argument, argument, argument, argument) < 0 ? errno : 0
}

/// Returns the number of a system call on this machine.
public func numberOfSystemCall(_ name: String) -> Int { Int(unsafe seccomp_syscall_resolve_name(name)) }

/// Runs `body` in a child process, which has a copy of this thread and no other thread. Returns the child's exit code,
/// which is 0 if `body` returns true. Call this function only in an exit test. There, no other thread holds a lock for
/// which the child would wait.
public func exitCodeOfChild(_ body: () throws -> Bool) -> Int32 {
    typealias Fork = @convention(c) () -> pid_t
    // Swift does not import fork(2), because most programs cannot work correctly in the child process.
    guard let symbol = unsafe dlsym(nil, "fork") else { return -1 }
    let child = unsafe unsafeBitCast(symbol, to: Fork.self)()
    if child == 0 { _exit((try? body()) == true ? EXIT_SUCCESS : EXIT_FAILURE) }
    var status: Int32 = -1
    guard unsafe waitpid(child, &status, 0) == child else { return -1 }
    return status & 0x7f == 0 ? status >> 8 & 0xff : -1
}
