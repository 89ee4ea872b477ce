// SPDX-License-Identifier: MIT
// The log in shared memory, or in the process's own.
#define _GNU_SOURCE // mremap
#include "blackbox.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0x312d786f626d7370ull // of this layout: another one is not read

enum { LOG_FIRST = 1024 };

static size_t bytes_of(uint32_t capacity) {
    return sizeof(struct blackbox) + capacity * sizeof(struct event);
}

static struct event *log_of(struct blackbox *box) {
    return (struct event *)(box + 1);
}

bool blackbox_open(struct world_host *host, int fd) {
    assert(!host->log && !host->box);
    if (ftruncate(fd, (off_t)bytes_of(LOG_FIRST)) != 0)
        return false;
    void *at = mmap(NULL, bytes_of(LOG_FIRST), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        return false;
    host->box = at;
    host->box_fd = fd;
    *host->box = (struct blackbox){.magic = MAGIC};
    host->log = log_of(host->box);
    host->log_capacity = LOG_FIRST;
    return true;
}

void blackbox_grow(struct world_host *host) {
    uint32_t capacity = host->log_capacity ? host->log_capacity * 2 : LOG_FIRST;
    if (!host->box) {
        host->log = realloc(host->log, capacity * sizeof *host->log);
        if (!host->log)
            abort();
    } else {
        void *at = MAP_FAILED;
        if (ftruncate(host->box_fd, (off_t)bytes_of(capacity)) == 0)
            at =
                mremap(host->box, bytes_of(host->log_capacity), bytes_of(capacity), MREMAP_MAYMOVE);
        if (at == MAP_FAILED)
            abort();
        host->box = at;
        host->log = log_of(host->box);
    }
    host->log_capacity = capacity;
}

void blackbox_close(struct world_host *host) {
    if (host->box)
        munmap(host->box, bytes_of(host->log_capacity));
    else
        free(host->log);
    host->box = NULL;
    host->log = NULL;
    host->log_capacity = 0;
}

void blackbox_part(struct world_host *host, int fd) {
    if (!host->box)
        return;
    struct blackbox before = *host->box;
    munmap(host->box, bytes_of(host->log_capacity));
    host->box = NULL;
    host->log = NULL;
    host->log_capacity = 0;
    if (fd >= 0 && blackbox_open(host, fd))
        *host->box = before;
}

void blackbox_adopt(struct world_host *host, int fd) {
    const struct event *log;
    const struct blackbox *box = host->box ? blackbox_load(fd, &log) : NULL;
    if (!box)
        return;
    while (host->log_capacity < box->events)
        blackbox_grow(host);
    memcpy(host->log, log, box->events * sizeof *log);
    *host->box = *box;
}

const struct blackbox *blackbox_load(int fd, const struct event **log) {
    struct stat s;
    if (fstat(fd, &s) != 0 || s.st_size < (off_t)sizeof(struct blackbox))
        return NULL;
    void *at = mmap(NULL, (size_t)s.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED)
        return NULL;
    struct blackbox *box = at;
    *log = log_of(box);
    bool whole = box->magic == MAGIC && (size_t)s.st_size >= bytes_of(box->events);
    return whole ? box : NULL;
}
