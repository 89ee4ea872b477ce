// SPDX-License-Identifier: MIT
// service: the operations outside that providers are written with (services.def). The door of
// runtime/service/.
//
// An operation that may block runs on a thread of the blocking pool (runtime/parallel/pool.c),
// with a cx that has memory of its own and no home; one that does not runs where it is called. It
// reads its operands, which it does not keep, and writes its result; it does not trap. What it is
// refused is decided before, by the caller's strand.
//
//   authority.c  what the program may do       handle.c  numbers that stand for open things
//   file.c       files and directories         stream.c  standard streams, arguments, variables
//   socket.c     sockets, and being told when they are ready
//   sqlite.c     SQL; only programs that use it are linked with the library
#ifndef PRISM_SERVICE_OUTSIDE_H
#define PRISM_SERVICE_OUTSIDE_H

#include "runtime/abi.h"

#include <pthread.h>

struct socket_waiter; // who waits until a socket is ready

struct outside_call {
    prism_cx *cx;
    const prism_operand *operands;
    const prism_type *result;
    void *value;                 // of `result`, zeroed
    struct socket_waiter *woken; // who need not wait any more: the caller tells them
};

enum outside_way {
    OUTSIDE_BLOCKS,
    OUTSIDE_AT_ONCE, // never blocks, and takes no longer than a message
    OUTSIDE_READY,   // has no code of its own: waits until a socket is ready, or perhaps is
};

// What an operation needs leave for: `family` is a capability, as in "FileSystem.Read"; NULL:
// nothing.
struct outside_need {
    const char *family;
    struct prism_buffer *argument; // text that the capability is asked for, or NULL: for all
};

struct prism_outside {
    const char *name, *service;
    void (*run)(struct outside_call *call);
    struct outside_need (*needs)(const prism_operand *operands); // or NULL
    enum outside_way way;
};

// ---- results: as the letters of services.def say, in the C layout of such a struct --------------

struct outside_text { // b
    prism_buffer *bytes;
};
struct outside_bytes { // ib
    int64_t status;
    struct outside_text text;
};
struct outside_names { // il
    int64_t status;
    prism_buffer *list; // of struct outside_text
};
struct outside_rows { // iil
    int64_t status, columns;
    prism_buffer *list;
};

struct outside_ends { // ibb
    int64_t status;
    struct outside_text local, peer;
};

// A buffer of bytes, of which `len` are there.
prism_buffer *outside_buffer(prism_cx *cx, const void *bytes, uint64_t len);
// Appends a text to a list, that is the struct's field number `field`.
void outside_push(struct outside_call *call, uint32_t field, prism_buffer **list, const void *bytes,
                  uint64_t len);
// The text as a C string, in `room` bytes; false if it is too long or a zero byte is in it.
bool outside_path(const prism_buffer *lend, char *out, size_t room);

// ---- errors, as the library's FileError counts them ---------------------------------------------

enum outside_error {
    OUTSIDE_NOT_FOUND = -1,
    OUTSIDE_EXISTS = -2,
    OUTSIDE_DENIED = -3,
    OUTSIDE_NOT_A_DIRECTORY = -4,
    OUTSIDE_IS_A_DIRECTORY = -5,
    OUTSIDE_NOT_EMPTY = -6,
    OUTSIDE_BEYOND = -7, // the path leads out of its directory
    OUTSIDE_CLOSED = -8,
    OUTSIDE_READ_ONLY = -9,
    OUTSIDE_FULL = -10,
    OUTSIDE_BAD_NAME = -11,
    OUTSIDE_OTHER = -12,
    // Of sockets, as the library's NetworkError counts them.
    OUTSIDE_REFUSED = -20,
    OUTSIDE_RESET = -21,
    OUTSIDE_TIMED_OUT = -22,
    OUTSIDE_ADDRESS_IN_USE = -23,
    OUTSIDE_BAD_ADDRESS = -24,
    OUTSIDE_UNREACHABLE = -25,
    OUTSIDE_TOO_MANY = -26,
    OUTSIDE_TOO_LONG = -27,
    OUTSIDE_WAITS = -30, // nothing was done: to be tried again when the socket is ready
};
enum { SOCKET_AT_END = 1 }; // of a line: there is none any more
int64_t outside_error_of(int error_number);

// Opens a path beneath a directory without openat2: one segment at a time, following no link.
int outside_walk_beneath(int dir, const char *path, int flags, unsigned mode);

// ---- handles ------------------------------------------------------------------------------------

enum handle_kind { HANDLE_NONE, HANDLE_DIRECTORY, HANDLE_FILE, HANDLE_SQL, HANDLE_SOCKET };
struct handle {
    enum handle_kind kind;
    int fd;
    bool writable;
    void *object;
    pthread_mutex_t *lock; // SQL: one statement at a time
};
// A number that was never given before, and never again.
int64_t handle_new(struct handle handle);
// False if it stands for nothing of that kind any more. A handle that is taken is not closed by
// another thread until it is released.
bool handle_take(int64_t number, enum handle_kind kind, struct handle *out);
void handle_release(int64_t number);
// Forgets the number; false as above. The caller gives back what it stood for.
bool handle_close(int64_t number, struct handle *out);

// ---- sockets ------------------------------------------------------------------------------------

enum socket_direction { SOCKET_READING, SOCKET_WRITING, SOCKET_DIRECTIONS };
struct socket_waiter {
    struct socket_waiter *next;
};
// False: the socket may be ready, or is closed; else `waiter` comes out of socket_poll, or as the
// `woken` of a call, once.
bool socket_wait(int64_t number, enum socket_direction direction, struct socket_waiter *waiter);
// Blocks until some sockets are ready; gives who waits for them, which may be nobody. False: it is
// to end. For one thread at a time.
bool socket_poll(struct socket_waiter **list);
void socket_poll_end(void); // lets socket_poll return, false

// ---- authority ----------------------------------------------------------------------------------

// May the program do it? `PRISM_ALLOW` holds a capability a line, as --allow writes them.
bool authority_covers(const char *family, const char *argument, size_t len);
// What `PRISM_DENY` holds, which may not be done whatever is granted: lines as env_denied gives
// them, or NULL.
const char *authority_denied(void);

// The program's own arguments, kept by main.
void outside_keep_arguments(int argc, char **argv);

#endif
