// SPDX-License-Identifier: MIT
// source-gen SEED: prints a program.
#include "tests/sources/gen/source_gen.h"

#include <stdlib.h>

// splitmix64
uint64_t roll(struct gen *g, uint64_t count) {
    uint64_t z = g->random += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (z ^ z >> 31) % count;
}

bool chance(struct gen *g, int percent) {
    return roll(g, 100) < (uint64_t)percent;
}

const char *fresh(struct gen *g, const char *prefix) {
    return str_format(g->arena, "%s%d", prefix, (int)g->names++).data;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: source-gen SEED\n");
        return 2;
    }
    struct arena arena = {0};
    struct gen g = {
        .arena = &arena, .random = strtoull(argv[1], NULL, 10), .out = {.arena = &arena}};
    make_types(&g);
    make_items(&g);
    fwrite(g.out.data, 1, g.out.len, stdout);
    arena_free(&arena);
    return 0;
}
