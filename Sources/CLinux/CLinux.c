#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int airlock_rename_without_replacing(int old_folder, const char *old_name, int new_folder, const char *new_name) {
    return renameat2(old_folder, old_name, new_folder, new_name, RENAME_NOREPLACE);
}

int airlock_prctl(int option, unsigned long argument) {
    return prctl(option, argument, 0, 0, 0);
}

int airlock_close_from(unsigned int first) {
    return close_range(first, UINT_MAX, 0);
}

int airlock_ask_for_impossible_socket(void) {
    return (int)syscall(SYS_socket, -1, 0, 0);
}

// The headers of Linux before 5.13 do not declare Landlock. The numbers of its system calls are the same on every
// architecture. The structure and the constants are copied from linux/landlock.h.
enum { LANDLOCK_CREATE_RULESET = 444, LANDLOCK_RESTRICT_SELF = 446 };
enum { LANDLOCK_VERSION_FLAG = 1, LANDLOCK_EXECUTE = 1 };

int airlock_landlock_version(void) {
    return (int)syscall(LANDLOCK_CREATE_RULESET, NULL, (size_t)0, LANDLOCK_VERSION_FLAG);
}

int airlock_landlock_restrict(void) {
    const struct {
        uint64_t handled_access_fs;
    } rules = {LANDLOCK_EXECUTE};
    int ruleset = (int)syscall(LANDLOCK_CREATE_RULESET, &rules, sizeof rules, 0);
    if (ruleset < 0) return -1;
    int answer = (int)syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0);
    int code = errno;
    close(ruleset);
    errno = code;
    return answer;
}
