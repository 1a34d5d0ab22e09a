// libgcrypt's digests, the yardstick of our Keccak, and the calls that glibc keeps from Swift. No logic.
#ifndef AIRLOCK_CBENCHMARKS_SHIM_H
#define AIRLOCK_CBENCHMARKS_SHIM_H

#include <gcrypt.h>

int sched_getcpu(void);
int sched_setaffinity(int thread, size_t size, const void *processors);

#endif
