// SPDX-License-Identifier: MIT
// peak PROGRAM ARGS...: runs it, and says on standard error, as the last line, what it cost:
//     peak_kb=N cpu_ms=N switches=N
// Its status is the program's; 128 + N after signal N.
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static long milliseconds(struct timeval t) {
    return t.tv_sec * 1000 + t.tv_usec / 1000;
}

int main(int argc, char **argv) {
    if (argc < 2)
        return 2;
    pid_t child = fork();
    if (child == 0) {
        execv(argv[1], argv + 1);
        _exit(127);
    }
    int status;
    struct rusage used;
    if (child < 0 || wait4(child, &status, 0, &used) != child)
        return 70;
    fprintf(stderr, "peak_kb=%ld cpu_ms=%ld switches=%ld\n", used.ru_maxrss,
            milliseconds(used.ru_utime) + milliseconds(used.ru_stime),
            used.ru_nvcsw); // given up, not taken away
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
