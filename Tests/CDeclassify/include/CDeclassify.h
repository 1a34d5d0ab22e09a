// Marks secrets for valgrind's memcheck as memory that nobody has written: whatever branches on them, or looks a table
// up by them, is then reported.
#ifndef AIRLOCK_TESTS_DECLASSIFY_H
#define AIRLOCK_TESTS_DECLASSIFY_H

#include <stddef.h>
#include <stdint.h>

// Whether this process runs under valgrind; without its headers, never.
int airlock_is_watched(void);

// From here on these bytes are a secret.
void airlock_mark_secret(const uint8_t *bytes, size_t count);

#endif
