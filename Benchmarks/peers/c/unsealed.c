// Loaded before libseccomp where callgrind counts: valgrind 3.19 has no seccomp filters, and the tool signs nothing without
// its seal. The filter is put together all the same, and not loaded.

int seccomp_attr_set(void *filter, int attribute, unsigned value) {
    (void)filter, (void)attribute, (void)value;
    return 0;
}

int seccomp_load(const void *filter) {
    (void)filter;
    return 0;
}
