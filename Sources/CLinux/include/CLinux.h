// Linux system calls that Swift's Glibc module does not export. These functions contain no logic of their own.
#ifndef AIRLOCK_CLINUX_H
#define AIRLOCK_CLINUX_H

#include <sys/prctl.h>

// Calls renameat2(2) with RENAME_NOREPLACE. It fails with EEXIST if the new name exists.
int airlock_rename_without_replacing(int old_folder, const char *old_name, int new_folder, const char *new_name);

// Calls prctl(2) with one argument.
int airlock_prctl(int option, unsigned long argument);

// Closes all descriptors from `first` to the highest possible one, with close_range(2).
int airlock_close_from(unsigned int first);

// Calls socket(2) with a family that does not exist, so that it never opens a socket. It is a raw system call, because
// the offline tool must not link libc's function `socket`.
int airlock_ask_for_impossible_socket(void);

// Returns the kernel's version of Landlock, by landlock_create_ruleset(2). Returns -1 if the kernel does not have
// Landlock.
int airlock_landlock_version(void);

// Puts the calling thread into a Landlock domain in which no file can be executed. The domain also holds for all
// threads and processes that the thread starts later. This needs PR_SET_NO_NEW_PRIVS. It makes raw system calls,
// because glibc has no wrappers for them.
int airlock_landlock_restrict(void);

#endif
