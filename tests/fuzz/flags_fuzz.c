// SPDX-License-Identifier: MIT
// Fuzzing the command line: any words, one a line, are understood or refused in words.
#include "frontend/cli/cli.h"
#include "tests/fuzz/fuzz.h"

enum { WORDS_MAX = 200 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct diag_sink sink = {.arena = &a};
    char *text = (char *)str_dup(&a, (struct str){(const char *)data, size}).data;
    char *words[WORDS_MAX + 2] = {"prism"};
    int count = 1;
    for (char *word = strtok(text, "\n"); word && count <= WORDS_MAX; word = strtok(NULL, "\n"))
        words[count++] = word;
    struct cli cli = {.arena = &a, .sink = &sink};
    bool good = cli_parse(&cli, count, words);
    check(good == (sink.errors == 0), "refused without a word, or understood with one");
    struct text out = {.arena = &a};
    diag_render(&sink, (struct diag_style){.format = DIAG_HUMAN, .width = 80}, &out);
    arena_free(&a);
    return 0;
}
