// The parts of SQLite that Swift cannot import: SQLITE_TRANSIENT, which makes it copy a bound value. No logic.
#ifndef AIRLOCK_CSQLITE_SHIM_H
#define AIRLOCK_CSQLITE_SHIM_H

#include <sqlite3.h>

static inline int airlock_sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int count) {
    return sqlite3_bind_text(statement, index, text, count, SQLITE_TRANSIENT);
}

static inline int airlock_sqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int count) {
    return sqlite3_bind_blob(statement, index, bytes, count, SQLITE_TRANSIENT);
}

#endif
