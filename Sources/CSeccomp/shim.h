// libseccomp, with a wrapper for its function-like macro, which Swift cannot import. No logic.
#ifndef AIRLOCK_CSECCOMP_SHIM_H
#define AIRLOCK_CSECCOMP_SHIM_H

#include <seccomp.h>

static inline uint32_t airlock_scmp_act_errno(uint16_t code) { return SCMP_ACT_ERRNO(code); }

#endif
