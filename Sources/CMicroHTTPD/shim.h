// The parts of libmicrohttpd that Swift cannot import: variadic functions and macros. No logic.
#ifndef AIRLOCK_CMICROHTTPD_SHIM_H
#define AIRLOCK_CMICROHTTPD_SHIM_H

#include <microhttpd.h>

struct airlock_mhd_settings {
    int listener;
    unsigned connections;
    unsigned connections_of_address;
    unsigned idle_seconds;
    size_t memory_of_connection;
};

// Starts a daemon with its own thread. It logs nothing.
static inline struct MHD_Daemon *airlock_mhd_start(
    struct airlock_mhd_settings settings, MHD_AccessHandlerCallback handler, MHD_RequestCompletedCallback completed,
    MHD_NotifyConnectionCallback connected, void *context) {
    return MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handler, context,
        MHD_OPTION_LISTEN_SOCKET, settings.listener, MHD_OPTION_NOTIFY_COMPLETED, completed, context,
        MHD_OPTION_NOTIFY_CONNECTION, connected, context, MHD_OPTION_CONNECTION_LIMIT, settings.connections,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, settings.connections_of_address, MHD_OPTION_CONNECTION_TIMEOUT,
        settings.idle_seconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT, settings.memory_of_connection,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
}

static inline int airlock_mhd_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

static const uint64_t airlock_mhd_size_unknown = MHD_SIZE_UNKNOWN;
static const ssize_t airlock_mhd_end_of_stream = MHD_CONTENT_READER_END_OF_STREAM;

#endif
