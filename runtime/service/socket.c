// SPDX-License-Identifier: MIT
// Sockets of TCP. No operation but looking up a host blocks: who would have to wait is told so
// (OUTSIDE_WAITS), waits until the socket is ready (socket_wait), and tries again.
//
// All sockets are watched by one epoll instance, edge-triggered, from when they are made. An edge
// that nobody waits for is kept in `ready`, so that none is missed between trying in vain and
// waiting; an old one costs one more try.
#include "runtime/service/outside.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

// Of the kernel's interface, as O_PATH in file.c: accept4 stands behind _GNU_SOURCE.
int accept4(int fd, struct sockaddr *address, socklen_t *len, int flags);

enum {
    ADDRESS_ROOM = 300,
    BACKLOG = 1024,
    RECEIVE_MAX = 64 << 10,
    LINE_FIRST = 256,
    LINE_KEPT = 1024, // bytes that a connection keeps when it has read all
    EVENTS_MAX = 64,
};

struct socket {
    pthread_mutex_t lock; // guards all below; never held while something blocks
    int fd;               // -1: none yet
    bool ready[SOCKET_DIRECTIONS];
    struct socket_waiter *waiters[SOCKET_DIRECTIONS];
    // What was received for a line that has not ended: bytes `from` up to `to` of `room`.
    unsigned char *pending;
    size_t from, to, room, searched; // searched: so many from `from` on are no line end
    struct addrinfo *found, *next;   // where to connect to; `next` comes after the one at hand
    bool connecting;
    int error; // of the last address that was tried
};

static int64_t error_of(int error_number) {
    switch (error_number) {
    case EAGAIN:
    case EINPROGRESS:
    case EALREADY:
    case EINTR:
        return OUTSIDE_WAITS;
    case ECONNREFUSED:
        return OUTSIDE_REFUSED;
    case ECONNRESET:
    case ECONNABORTED:
        return OUTSIDE_RESET;
    case EPIPE:
    case ENOTCONN:
    case EBADF:
    case EINVAL:
        return OUTSIDE_CLOSED;
    case ETIMEDOUT:
        return OUTSIDE_TIMED_OUT;
    case EADDRINUSE:
        return OUTSIDE_ADDRESS_IN_USE;
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
        return OUTSIDE_BAD_ADDRESS;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENETDOWN:
        return OUTSIDE_UNREACHABLE;
    case EACCES:
    case EPERM:
        return OUTSIDE_DENIED;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        return OUTSIDE_TOO_MANY;
    default:
        return OUTSIDE_OTHER;
    }
}

// ---- being told when sockets are ready ----------------------------------------------------------

static int poll_fd = -1, end_fd = -1;
static pthread_once_t poll_once = PTHREAD_ONCE_INIT;

static void poll_begin(void) {
    poll_fd = epoll_create1(EPOLL_CLOEXEC);
    end_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event ends = {.events = EPOLLIN, .data.u64 = UINT64_MAX};
    if (poll_fd < 0 || end_fd < 0 || epoll_ctl(poll_fd, EPOLL_CTL_ADD, end_fd, &ends) != 0)
        abort();
}

static bool poll_add(int64_t number, int fd) {
    struct epoll_event all = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                              .data.u64 = (uint64_t)number};
    return epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &all) == 0;
}

// Moves those who wait for it to the end of a list.
static void take_waiters(struct socket *s, enum socket_direction direction,
                         struct socket_waiter **list) {
    while (*list)
        list = &(*list)->next;
    *list = s->waiters[direction];
    s->waiters[direction] = NULL;
}

static struct socket *take_socket(int64_t number) {
    struct handle h;
    if (!handle_take(number, HANDLE_SOCKET, &h))
        return NULL;
    struct socket *s = h.object;
    pthread_mutex_lock(&s->lock);
    return s;
}

static void release_socket(int64_t number, struct socket *s) {
    pthread_mutex_unlock(&s->lock);
    handle_release(number);
}

bool socket_wait(int64_t number, enum socket_direction direction, struct socket_waiter *waiter) {
    struct socket *s = take_socket(number);
    if (!s)
        return false;
    bool waits = !s->ready[direction];
    s->ready[direction] = false;
    if (waits) {
        waiter->next = s->waiters[direction];
        s->waiters[direction] = waiter;
    }
    release_socket(number, s);
    return waits;
}

static void note_event(const struct epoll_event *event, struct socket_waiter **list) {
    struct socket *s = take_socket((int64_t)event->data.u64);
    if (!s)
        return; // closed meanwhile
    bool broken = event->events & (EPOLLERR | EPOLLHUP);
    bool is_ready[SOCKET_DIRECTIONS] = {
        [SOCKET_READING] = broken || event->events & (EPOLLIN | EPOLLRDHUP),
        [SOCKET_WRITING] = broken || event->events & EPOLLOUT,
    };
    for (int i = 0; i < SOCKET_DIRECTIONS; i++) {
        s->ready[i] |= is_ready[i] && !s->waiters[i];
        if (is_ready[i])
            take_waiters(s, (enum socket_direction)i, list);
    }
    release_socket((int64_t)event->data.u64, s);
}

bool socket_poll(struct socket_waiter **list) {
    pthread_once(&poll_once, poll_begin);
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(poll_fd, events, EVENTS_MAX, -1);
    bool goes_on = true;
    *list = NULL;
    for (int i = 0; i < count; i++) {
        uint64_t ends;
        if (events[i].data.u64 == UINT64_MAX)
            goes_on = read(end_fd, &ends, sizeof ends) < 0;
        else
            note_event(&events[i], list);
    }
    return goes_on;
}

void socket_poll_end(void) {
    uint64_t one = 1;
    pthread_once(&poll_once, poll_begin);
    if (write(end_fd, &one, sizeof one) < 0)
        abort(); // a counter that cannot be full
}

static void let_go(struct outside_call *c) {
    struct socket *s = take_socket(c->operands[0].number);
    if (!s)
        return;
    take_waiters(s, (enum socket_direction)c->operands[1].number, &c->woken);
    release_socket(c->operands[0].number, s);
}

// ---- addresses ----------------------------------------------------------------------------------

// Takes "HOST:PORT" apart, in `text`; false if it is none.
static bool parse_address(const prism_buffer *lend, char *text, char **host, char **port) {
    if (!outside_path(lend, text, ADDRESS_ROOM))
        return false;
    char *colon = strrchr(text, ':');
    if (!colon)
        return false;
    *colon = 0;
    *port = colon + 1;
    size_t digits = strspn(*port, "0123456789");
    if (!digits || (*port)[digits] || digits > 5 || atoi(*port) > 65535)
        return false;
    *host = text;
    bool bracketed = *text == '[' && colon > text + 1 && colon[-1] == ']';
    if (bracketed) {
        colon[-1] = 0;
        (*host)++;
    }
    return bracketed || !strchr(text, ':');
}

// May block. NULL: there is no such address, or no host of that name.
static struct addrinfo *look_up(const prism_buffer *lend, bool passive, int64_t *status) {
    char text[ADDRESS_ROOM], *host, *port;
    struct addrinfo *found = NULL;
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICSERV | (passive ? AI_PASSIVE : 0)};
    *status = OUTSIDE_BAD_ADDRESS;
    if (!parse_address(lend, text, &host, &port))
        return NULL;
    int wrong = getaddrinfo(*host ? host : passive ? NULL : "localhost", port, &hints, &found);
    if (wrong == EAI_SYSTEM)
        *status = error_of(errno);
    return wrong ? NULL : found;
}

static prism_buffer *say_address(prism_cx *cx, const struct sockaddr_storage *address,
                                 socklen_t len) {
    char host[NI_MAXHOST], port[NI_MAXSERV], text[NI_MAXHOST + NI_MAXSERV + 4];
    if (getnameinfo((const struct sockaddr *)address, len, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return NULL;
    bool is_six = address->ss_family == AF_INET6;
    int n = snprintf(text, sizeof text, is_six ? "[%s]:%s" : "%s:%s", host, port);
    return outside_buffer(cx, text, (uint64_t)n);
}

static prism_buffer *say_local(prism_cx *cx, int fd) {
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof address;
    getsockname(fd, (struct sockaddr *)&address, &len);
    return say_address(cx, &address, len);
}

// ---- making and closing -------------------------------------------------------------------------

// A handle; takes the descriptor over.
static int64_t new_socket(int fd) {
    pthread_once(&poll_once, poll_begin);
    struct socket *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->fd = fd;
    pthread_mutex_init(&s->lock, NULL);
    return handle_new((struct handle){.kind = HANDLE_SOCKET, .object = s});
}

static void make(struct outside_call *c) {
    *(int64_t *)c->value = new_socket(-1);
}

// False: it was closed before. Who waits for it finds that out by trying again.
static bool end_socket(int64_t number, struct socket_waiter **woken) {
    struct handle h;
    if (!handle_close(number, &h))
        return false;
    assert(h.kind == HANDLE_SOCKET);
    struct socket *s = h.object;
    for (int i = 0; i < SOCKET_DIRECTIONS; i++)
        take_waiters(s, (enum socket_direction)i, woken);
    if (s->fd >= 0)
        close(s->fd);
    if (s->found)
        freeaddrinfo(s->found);
    free(s->pending);
    pthread_mutex_destroy(&s->lock);
    free(s);
    return true;
}

static void close_socket(struct outside_call *c) {
    if (!end_socket(c->operands[0].number, &c->woken))
        *(int64_t *)c->value = OUTSIDE_CLOSED;
}

// The socket of operand 0, or the status, which comes first in every result, is set.
static struct socket *socket_of(struct outside_call *c) {
    struct socket *s = take_socket(c->operands[0].number);
    if (!s)
        *(int64_t *)c->value = OUTSIDE_CLOSED;
    return s;
}

// A descriptor for an address, which is bound to it if it is to listen; -1 and errno.
static int open_for(const struct addrinfo *at, bool listens) {
    int one = 1;
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, at->ai_protocol);
    if (fd < 0 || !listens)
        return fd;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

// Looking up may take its time, so the socket is not held meanwhile, and may be closed.
static void listen_at(struct outside_call *c) {
    struct outside_bytes *r = c->value;
    struct addrinfo *found = look_up(c->operands[1].buffer, true, &r->status);
    if (!found)
        return;
    int fd = -1;
    for (const struct addrinfo *at = found; at && fd < 0; at = at->ai_next)
        fd = open_for(at, true);
    r->status = fd < 0 ? error_of(errno) : 0;
    freeaddrinfo(found);
    if (fd < 0)
        return;
    struct socket *s = socket_of(c);
    if (!s || !poll_add(c->operands[0].number, fd)) {
        close(fd);
        r->status = s ? OUTSIDE_TOO_MANY : OUTSIDE_CLOSED;
    } else {
        s->fd = fd;
        r->text.bytes = say_local(c->cx, fd);
    }
    if (s)
        release_socket(c->operands[0].number, s);
}

static struct outside_need listen_needs(const prism_operand *operands) {
    return (struct outside_need){"Network.Listen", operands[1].buffer};
}

static void accept_one(struct outside_call *c) {
    struct outside_ends *r = c->value;
    struct socket *s = socket_of(c);
    if (!s)
        return;
    struct sockaddr_storage peer = {0};
    socklen_t len = sizeof peer;
    int fd, one = 1;
    do
        fd = accept4(s->fd, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    int error = errno;
    release_socket(c->operands[0].number, s);
    if (fd < 0) {
        r->status = error_of(error);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    r->status = new_socket(fd);
    r->local.bytes = say_local(c->cx, fd);
    r->peer.bytes = say_address(c->cx, &peer, len);
    if (!poll_add(r->status, fd)) {
        end_socket(r->status, &c->woken);
        r->status = OUTSIDE_TOO_MANY;
    }
}

// ---- connecting ---------------------------------------------------------------------------------

static void resolve(struct outside_call *c) {
    int64_t *status = c->value;
    struct addrinfo *found = look_up(c->operands[1].buffer, false, status);
    if (!found)
        return;
    *status = 0;
    struct socket *s = socket_of(c);
    if (!s) {
        freeaddrinfo(found);
        return;
    }
    s->found = s->next = found;
    release_socket(c->operands[0].number, s);
}

static struct outside_need resolve_needs(const prism_operand *operands) {
    return (struct outside_need){"Network.Connect", operands[1].buffer};
}

// How the attempt at hand stands: 0, or an errno.
static int attempt_error(const struct socket *s) {
    int error = 0;
    socklen_t len = sizeof error;
    struct sockaddr_storage peer;
    socklen_t peer_len = sizeof peer;
    if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        return errno;
    if (!error && getpeername(s->fd, (struct sockaddr *)&peer, &peer_len) != 0)
        return errno == ENOTCONN ? EINPROGRESS : errno;
    return error;
}

// Begins with the next address.
static int attempt(struct socket *s, int64_t number) {
    const struct addrinfo *at = s->next;
    s->next = at->ai_next;
    if (s->fd >= 0)
        close(s->fd);
    s->ready[SOCKET_READING] = s->ready[SOCKET_WRITING] = false;
    s->fd = open_for(at, false);
    if (s->fd < 0)
        return errno;
    int one = 1;
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (!poll_add(number, s->fd))
        return errno;
    return connect(s->fd, at->ai_addr, at->ai_addrlen) == 0 ? 0 : errno;
}

// The addresses one after the other, until one takes the connection or none is left.
static void connect_on(struct outside_call *c) {
    struct outside_ends *r = c->value;
    int64_t number = c->operands[0].number;
    struct socket *s = socket_of(c);
    if (!s)
        return;
    int error = s->connecting ? attempt_error(s) : ENOTCONN;
    while (error && error != EINPROGRESS && error != EINTR && s->next)
        error = attempt(s, number);
    s->connecting = error == EINPROGRESS || error == EINTR;
    r->status = error ? error_of(error) : 0;
    if (!error) {
        struct sockaddr_storage peer = {0};
        socklen_t len = sizeof peer;
        getpeername(s->fd, (struct sockaddr *)&peer, &len);
        r->local.bytes = say_local(c->cx, s->fd);
        r->peer.bytes = say_address(c->cx, &peer, len);
    }
    release_socket(number, s);
}

// ---- reading ------------------------------------------------------------------------------------

static ssize_t receive(int fd, void *to, size_t room) {
    ssize_t n;
    do
        n = recv(fd, to, room, 0);
    while (n < 0 && errno == EINTR);
    return n;
}

// The first `count` of what is pending, of which `all` are taken away.
static prism_buffer *take_pending(struct outside_call *c, struct socket *s, size_t count,
                                  size_t all) {
    prism_buffer *b = count ? outside_buffer(c->cx, s->pending + s->from, count) : NULL;
    s->from += all;
    s->searched = 0;
    if (s->from == s->to)
        s->from = s->to = 0;
    if (s->to == 0 && s->room > LINE_KEPT) {
        free(s->pending);
        s->pending = NULL;
        s->room = 0;
    }
    return b;
}

static void read_some(struct outside_call *c) {
    struct outside_bytes *r = c->value;
    struct socket *s = socket_of(c);
    if (!s)
        return;
    int64_t wanted = c->operands[1].number;
    size_t room = wanted < 1 ? 1 : wanted > RECEIVE_MAX ? RECEIVE_MAX : (size_t)wanted;
    if (s->from < s->to) {
        size_t there = s->to - s->from, count = there < room ? there : room;
        r->text.bytes = take_pending(c, s, count, count);
    } else {
        unsigned char bytes[RECEIVE_MAX];
        ssize_t n = receive(s->fd, bytes, room);
        r->status = n < 0 ? error_of(errno) : 0;
        r->text.bytes = n > 0 ? outside_buffer(c->cx, bytes, (uint64_t)n) : NULL;
    }
    release_socket(c->operands[0].number, s);
}

// Room for more behind what is pending.
static void make_room(struct socket *s) {
    size_t there = s->to - s->from;
    if (s->from) {
        memmove(s->pending, s->pending + s->from, there);
        s->from = 0;
        s->to = there;
    }
    if (s->to < s->room)
        return;
    s->room = s->room ? 2 * s->room : LINE_FIRST;
    s->pending = realloc(s->pending, s->room);
    if (!s->pending)
        abort();
}

// A line is there, in `max` bytes: takes it, and its end.
static bool take_line(struct outside_call *c, struct socket *s, size_t max) {
    struct outside_bytes *r = c->value;
    size_t there = s->to - s->from;
    unsigned char *line = s->pending + s->from;
    unsigned char *end =
        there > s->searched ? memchr(line + s->searched, '\n', there - s->searched) : NULL;
    s->searched = there;
    size_t len = end ? (size_t)(end - line) : there;
    if (len > max) {
        s->searched = 0;
        r->status = OUTSIDE_TOO_LONG;
        return true;
    }
    if (end)
        r->text.bytes = take_pending(c, s, len && end[-1] == '\r' ? len - 1 : len, len + 1);
    return end != NULL;
}

static void read_line(struct outside_call *c) {
    struct outside_bytes *r = c->value;
    struct socket *s = socket_of(c);
    if (!s)
        return;
    int64_t wanted = c->operands[1].number;
    size_t max = wanted < 0 ? 0 : (size_t)wanted;
    while (!take_line(c, s, max)) {
        make_room(s);
        ssize_t n = receive(s->fd, s->pending + s->to, s->room - s->to);
        s->to += n > 0 ? (size_t)n : 0;
        if (n > 0)
            continue;
        size_t there = s->to - s->from;
        r->status = n < 0 ? error_of(errno) : there ? 0 : SOCKET_AT_END;
        if (n == 0 && there)
            r->text.bytes = take_pending(c, s, there, there);
        break;
    }
    release_socket(c->operands[0].number, s);
}

// ---- writing ------------------------------------------------------------------------------------

static void write_some(struct outside_call *c) {
    int64_t *status = c->value;
    struct socket *s = socket_of(c);
    if (!s)
        return;
    const prism_buffer *b = c->operands[1].buffer;
    uint64_t len = prism_buffer_len(b), from = (uint64_t)c->operands[2].number;
    ssize_t n = 0;
    do
        n = from < len ? send(s->fd, b->data + from, len - from, MSG_NOSIGNAL) : 0;
    while (n < 0 && errno == EINTR);
    *status = n < 0 ? error_of(errno) : n;
    release_socket(c->operands[0].number, s);
}

static void finish(struct outside_call *c) {
    struct socket *s = socket_of(c);
    if (!s)
        return;
    if (shutdown(s->fd, SHUT_WR) != 0)
        *(int64_t *)c->value = error_of(errno);
    release_socket(c->operands[0].number, s);
}

const prism_outside prism_outside_net_new = {"net.new", "Network", make, NULL, OUTSIDE_AT_ONCE};
const prism_outside prism_outside_net_listen = {"net.listen", "Network", listen_at, listen_needs,
                                                OUTSIDE_BLOCKS};
const prism_outside prism_outside_net_resolve = {"net.resolve", "Network", resolve, resolve_needs,
                                                 OUTSIDE_BLOCKS};
const prism_outside prism_outside_net_connect = {"net.connect", "Network", connect_on, NULL,
                                                 OUTSIDE_AT_ONCE};
const prism_outside prism_outside_net_accept = {"net.accept", "Network", accept_one, NULL,
                                                OUTSIDE_AT_ONCE};
const prism_outside prism_outside_net_read = {"net.read", "Network", read_some, NULL,
                                              OUTSIDE_AT_ONCE};
const prism_outside prism_outside_net_read_line = {"net.read_line", "Network", read_line, NULL,
                                                   OUTSIDE_AT_ONCE};
const prism_outside prism_outside_net_write = {"net.write", "Network", write_some, NULL,
                                               OUTSIDE_AT_ONCE};
const prism_outside prism_outside_net_finish = {"net.finish", "Network", finish, NULL,
                                                OUTSIDE_AT_ONCE};
const prism_outside prism_outside_net_close = {"net.close", "Network", close_socket, NULL,
                                               OUTSIDE_AT_ONCE};
const prism_outside prism_outside_net_ready = {"net.ready", "Network", NULL, NULL, OUTSIDE_READY};
const prism_outside prism_outside_net_let_go = {"net.let_go", "Network", let_go, NULL,
                                                OUTSIDE_AT_ONCE};
