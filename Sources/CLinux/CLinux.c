#define _GNU_SOURCE
#include "CLinux.h"

#include <limits.h>
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
