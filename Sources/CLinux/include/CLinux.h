// The calls of Linux that Swift's Glibc module does not export. No logic.
#ifndef AIRLOCK_CLINUX_H
#define AIRLOCK_CLINUX_H

#include <sys/prctl.h>

// rename(2), which fails with EEXIST rather than replace what stands at the new name.
int airlock_rename_without_replacing(int old_folder, const char *old_name, int new_folder, const char *new_name);

// prctl(2) of one argument.
int airlock_prctl(int option, unsigned long argument);

// close_range(2), to the last descriptor there can be.
int airlock_close_from(unsigned int first);

// socket(2) of a family that does not exist, so that it opens nothing whatever the answer. A raw system call: the
// offline tool does not link libc's socket.
int airlock_ask_for_impossible_socket(void);

// landlock_create_ruleset(2), which only says which version of Landlock the kernel has; -1 where it has none.
int airlock_landlock_version(void);

// Puts the calling thread, and all that it will start, into a Landlock domain in which no file can be executed. Needs
// PR_SET_NO_NEW_PRIVS. Raw system calls: glibc has no wrappers for them.
int airlock_landlock_restrict(void);

#endif
