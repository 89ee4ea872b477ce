// SPDX-License-Identifier: MIT
// Whole files and folders, and what the terminal can do.
#include "frontend/base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *fault(struct arena *a, const char *verb, const char *path) {
    return str_format(a, "cannot %s %s: %s", verb, path, strerror(errno)).data;
}

static const char *read_all(struct arena *a, int fd, const char *path, struct str *out) {
    struct text t = {.arena = a};
    char chunk[65536];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fault(a, "read", path);
        if (n == 0)
            break;
        if (t.len + (size_t)n > BASE_FILE_BYTES_MAX)
            return str_format(a, "cannot read %s: it is larger than %zu MiB", path,
                              BASE_FILE_BYTES_MAX >> 20)
                .data;
        text_put(&t, (struct str){chunk, (size_t)n});
    }
    text_put(&t, (struct str){0});
    *out = text_str(&t);
    return NULL;
}

const char *file_read(struct arena *a, const char *path, struct str *out) {
    if (strcmp(path, "-") == 0)
        return read_all(a, STDIN_FILENO, "standard input", out);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fault(a, "read", path);
    const char *wrong = read_all(a, fd, path, out);
    close(fd);
    return wrong;
}

static bool write_all(int fd, struct str s) {
    while (s.len) {
        ssize_t n = write(fd, s.data, s.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        s.data += n;
        s.len -= (size_t)n;
    }
    return true;
}

const char *file_being_written(struct arena *a, const char *path) {
    return str_format(a, "%s.%ld.tmp", path, (long)getpid()).data;
}

const char *file_write(struct arena *a, const char *path, struct str content) {
    const char *temporary = file_being_written(a, path);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return fault(a, "write", path);
    bool written = write_all(fd, content);
    written &= close(fd) == 0;
    if (written && rename(temporary, path) == 0)
        return NULL;
    const char *wrong = fault(a, "write", path);
    unlink(temporary);
    return wrong;
}

const char *dir_make(struct arena *a, const char *path) {
    char *name = (char *)str_dup(a, str_from(path)).data;
    for (char *p = name + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = 0;
        if (mkdir(name, 0777) != 0 && errno != EEXIST)
            return fault(a, "make the folder", name);
        *p = '/';
    }
    if (mkdir(name, 0777) != 0 && errno != EEXIST)
        return fault(a, "make the folder", name);
    return NULL;
}

static bool env_set(const char *name) {
    const char *value = getenv(name);
    return value && *value;
}

bool term_color(enum color_mode mode, int fd) {
    if (mode != COLOR_AUTO)
        return mode == COLOR_ALWAYS;
    if (env_set("NO_COLOR"))
        return false;
    const char *force = getenv("CLICOLOR_FORCE"), *wanted = getenv("CLICOLOR");
    if (force && *force && strcmp(force, "0") != 0)
        return true;
    if (wanted && strcmp(wanted, "0") == 0)
        return false;
    const char *term = getenv("TERM");
    return isatty(fd) && term && strcmp(term, "dumb") != 0;
}

int term_width(int fd) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    const char *columns = getenv("COLUMNS");
    int width = columns ? atoi(columns) : 0;
    return width > 0 ? width : 100;
}
