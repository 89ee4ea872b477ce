// SPDX-License-Identifier: MIT
// source-gen FROM [TO]: prints a file with the programs of these seeds, each a module. Its `main`
// prints what each gives, a line each; its tests hold each to the text that `expected(seed)` says,
// a function that whoever compiles the file has to add.
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

static const char prelude[] =
    "struct Pair<A, B> {\n    left: A,\n    right: B,\n}\n\n"
    "impl<A, B> Pair<A, B> {\n"
    "    function swapped(self) -> Pair<B, A> {\n"
    "        return Pair { left: self.right, right: self.left };\n    }\n"
    "    function change_left(mut self, f: A -> A) -> A {\n"
    "        let before = self.left;\n        self.left = f(before);\n"
    "        return before;\n    }\n}\n\n"
    "trait Holder {\n    type Item;\n    const ROOM: i64;\n"
    "    function all(self) -> List<Self.Item>;\n    function add(mut self, item: Self.Item);\n"
    "    function size(self) -> i64 {\n"
    "        return i64(self.all().len()) + Self.ROOM;\n    }\n}\n\n"
    "impl<T> Holder for List<T> {\n    type Item = T;\n    const ROOM: i64 = 3;\n"
    "    function all(self) -> List<T> {\n        return self;\n    }\n"
    "    function add(mut self, item: T) {\n        self.push(item);\n    }\n}\n\n"
    "impl<T> Holder for Option<T> {\n    type Item = T;\n    const ROOM: i64 = 1;\n"
    "    function all(self) -> List<T> {\n"
    "        return match self {\n            Some(item) => [item],\n"
    "            None => [],\n        };\n    }\n"
    "    function add(mut self, item: T) {\n        self = Some(item);\n    }\n"
    "    function size(self) -> i64 {\n        return -1;\n    }\n}\n\n"
    "function gather<C>(mut c: C, item: C.Item) -> i64 where C: Holder {\n"
    "    c.add(item);\n    return c.size() * C.ROOM + i64(c.all().len());\n}\n\n"
    "function exchange<T>(mut a: T, mut b: T) {\n"
    "    let kept = a;\n    a = b;\n    b = kept;\n}\n\n"
    "struct Fail {\n    code: i64,\n}\n\n"
    "function pick<T>(first: bool, a: T, b: T) -> T {\n"
    "    if first {\n        return a;\n    }\n    return b;\n}\n\n"
    "function note<T>(mut out: List<String>, what: String, value: T) {\n"
    "    out.push(format!(\"{} {}\", what, value));\n}\n\n"
    "function seen(text: String) -> i64 {\n    return i64(hash(text) % 10007);\n}\n\n"
    "function tell(number: i64, outcome: List<String>) {\n"
    "    println!(\"{} {}\", number, outcome);\n}\n\n"
    "function agree(number: i64, outcome: List<String>) {\n"
    "    assert_eq!(format!(\"{}\", outcome), expected(number));\n}\n\n"
    "async function attempt<T>(what: String, work: () -> T) -> String {\n"
    "    return async with error_boundary() {\n"
    "        format!(\"{} {}\", what, work())\n"
    "    } catch_boundary(error) {\n"
    "        format!(\"{} failed: {}\", what, error)\n    };\n}\n\n"
    "async function attempt_later<T>(what: String, work: Future<T>) -> String {\n"
    "    return async with error_boundary() {\n"
    "        format!(\"{} {}\", what, await work)\n"
    "    } catch_boundary(error) {\n"
    "        format!(\"{} failed: {}\", what, error)\n    };\n}\n\n"
    "struct Kept<A, B> {\n    call: A -> B,\n}\n\n"
    "function apply<A, B>(f: A -> B, value: A) -> B {\n    return f(value);\n}\n\n"
    "function wait_with<T>(value: T) -> T {\n"
    "    let through: Channel<T> = Channel.new(1);\n    through.send(value);\n"
    "    return through.recv().unwrap();\n}\n\n"
    "async function silence<T>(value: T) -> T {\n"
    "    let silent: Channel<T> = Channel.new();\n"
    "    return silent.recv().unwrap_or(value);\n}\n\n";

// The types of a family follow from its number alone.
static struct gen family_of(struct arena *a, uint64_t number, struct text *out) {
    struct gen g = {.arena = a, .random = ~number * 0x9e3779b97f4a7c15, .out = {.arena = a}};
    g.indent = 1;
    make_types(&g);
    *out = g.out;
    return g;
}

// Prints the module of a program, and adds what main and its test do.
static void program(struct gen g, uint64_t seed, struct text *tests, struct text *all) {
    struct arena *kept = tests->arena;
    g.random = seed;
    g.out = g.uses = g.binds = (struct text){.arena = g.arena};
    g.module = str_format(g.arena, "fam%llu.p%llu", (unsigned long long)(seed / FAMILY_PROGRAMS),
                          (unsigned long long)seed)
                   .data;
    g.indent = 2;
    make_program(&g);
    printf("    module p%llu {\n%.*s    }\n\n", (unsigned long long)seed,
           STR_ARGS(text_str(&g.out)));
    struct str binds = str_dup(kept, text_str(&g.binds));
    text_printf(all, "%.*s    tell(%llu, await %s.outcome());\n", STR_ARGS(binds),
                (unsigned long long)seed, g.module);
    text_printf(tests, "test p%llu() {\n%.*s    agree(%llu, await %s.outcome());\n}\n\n",
                (unsigned long long)seed, STR_ARGS(binds), (unsigned long long)seed, g.module);
}

int main(int argc, char **argv) {
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: source-gen FROM [TO]\n");
        return 2;
    }
    uint64_t from = strtoull(argv[1], NULL, 10);
    uint64_t to = argc == 3 ? strtoull(argv[2], NULL, 10) : from;
    fwrite(prelude, 1, sizeof prelude - 1, stdout);
    struct arena kept = {0};
    struct text tests = {.arena = &kept}, all = {.arena = &kept};
    for (uint64_t family = from / FAMILY_PROGRAMS; family <= to / FAMILY_PROGRAMS; family++) {
        struct arena arena = {0};
        struct text types;
        struct gen g = family_of(&arena, family, &types);
        printf("module fam%llu {\n%.*s", (unsigned long long)family, STR_ARGS(text_str(&types)));
        for (uint64_t seed = from; seed <= to; seed++)
            if (seed / FAMILY_PROGRAMS == family)
                program(g, seed, &tests, &all);
        printf("}\n\n");
        arena_free(&arena);
    }
    printf("%.*sasync function main() {\n%.*s}\n", STR_ARGS(text_str(&tests)),
           STR_ARGS(text_str(&all)));
    arena_free(&kept);
    return 0;
}
