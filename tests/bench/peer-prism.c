// SPDX-License-Identifier: MIT
// The benchmarks of tests/bench/runtime as a peer of tests/bench/peers (and of any driver with the
// same contract):
//   peer-prism NAME          runs a benchmark, which prints lines "NAME prism METRIC VALUE UNIT"
//   peer-prism --path NAME   compiles it if need be and prints the path of the program, to be timed
//   by itself
// A constant of a program that the environment has a value for takes that value. Compiled programs
// are kept, one for each text. PRISM is the compiler, PROGRAMS the folder of sources, COMPILED the
// folder of what is kept.
#define _GNU_SOURCE // asprintf
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char *path_of(const char *format, const char *folder, const char *name, const char *key) {
    char *path = NULL;
    if (asprintf(&path, format, folder, name, key) < 0)
        err(70, "peer-prism");
    return path;
}

// One line of a program: `const NAME: TYPE = VALUE;` with the environment's value, any other line
// as it is.
static void put_line(FILE *to, const char *line) {
    char name[64], type[16];
    int end = 0;
    const char *value = NULL;
    if (sscanf(line, "const %63[A-Z_]: %15[a-z0-9] = %n", name, type, &end) == 2 && end > 0)
        value = getenv(name);
    if (value && *value)
        fprintf(to, "const %s: %s = %s;\n", name, type, value);
    else
        fputs(line, to);
}

// The benchmark's text with the parameters of this environment; NULL if it is not written for
// Prism.
static char *text_of(const char *name) {
    FILE *from = fopen(path_of("%s/%s.prism%s", PROGRAMS, name, ""), "r");
    if (!from)
        return NULL;
    char *text = NULL, *line = NULL;
    size_t size = 0, room = 0;
    FILE *to = open_memstream(&text, &size);
    while (to && getline(&line, &room, from) > 0)
        put_line(to, line);
    if (!to || fclose(to) != 0 || ferror(from))
        err(74, "%s", name);
    free(line);
    fclose(from);
    return text;
}

// FNV-1a: names a text, nothing more.
static uint64_t fingerprint(const char *text) {
    uint64_t h = 0xcbf29ce484222325;
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 0x100000001b3;
    return h;
}

// Runs ARGV to its end and gives its status; USAGE may be NULL.
static int run(char *const argv[], struct rusage *usage) {
    pid_t child;
    int status = 0;
    errno = posix_spawn(&child, argv[0], NULL, NULL, argv, environ);
    if (errno || wait4(child, &status, 0, usage) < 0)
        err(70, "%s", argv[0]);
    return status;
}

static bool is_newer(const char *a, const char *b) {
    struct stat sa, sb;
    if (stat(a, &sa) != 0)
        return false;
    return stat(b, &sb) != 0 || sa.st_mtim.tv_sec > sb.st_mtim.tv_sec;
}

// The compiled program for NAME, made if it is missing or older than the compiler.
static char *program_of(const char *name, const char *text) {
    char key[32];
    snprintf(key, sizeof key, "%016" PRIx64, fingerprint(text));
    char *program = path_of("%s/%s-%s", COMPILED, name, key);
    if (is_newer(program, PRISM))
        return program;
    char *source = path_of("%s/%s-%s.prism", COMPILED, name, key);
    if (mkdir(COMPILED, 0777) != 0 && errno != EEXIST)
        err(74, "%s", COMPILED);
    FILE *to = fopen(source, "w");
    if (!to || fputs(text, to) < 0 || fclose(to) != 0)
        err(74, "%s", source);
    char *build[] = {PRISM, "build", source, "-o", program, "--release", "--quiet", NULL};
    if (run(build, NULL) != 0)
        errx(70, "%s cannot be compiled", source);
    return program;
}

// The memory of many actors that do nothing, as the system saw it.
static int run_idle(char *program) {
    struct rusage usage;
    const char *n = getenv("IDLE_N");
    if (run((char *[]){program, NULL}, &usage) != 0)
        return 70;
    fflush(stdout);
    printf("idle prism bytes_per_actor %.1f B\n",
           (double)usage.ru_maxrss * 1024 / (n && *n ? atof(n) : 1e6));
    return 0;
}

int main(int argc, char **argv) {
    bool only_path = argc == 3 && strcmp(argv[1], "--path") == 0;
    if (argc != 2 && !only_path)
        errx(64, "usage: peer-prism [--path] NAME");
    const char *name = argv[argc - 1];
    char *text = text_of(name);
    if (!text)
        return 0; // not written for Prism: no line, no figure
    char *program = program_of(name, text);
    if (only_path)
        return puts(program) < 0;
    if (strcmp(name, "idle") == 0)
        return run_idle(program);
    execv(program, (char *[]){program, NULL});
    err(70, "%s", program);
}
