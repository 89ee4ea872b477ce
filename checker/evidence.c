// SPDX-License-Identifier: MIT
// Certificates on disk, and the program that checks them again.
#include "checker/evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { CAPTURE_BYTES_MAX = 64 << 20 };

struct str evidence_file_name(struct arena *a, struct str name) {
    struct text t = {.arena = a};
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '-' || (c == '.' && i > 0);
        text_putc(&t, fine ? c : '_');
    }
    text_put(&t, STR(""));
    return text_str(&t);
}

static void read_all(int fd, struct text *out) {
    char part[4096];
    for (;;) {
        ssize_t n = read(fd, part, sizeof part);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        if (out->len < CAPTURE_BYTES_MAX)
            text_put(out, (struct str){part, (size_t)n});
    }
}

bool evidence_run(struct arena *a, const char *const *argv, bool quiet, struct str *out,
                  int *status) {
    int pipe_ends[2];
    posix_spawn_file_actions_t actions;
    pid_t pid;
    struct text t = {.arena = a};
    if (pipe(pipe_ends) != 0)
        return false;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addclose(&actions, pipe_ends[0]);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], 1);
    if (pipe_ends[1] != 1)
        posix_spawn_file_actions_addclose(&actions, pipe_ends[1]);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", 0, 0);
    if (quiet)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    int failed = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_ends[1]);
    if (!failed)
        read_all(pipe_ends[0], &t);
    close(pipe_ends[0]);
    text_put(&t, STR(""));
    *out = text_str(&t);
    if (failed)
        return false;
    int raw = 0;
    while (waitpid(pid, &raw, 0) < 0 && errno == EINTR)
        continue;
    *status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
    return true;
}

// `.../philosophers.prism` -> `philosophers`
static struct str stem(struct arena *a, const char *path) {
    const char *slash = strrchr(path, '/');
    struct str s = str_from(slash && slash[1] ? slash + 1 : path);
    for (size_t i = s.len; i-- > 1;)
        if (s.data[i] == '.')
            s.len = i;
    return evidence_file_name(a, s);
}

static struct str recheck(struct arena *a, const struct check_options *options, const char *cert,
                          const char *mir) {
    const char *argv[] = {options->recheck, cert, mir, NULL};
    struct str said;
    int status = 0;
    if (!options->recheck)
        return STR("");
    if (!evidence_run(a, argv, false, &said, &status))
        return str_format(a, "the proof could not be re-checked: %s does not start",
                          options->recheck);
    if (status == 0)
        return STR("");
    while (said.len && said.data[said.len - 1] == '\n')
        said.len--;
    return str_format(a,
                      "a proof was found that its re-check refuses, which is a defect of the "
                      "checker: %.*s",
                      STR_ARGS(said));
}

struct str evidence_certificate(struct arena *a, const struct mir_module *m,
                                const struct check_options *options, struct obligation *o,
                                struct str certificate) {
    if (!options->evidence_dir)
        return STR("");
    struct str name = stem(a, options->program), subject = evidence_file_name(a, o->subject);
    const char *dir = str_format(a, "%s/%.*s", options->evidence_dir, STR_ARGS(name)).data;
    struct str path = str_format(a, "%s/%.*s.cert", dir, STR_ARGS(subject));
    struct str mir_path = str_format(a, "%s/program.mir", dir);
    struct text mir = {.arena = a};
    mir_print(m, MIR_PRINT_ALL, &mir);
    const char *wrong = dir_make(a, dir);
    if (!wrong)
        wrong = file_write(a, mir_path.data, text_str(&mir));
    if (!wrong)
        wrong = file_write(a, path.data, certificate);
    if (wrong)
        return str_format(a, "the certificate could not be written: %s", wrong);
    struct str refused = recheck(a, options, path.data, mir_path.data);
    if (!refused.len)
        o->certificate = path;
    return refused;
}
