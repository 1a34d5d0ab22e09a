// The calls of Linux that Swift's Glibc module does not export. No logic.
#ifndef AIRLOCK_CLINUX_H
#define AIRLOCK_CLINUX_H

// rename(2), which fails with EEXIST rather than replace what stands at the new name.
int airlock_rename_without_replacing(int old_folder, const char *old_name, int new_folder, const char *new_name);

#endif
