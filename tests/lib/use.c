// SPDX-License-Identifier: MIT
// Uses the library as a program of C would; a name of its own may be one of the runtime's, too.
#define _DEFAULT_SOURCE
#include "bank.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int failures;
static void check(bool good, const char *what) {
    if (!good) {
        failures++;
        printf("wrong: %s; it says: %s\n", what, prism_bank_message());
    }
}
int cell_run(void); // a function of the runtime has that name
int cell_run(void) {
    return 7;
}

static void values_cross(void) {
    bank_Line line = {{3, 1.5, 'x', true}, {4, 2.5, 0x1f600, false}}, moved;
    check(bank_shift(line, 4, &moved) == PRISM_OK, "a struct of structs is taken");
    check(moved.from.x == 7 && moved.from.default_ && moved.to.y == 5 &&
              moved.to.initial == 0x1f600,
          "and given");
    prism_text text;
    check(bank_greet("wörld, ", 8, 2, &text) == PRISM_OK, "a text is taken");
    check(text.len == 30 && strcmp(text.data, "hello, wörld, hello, wörld, ") == 0, "and given");
    free(text.data);
    check(bank_reversed("a\0b", 3, &text) == PRISM_OK && text.len == 3 &&
              !memcmp(text.data, "b\0a", 4),
          "bytes may be any");
    free(text.data);
    check(bank_reversed(NULL, 0, &text) == PRISM_OK && text.len == 0, "or none");
    free(text.data);
    check(bank_greet("x", 1, 1, NULL) == PRISM_OK, "a result need not be wanted");
    check(bank_nothing() == PRISM_OK, "nothing is given");
}

static void failures_are_told(void) {
    int64_t n = 77;
    prism_text text;
    check(bank_divide(1, 0, &n) == PRISM_FAILED && n == 77, "a trap is a status");
    check(strcmp(prism_bank_message(), "a division by zero") == 0, "with its sentence");
    check(bank_deposit(-5, &n) == PRISM_ERROR && n == 77, "an Err is another");
    check(strcmp(prism_bank_message(), "-5 is no deposit") == 0, "with what it holds");
    check(bank_greet("\xff", 1, 1, &text) == PRISM_FAILED, "a text has to be UTF-8");
    bank_Line line = {{3, 1.5, 0xd800, true}, {4, 2.5, 'y', false}};
    check(bank_shift(line, 1, &line) == PRISM_FAILED, "a character has to be one");
    check(bank_divide(9, 3, &n) == PRISM_OK && n == 3 && !*prism_bank_message(), "and on it goes");
}

static void *one_thread(void *unused) {
    (void)unused;
    for (int i = 0; i < 100; i++) {
        int64_t n = 0;
        check(bank_sum_up(20, &n) == PRISM_OK && n == 190, "what waits is waited for");
        check(bank_deposit(1, &n) == PRISM_OK, "what stays is there for all");
        check(bank_divide(i, 0, &n) == PRISM_FAILED &&
                  strcmp(prism_bank_message(), "a division by zero") == 0,
              "a message is a thread's own");
    }
    return NULL;
}

static void threads_call_at_once(void) {
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    int64_t n = 0;
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, one_thread, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    check(bank_deposit(0, &n) == PRISM_OK && n == 400, "nothing is lost");
}

static void *waits(void *unused) {
    (void)unused;
    int64_t n;
    check(bank_wait_for_ever(&n) == PRISM_STOPPED, "a call under way is cancelled");
    return NULL;
}

int main(void) {
    int64_t n;
    check(bank_divide(1, 1, &n) == PRISM_STOPPED, "before it is started");
    check(prism_bank_stop() == PRISM_STOPPED, "nor can it be stopped");
    for (unsigned round = 0; round < 3; round++) {
        check(prism_bank_start(round) == PRISM_OK, "it starts");
        check(prism_bank_start(1) == PRISM_RUNNING, "once");
        values_cross();
        failures_are_told();
        threads_call_at_once();
        pthread_t waiting;
        pthread_create(&waiting, NULL, waits, NULL);
        usleep(50000);
        check(prism_bank_stop() == PRISM_OK, "it stops");
        pthread_join(waiting, NULL);
        check(bank_divide(1, 1, &n) == PRISM_STOPPED, "after it was stopped");
    }
    check(cell_run() == 7, "names are one's own");
    printf("%s\n", failures ? "failed" : "good");
    return failures != 0;
}
