// libqrencode. Swift can import everything that is needed, so there are no wrappers.
#ifndef AIRLOCK_CQRENCODE_SHIM_H
#define AIRLOCK_CQRENCODE_SHIM_H

#include <qrencode.h>

#endif
