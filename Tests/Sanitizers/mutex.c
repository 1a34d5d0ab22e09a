// Tells the thread sanitizer of a Mutex that was waited for. The fast path of Swift's Mutex is compiled into its caller, and
// the sanitizer sees it; the slow path, of a lock that another thread holds, ends in the kernel from within
// libswiftSynchronization, which is not instrumented: two holders one after the other look like a race. The three functions
// of that path stand here once more, under their names; each calls the library's own, and says that the lock was taken or
// is given back. Linked by scripts/sanitize alone, which tries first that races are still reported.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *

// The names of Synchronization._MutexHandle._lockSlow(_:), _tryLockSlow() and _unlockSlow().
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

void __tsan_acquire(void *address);
void __tsan_release(void *address);

SWIFT void lock_slow(uint32_t thread, SELF handle) __asm__(LOCK);
SWIFT bool try_lock_slow(SELF handle) __asm__(TRY_LOCK);
SWIFT void unlock_slow(SELF handle) __asm__(UNLOCK);

static SWIFT void (*library_lock)(uint32_t, SELF);
static SWIFT bool (*library_try_lock)(SELF);
static SWIFT void (*library_unlock)(SELF);

static void *find(const char *name) {
    void *function = dlsym(RTLD_NEXT, name);
    if (!function) {
        fprintf(stderr, "Tests/Sanitizers/mutex.c: no library has %s\n", name);
        abort();
    }
    return function;
}

__attribute__((constructor)) static void find_all(void) {
    library_lock = find(LOCK);
    library_try_lock = find(TRY_LOCK);
    library_unlock = find(UNLOCK);
}

SWIFT void lock_slow(uint32_t thread, SELF handle) {
    library_lock(thread, handle);
    __tsan_acquire(handle);
}

SWIFT bool try_lock_slow(SELF handle) {
    bool taken = library_try_lock(handle);
    if (taken) __tsan_acquire(handle);
    return taken;
}

SWIFT void unlock_slow(SELF handle) {
    __tsan_release(handle);
    library_unlock(handle);
}
