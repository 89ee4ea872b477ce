// SPDX-License-Identifier: MIT
// Traces as files. A trace appears under its name only when all of it was written and synced.
#include "runtime/trace/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_all(int fd, unsigned char *bytes, size_t len) {
    size_t got = 0;
    while (got < len) {
        ssize_t n = read(fd, bytes + got, len - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        got += (size_t)n;
    }
    return true;
}

static enum trace_error load(int fd, void **bytes, size_t *len) {
    struct stat info;
    if (fstat(fd, &info) != 0)
        return TRACE_IO;
    if (!S_ISREG(info.st_mode)) {
        errno = EINVAL;
        return TRACE_IO;
    }
    if (info.st_size > (off_t)TRACE_BYTES_MAX)
        return TRACE_TOO_BIG;
    *len = (size_t)info.st_size;
    *bytes = malloc(*len + 1);
    if (!*bytes)
        abort();
    if (read_all(fd, *bytes, *len))
        return TRACE_OK;
    free(*bytes);
    *bytes = NULL;
    return TRACE_IO;
}

enum trace_error trace_load(const char *path, void **bytes, size_t *len) {
    *bytes = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return TRACE_IO;
    enum trace_error e = load(fd, bytes, len);
    int why = errno;
    close(fd);
    errno = why;
    return e;
}

static bool write_all(int fd, const unsigned char *bytes, size_t len) {
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return fsync(fd) == 0;
}

enum trace_error trace_save(const char *path, const void *bytes, size_t len) {
    char temporary[PATH_MAX];
    int n = snprintf(temporary, sizeof temporary, "%s.%ld.part", path, (long)getpid());
    if (n < 0 || (size_t)n >= sizeof temporary) {
        errno = ENAMETOOLONG;
        return TRACE_IO;
    }
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return TRACE_IO;
    bool written = write_all(fd, bytes, len);
    int why = errno;
    if (close(fd) != 0 && written) {
        written = false;
        why = errno;
    }
    if (written && rename(temporary, path) == 0)
        return TRACE_OK;
    if (!written)
        errno = why;
    why = errno;
    unlink(temporary);
    errno = why;
    return TRACE_IO;
}
