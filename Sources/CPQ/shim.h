// The parts of libpq that Swift cannot import: the character constants that name the fields of an error. No logic.
#ifndef AIRLOCK_CPQ_SHIM_H
#define AIRLOCK_CPQ_SHIM_H

#include <postgresql/libpq-fe.h>

static inline const char *airlock_pq_sqlstate(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}

static inline const char *airlock_pq_primary_message(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}

#endif
