//! What a program under callgrind says to it: the client requests of valgrind, which are no-ops anywhere else.

use std::arch::asm;
use std::ffi::CString;

const ZERO_STATS: u64 = 0x4354_0001;
const DUMP_STATS_AT: u64 = 0x4354_0003;
const START_INSTRUMENTATION: u64 = 0x4354_0004;
const STOP_INSTRUMENTATION: u64 = 0x4354_0005;

fn request(number: u64, argument: u64) {
    let arguments = [number, argument, 0, 0, 0, 0];
    let mut result = 0u64;
    // SAFETY: the rotations cancel each other out, and rbx is exchanged with itself.
    unsafe {
        asm!(
            "rol rdi, 3", "rol rdi, 13", "rol rdi, 61", "rol rdi, 51", "xchg rbx, rbx",
            in("rax") &arguments, inout("rdx") result, options(nostack)
        );
    }
    let _ = result;
}

pub fn begin() {
    request(START_INSTRUMENTATION, 0);
    request(ZERO_STATS, 0);
}

/// Writes what was counted since the beginning into a file of its own, with the name in it.
pub fn end(name: &str) {
    let name = CString::new(name).expect("a name without zero bytes");
    request(DUMP_STATS_AT, name.as_ptr() as u64);
    request(STOP_INSTRUMENTATION, 0);
}
