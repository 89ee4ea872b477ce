// SPDX-License-Identifier: MIT
// json FILE [NAME]...: reads JSON, one value or one a line, and prints for each the keys of the
// object, or the length of the array, to which the names (of members, or numbers of items) lead.
// Ends with 1 when it is no JSON or nothing is there.
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const char *what) {
    fprintf(stderr, "json: %s\n", what);
    return 1;
}

static const json_t *part(const json_t *v, const char *name) {
    return json_is_array(v) ? json_array_get(v, strtoul(name, NULL, 10)) : json_object_get(v, name);
}

static int show(const json_t *v) {
    const char *key;
    json_t *member;
    if (json_is_array(v))
        return printf("%zu\n", json_array_size(v)) < 0;
    if (!json_is_object(v))
        return fail("neither an object nor an array");
    json_object_foreach((json_t *)v, key, member) {
        printf("%s ", key);
    }
    putchar('\n');
    return 0;
}

int main(int argc, char **argv) {
    FILE *f = argc > 1 && strcmp(argv[1], "-") != 0 ? fopen(argv[1], "rb") : stdin;
    if (!f)
        return fail(strerror(errno));
    int status = 0, count = 0, c;
    while (!status) {
        while ((c = getc(f)) == '\n' || c == ' ')
            ;
        if (c == EOF)
            break;
        ungetc(c, f);
        json_error_t error;
        json_t *all = json_loadf(f, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &error);
        if (!all)
            return fail(error.text);
        const json_t *at = all;
        for (int i = 2; i < argc; i++)
            at = part(at, argv[i]);
        status = show(at);
        json_decref(all);
        count++;
    }
    fclose(f);
    return status || !count;
}
