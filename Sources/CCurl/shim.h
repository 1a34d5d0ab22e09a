// The parts of libcurl that Swift cannot import: the variadic setters, with one typed wrapper for each type of value.
// No logic.
#ifndef AIRLOCK_CCURL_SHIM_H
#define AIRLOCK_CCURL_SHIM_H

#include <curl/curl.h>

typedef size_t (*airlock_curl_sink)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode airlock_curl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode airlock_curl_set_size(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode airlock_curl_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode airlock_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode airlock_curl_set_sink(CURL *easy, CURLoption option, airlock_curl_sink value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode airlock_curl_get_long(CURL *easy, CURLINFO info, long *value) {
    return curl_easy_getinfo(easy, info, value);
}

#endif
