// SPDX-License-Identifier: MIT
// SQL by SQLite. Parameters and cells are text; NULL is the empty text. Only programs that use
// these operations take this file out of the library, and are linked with libsqlite3.
#include "runtime/service/outside.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_ROOM = 4096, BUSY_MS_MAX = 5000 };

static void open_database(struct outside_call *c) {
    int64_t *status = c->value;
    char path[PATH_ROOM];
    sqlite3 *db = NULL;
    if (!outside_path(c->operands[0].buffer, path, sizeof path)) {
        *status = OUTSIDE_BAD_NAME;
        return;
    }
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
    if (sqlite3_open_v2(path, &db, flags, NULL) != SQLITE_OK) {
        sqlite3_close(db);
        *status = OUTSIDE_NOT_FOUND;
        return;
    }
    sqlite3_busy_timeout(db, BUSY_MS_MAX);
    pthread_mutex_t *lock = malloc(sizeof *lock);
    if (!lock)
        abort();
    pthread_mutex_init(lock, NULL);
    *status = handle_new((struct handle){.kind = HANDLE_SQL, .object = db, .lock = lock});
}

static struct outside_need open_needs(const prism_operand *operands) {
    const prism_buffer *b = operands[0].buffer;
    bool in_memory = prism_buffer_len(b) == 8 && !memcmp(b->data, ":memory:", 8);
    return (struct outside_need){in_memory ? NULL : "FileSystem.Write", operands[0].buffer};
}

// What went wrong, in SQLite's words, is the one cell.
static void say_error(struct outside_call *c, sqlite3 *db, int code) {
    struct outside_rows *r = c->value;
    const char *said = sqlite3_errmsg(db);
    r->status = (code & 0xff) == SQLITE_CONSTRAINT ? OUTSIDE_EXISTS
                : (code & 0xff) == SQLITE_FULL     ? OUTSIDE_FULL
                : (code & 0xff) == SQLITE_READONLY ? OUTSIDE_READ_ONLY
                                                   : OUTSIDE_OTHER;
    outside_push(c, 2, &r->list, said, strlen(said));
}

static void push_row(struct outside_call *c, sqlite3_stmt *s) {
    struct outside_rows *r = c->value;
    for (int i = 0; i < sqlite3_column_count(s); i++) {
        const void *text = sqlite3_column_text(s, i);
        outside_push(c, 2, &r->list, text, (uint64_t)sqlite3_column_bytes(s, i));
    }
}

static void bind_parameters(struct outside_call *c, sqlite3_stmt *s) {
    const prism_buffer *list = c->operands[2].buffer;
    for (uint64_t i = 0; i < prism_buffer_len(list); i++) {
        const prism_buffer *text = ((const struct outside_text *)list->data)[i].bytes;
        sqlite3_bind_text64(s, (int)i + 1, text ? (const char *)text->data : "",
                            prism_buffer_len(text), SQLITE_STATIC, SQLITE_UTF8);
    }
}

static void run_statement(struct outside_call *c, sqlite3 *db) {
    struct outside_rows *r = c->value;
    const prism_buffer *text = c->operands[1].buffer;
    sqlite3_stmt *s = NULL;
    int code = sqlite3_prepare_v2(db, text ? (const char *)text->data : "",
                                  (int)prism_buffer_len(text), &s, NULL);
    if (code == SQLITE_OK && s) {
        bind_parameters(c, s);
        r->columns = sqlite3_column_count(s);
        while ((code = sqlite3_step(s)) == SQLITE_ROW)
            push_row(c, s);
    }
    if (code != SQLITE_DONE && code != SQLITE_OK) {
        for (uint64_t i = 0; i < prism_buffer_len(r->list); i++)
            prism_buffer_drop(c->cx, ((struct outside_text *)r->list->data)[i].bytes);
        if (r->list)
            r->list->len = 0;
        say_error(c, db, code);
    }
    sqlite3_finalize(s);
}

static void run(struct outside_call *c) {
    struct handle h;
    if (!handle_take(c->operands[0].number, HANDLE_SQL, &h)) {
        *(int64_t *)c->value = OUTSIDE_CLOSED;
        return;
    }
    pthread_mutex_lock(h.lock);
    run_statement(c, h.object);
    pthread_mutex_unlock(h.lock);
    handle_release(c->operands[0].number);
}

static void close_database(struct outside_call *c) {
    struct handle h;
    if (!handle_close(c->operands[0].number, &h)) {
        *(int64_t *)c->value = OUTSIDE_CLOSED;
        return;
    }
    sqlite3_close(h.object);
    pthread_mutex_destroy(h.lock);
    free(h.lock);
}

const prism_outside prism_outside_sql_open = {"sql.open", NULL, open_database, open_needs,
                                              OUTSIDE_BLOCKS};
const prism_outside prism_outside_sql_run = {"sql.run", NULL, run, NULL, OUTSIDE_BLOCKS};
const prism_outside prism_outside_sql_close = {"sql.close", NULL, close_database, NULL,
                                               OUTSIDE_BLOCKS};
