// libqrencode, as it is: all that is needed of it can be imported.
#ifndef AIRLOCK_CQRENCODE_SHIM_H
#define AIRLOCK_CQRENCODE_SHIM_H

#include <qrencode.h>

#endif
