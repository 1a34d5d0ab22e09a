// System calls of Linux that Swift's Glibc module does not export. No logic.
#ifndef AIRLOCK_CLINUX_H
#define AIRLOCK_CLINUX_H

#include <sys/prctl.h>

// renameat2(2) with RENAME_NOREPLACE: fails with EEXIST if the new name exists.
int airlock_rename_without_replacing(int old_folder, const char *old_name, int new_folder, const char *new_name);

// prctl(2) with one argument.
int airlock_prctl(int option, unsigned long argument);

// close_range(2), from `first` to the highest possible descriptor.
int airlock_close_from(unsigned int first);

// socket(2) with a family that does not exist, so that it never opens a socket. A raw system call, because the offline
// tool must not link socket of libc.
int airlock_ask_for_impossible_socket(void);

// The version of Landlock that the kernel has, by landlock_create_ruleset(2). -1 if it has none.
int airlock_landlock_version(void);

// Puts the calling thread, and all threads and processes that it starts later, into a Landlock domain in which no file
// can be executed. Needs PR_SET_NO_NEW_PRIVS. Raw system calls, because glibc has no wrappers for them.
int airlock_landlock_restrict(void);

#endif
