// libgcrypt's digests, the yardstick of our Keccak, the calls that glibc keeps from Swift, and what a program under
// callgrind says to it. No logic.
#ifndef AIRLOCK_CBENCHMARKS_SHIM_H
#define AIRLOCK_CBENCHMARKS_SHIM_H

#include <gcrypt.h>
#include <malloc.h>

int sched_getcpu(void);
int sched_setaffinity(int thread, size_t size, const void *processors);

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_STOP_INSTRUMENTATION
#define CALLGRIND_ZERO_STATS
#define CALLGRIND_DUMP_STATS_AT(name) (void)(name)
#endif

/// What is freed stays with the process.
static inline void airlock_keep_memory(void) {
    mallopt(M_MMAP_THRESHOLD, 1 << 25);
    mallopt(M_TRIM_THRESHOLD, 1 << 25);
}

static inline unsigned airlock_callgrind_runs(void) { return RUNNING_ON_VALGRIND; }

static inline void airlock_callgrind_begin(void) {
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
}

/// Writes what was counted since the beginning into a file of its own, with the name in it.
static inline void airlock_callgrind_end(const char *name) {
    CALLGRIND_DUMP_STATS_AT(name);
    CALLGRIND_STOP_INSTRUMENTATION;
}

#endif
