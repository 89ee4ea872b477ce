// SPDX-License-Identifier: MIT
// Files and directories. A directory is opened once, with the program's authority; all else is
// opened beneath it and cannot leave it, by `..`, an absolute path or a link: openat2 with
// RESOLVE_BENEATH, and where the kernel has none, a walk of one segment at a time that follows no
// link.
#include "runtime/service/outside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Of the kernel's interface; <fcntl.h> hides it behind _GNU_SOURCE, under which <pthread.h> wants
// the system's <sched.h>, a name that a runtime's own header has.
#ifndef O_PATH
#define O_PATH 010000000
#endif

enum { PATH_ROOM = 4096 };
enum { MODE_READ, MODE_CREATE, MODE_APPEND, MODE_CREATE_NEW }; // as in the library
enum { READ_MAX = 64 << 20 };

int64_t outside_error_of(int error_number) {
    switch (error_number) {
    case ENOENT:
        return OUTSIDE_NOT_FOUND;
    case EEXIST:
        return OUTSIDE_EXISTS;
    case EACCES:
    case EPERM:
        return OUTSIDE_DENIED;
    case ENOTDIR:
        return OUTSIDE_NOT_A_DIRECTORY;
    case EISDIR:
        return OUTSIDE_IS_A_DIRECTORY;
    case ENOTEMPTY:
        return OUTSIDE_NOT_EMPTY;
    case EXDEV:
    case ELOOP:
        return OUTSIDE_BEYOND;
    case EROFS:
        return OUTSIDE_READ_ONLY;
    case ENOSPC:
    case EDQUOT:
        return OUTSIDE_FULL;
    case ENAMETOOLONG:
    case EINVAL:
        return OUTSIDE_BAD_NAME;
    default:
        return OUTSIDE_OTHER;
    }
}

// ---- beneath ------------------------------------------------------------------------------------

static bool is_segment(const char *s, size_t len) {
    return len > 0 && !(len == 1 && s[0] == '.');
}

int outside_walk_beneath(int dir, const char *path, int flags, unsigned mode) {
    int at = fcntl(dir, F_DUPFD_CLOEXEC, 0);
    if (at < 0)
        return -1;
    char segment[PATH_ROOM] = ".";
    while (*path) {
        size_t len = strcspn(path, "/");
        const char *rest = path + len + strspn(path + len, "/");
        if (is_segment(path, len)) {
            memcpy(segment, path, len);
            segment[len] = 0;
            if (*rest) {
                int next = openat(at, segment, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                int error = errno;
                close(at);
                if (next < 0) {
                    errno = error;
                    return -1;
                }
                at = next;
                strcpy(segment, ".");
            }
        }
        path = rest;
    }
    int fd = openat(at, segment, flags | O_NOFOLLOW | O_CLOEXEC, mode);
    int error = errno;
    close(at);
    errno = error;
    return fd;
}

static int open_beneath(int dir, const char *path, int flags, mode_t mode) {
    struct open_how how = {.flags = (uint64_t)(flags | O_CLOEXEC),
                           .mode = flags & O_CREAT ? mode : 0,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    int fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        return outside_walk_beneath(dir, path, flags, mode);
    return fd;
}

// The directory that holds the last segment of the path, which goes to *last. -1 and errno.
static int open_parent(int dir, char *path, const char **last) {
    size_t len = strlen(path);
    while (len && path[len - 1] == '/')
        path[--len] = 0;
    char *slash = strrchr(path, '/');
    *last = slash ? slash + 1 : path;
    if (!strcmp(*last, ".") || !**last) {
        errno = EINVAL;
        return -1;
    }
    if (slash)
        *slash = 0;
    return open_beneath(dir, slash ? path : ".", O_PATH | O_DIRECTORY, 0);
}

// ---- operands -----------------------------------------------------------------------------------

static int64_t *status_of(struct outside_call *c) {
    return c->value;
}

// An absolute path, and one with `..` anywhere in it, leads beyond, whatever it would come to.
static bool is_beyond(const char *path) {
    if (*path == '/')
        return true;
    while (*path) {
        size_t len = strcspn(path, "/");
        if (len == 2 && !memcmp(path, "..", 2))
            return true;
        path += len + (path[len] == '/');
    }
    return false;
}

// The path of operand `n`, or the status is set.
static bool read_path(struct outside_call *c, uint32_t n, char *path) {
    int64_t wrong = !outside_path(c->operands[n].buffer, path, PATH_ROOM) ? OUTSIDE_BAD_NAME
                    : is_beyond(path)                                     ? OUTSIDE_BEYOND
                                                                          : 0;
    if (wrong)
        *status_of(c) = wrong;
    return !wrong;
}

// Takes the directory of operand `n` and reads the path behind it; else sets the status.
static bool take_directory(struct outside_call *c, uint32_t n, bool writes, struct handle *dir,
                           char *path) {
    if (!read_path(c, n + 1, path))
        return false;
    if (!handle_take(c->operands[n].number, HANDLE_DIRECTORY, dir)) {
        *status_of(c) = OUTSIDE_CLOSED;
        return false;
    }
    if (writes && !dir->writable) {
        handle_release(c->operands[n].number);
        *status_of(c) = OUTSIDE_READ_ONLY;
        return false;
    }
    return true;
}

// ---- opening ------------------------------------------------------------------------------------

static void directory(struct outside_call *c) {
    char path[PATH_ROOM];
    if (!outside_path(c->operands[0].buffer, path, sizeof path)) {
        *status_of(c) = OUTSIDE_BAD_NAME;
        return;
    }
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    *status_of(c) =
        fd < 0 ? outside_error_of(errno)
               : handle_new((struct handle){
                     .kind = HANDLE_DIRECTORY, .fd = fd, .writable = c->operands[1].number != 0});
}

static struct outside_need directory_needs(const prism_operand *operands) {
    return (struct outside_need){operands[1].number ? "FileSystem.Write" : "FileSystem.Read",
                                 operands[0].buffer};
}

static void subdirectory(struct outside_call *c) {
    char path[PATH_ROOM];
    struct handle dir;
    if (!take_directory(c, 0, false, &dir, path))
        return;
    int fd = open_beneath(dir.fd, path, O_PATH | O_DIRECTORY, 0);
    *status_of(c) = fd < 0 ? outside_error_of(errno)
                           : handle_new((struct handle){
                                 .kind = HANDLE_DIRECTORY, .fd = fd, .writable = dir.writable});
    handle_release(c->operands[0].number);
}

static void open_file(struct outside_call *c) {
    static const int flags[] = {[MODE_READ] = O_RDONLY,
                                [MODE_CREATE] = O_WRONLY | O_CREAT | O_TRUNC,
                                [MODE_APPEND] = O_WRONLY | O_CREAT | O_APPEND,
                                [MODE_CREATE_NEW] = O_WRONLY | O_CREAT | O_EXCL};
    char path[PATH_ROOM];
    struct handle dir;
    int64_t mode = c->operands[2].number;
    if (!take_directory(c, 0, mode != MODE_READ, &dir, path))
        return;
    int fd = open_beneath(dir.fd, path, flags[mode], 0666);
    struct stat about;
    if (fd >= 0 && fstat(fd, &about) == 0 && S_ISDIR(about.st_mode)) {
        close(fd);
        fd = -1;
        errno = EISDIR;
    }
    *status_of(c) = fd < 0 ? outside_error_of(errno)
                           : handle_new((struct handle){
                                 .kind = HANDLE_FILE, .fd = fd, .writable = mode != MODE_READ});
    handle_release(c->operands[0].number);
}

static void close_handle(struct outside_call *c) {
    struct handle h;
    if (!handle_close(c->operands[0].number, &h)) {
        *status_of(c) = OUTSIDE_CLOSED;
        return;
    }
    close(h.fd);
}

// ---- reading and writing ------------------------------------------------------------------------

static void read_file(struct outside_call *c) {
    struct outside_bytes *r = c->value;
    struct handle file;
    int64_t wanted = c->operands[1].number;
    if (!handle_take(c->operands[0].number, HANDLE_FILE, &file)) {
        r->status = OUTSIDE_CLOSED;
        return;
    }
    uint64_t room = wanted < 1 ? 1 : wanted > READ_MAX ? READ_MAX : (uint64_t)wanted;
    prism_buffer *b = outside_buffer(c->cx, NULL, room);
    ssize_t n;
    do
        n = read(file.fd, b->data, room);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        r->status = errno == EBADF ? OUTSIDE_DENIED : outside_error_of(errno);
    b->len = n > 0 ? (uint64_t)n : 0;
    r->text.bytes = b;
    handle_release(c->operands[0].number);
}

static void write_file(struct outside_call *c) {
    struct handle file;
    if (!handle_take(c->operands[0].number, HANDLE_FILE, &file)) {
        *status_of(c) = OUTSIDE_CLOSED;
        return;
    }
    const prism_buffer *b = c->operands[1].buffer;
    uint64_t len = prism_buffer_len(b);
    if (!file.writable)
        *status_of(c) = OUTSIDE_READ_ONLY;
    for (uint64_t at = 0; at < len && *status_of(c) >= 0;) {
        ssize_t n = write(file.fd, b->data + at, len - at);
        if (n < 0 && errno != EINTR)
            *status_of(c) = outside_error_of(errno);
        at += n > 0 ? (uint64_t)n : 0;
    }
    handle_release(c->operands[0].number);
}

// ---- names --------------------------------------------------------------------------------------

struct information { // iii
    int64_t status, is_directory, size;
};

static void information(struct outside_call *c) {
    char path[PATH_ROOM];
    struct handle dir;
    struct information *r = c->value;
    if (!take_directory(c, 0, false, &dir, path))
        return;
    struct stat about;
    int fd = open_beneath(dir.fd, path, O_PATH, 0);
    if (fd < 0 || fstat(fd, &about) < 0) {
        r->status = outside_error_of(errno);
    } else {
        r->is_directory = S_ISDIR(about.st_mode);
        r->size = r->is_directory ? 0 : (int64_t)about.st_size;
    }
    if (fd >= 0)
        close(fd);
    handle_release(c->operands[0].number);
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// The order of a directory is the file system's own affair, so it is sorted.
static void push_sorted(struct outside_call *c, DIR *d) {
    struct outside_names *r = c->value;
    char **names = NULL;
    size_t count = 0, room = 0;
    for (struct dirent *e; (e = readdir(d));) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
            continue;
        if (count == room) {
            room = room ? room * 2 : 64;
            names = realloc(names, room * sizeof *names);
            if (!names)
                abort();
        }
        names[count++] = strdup(e->d_name);
    }
    if (count)
        qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 0; i < count; i++) {
        outside_push(c, 1, &r->list, names[i], strlen(names[i]));
        free(names[i]);
    }
    free(names);
}

static void list(struct outside_call *c) {
    char path[PATH_ROOM];
    struct handle dir;
    if (!take_directory(c, 0, false, &dir, path))
        return;
    int fd = open_beneath(dir.fd, path, O_RDONLY | O_DIRECTORY, 0);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (d) {
        push_sorted(c, d);
        closedir(d);
    } else {
        *status_of(c) = outside_error_of(errno);
        if (fd >= 0)
            close(fd);
    }
    handle_release(c->operands[0].number);
}

static void make_directory(struct outside_call *c) {
    char path[PATH_ROOM];
    struct handle dir;
    if (!take_directory(c, 0, true, &dir, path))
        return;
    const char *last;
    int parent = open_parent(dir.fd, path, &last);
    if (parent < 0 || mkdirat(parent, last, 0777) < 0)
        *status_of(c) = outside_error_of(errno);
    if (parent >= 0)
        close(parent);
    handle_release(c->operands[0].number);
}

static void remove_name(struct outside_call *c) {
    char path[PATH_ROOM];
    struct handle dir;
    if (!take_directory(c, 0, true, &dir, path))
        return;
    const char *last;
    int parent = open_parent(dir.fd, path, &last);
    bool gone = parent >= 0 && (unlinkat(parent, last, 0) == 0 ||
                                (errno == EISDIR && unlinkat(parent, last, AT_REMOVEDIR) == 0));
    if (!gone)
        *status_of(c) = outside_error_of(errno);
    if (parent >= 0)
        close(parent);
    handle_release(c->operands[0].number);
}

static void rename_name(struct outside_call *c) {
    char from[PATH_ROOM], to[PATH_ROOM];
    struct handle dir;
    if (!read_path(c, 2, to))
        return;
    if (!take_directory(c, 0, true, &dir, from))
        return;
    const char *from_last, *to_last;
    int from_parent = open_parent(dir.fd, from, &from_last);
    int error = errno;
    int to_parent = from_parent < 0 ? -1 : open_parent(dir.fd, to, &to_last);
    if (from_parent < 0)
        *status_of(c) = outside_error_of(error);
    else if (to_parent < 0 || renameat(from_parent, from_last, to_parent, to_last) < 0)
        *status_of(c) = outside_error_of(errno);
    if (from_parent >= 0)
        close(from_parent);
    if (to_parent >= 0)
        close(to_parent);
    handle_release(c->operands[0].number);
}

const prism_outside prism_outside_file_directory = {"file.directory", "FileSystem", directory,
                                                    directory_needs, OUTSIDE_BLOCKS};
const prism_outside prism_outside_file_subdirectory = {"file.subdirectory", "FileSystem",
                                                       subdirectory, NULL, OUTSIDE_BLOCKS};
const prism_outside prism_outside_file_open = {"file.open", "FileSystem", open_file, NULL,
                                               OUTSIDE_BLOCKS};
const prism_outside prism_outside_file_read = {"file.read", "FileSystem", read_file, NULL,
                                               OUTSIDE_BLOCKS};
const prism_outside prism_outside_file_write = {"file.write", "FileSystem", write_file, NULL,
                                                OUTSIDE_BLOCKS};
const prism_outside prism_outside_file_close = {"file.close", "FileSystem", close_handle, NULL,
                                                OUTSIDE_BLOCKS};
const prism_outside prism_outside_file_information = {"file.information", "FileSystem", information,
                                                      NULL, OUTSIDE_BLOCKS};
const prism_outside prism_outside_file_list = {"file.list", "FileSystem", list, NULL,
                                               OUTSIDE_BLOCKS};
const prism_outside prism_outside_file_make_directory = {"file.make_directory", "FileSystem",
                                                         make_directory, NULL, OUTSIDE_BLOCKS};
const prism_outside prism_outside_file_remove = {"file.remove", "FileSystem", remove_name, NULL,
                                                 OUTSIDE_BLOCKS};
const prism_outside prism_outside_file_rename = {"file.rename", "FileSystem", rename_name, NULL,
                                                 OUTSIDE_BLOCKS};
