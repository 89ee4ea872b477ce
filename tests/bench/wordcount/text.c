// SPDX-License-Identifier: MIT
// Writes a text of about MEGABYTES (argument 1) to standard output: words of a made-up vocabulary
// as often as words of a language stand, by Zipf's law, with punctuation, capitals, numbers and
// long lines between. The same bytes every time.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 50000, LETTERS_MAX = 24 };

static uint64_t state = 88172645463325252u;

static uint64_t draw(void) { // Marsaglia, "Xorshift RNGs" (2003)
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static char words[WORDS][LETTERS_MAX];
static double sums[WORDS];

static void make_words(void) {
    static const char *const onsets[] = {"b",  "d", "st", "k", "l", "m", "n",
                                         "pr", "r", "s",  "t", "v", "w", ""};
    static const char *const ends[] = {"a", "e", "i", "o", "u", "an", "er", "in", "on", "es"};
    double sum = 0;
    for (int i = 0; i < WORDS; i++) {
        int syllables = 1 + (i > 20) + (i > 400) + (int)(draw() % 3 == 0);
        for (int k = 0; k < syllables; k++) {
            strcat(words[i], onsets[draw() % (sizeof onsets / sizeof *onsets)]);
            strcat(words[i], ends[draw() % (sizeof ends / sizeof *ends)]);
        }
        sum += 1.0 / (i + 1);
        sums[i] = sum;
    }
}

static const char *word(void) {
    double wanted = (double)(draw() >> 11) / 9007199254740992.0 * sums[WORDS - 1];
    int low = 0, high = WORDS - 1;
    while (low < high) {
        int middle = (low + high) / 2;
        if (sums[middle] < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return words[low];
}

int main(int argc, char **argv) {
    long long left = (argc > 1 ? atoll(argv[1]) : 1) * 1000000;
    int column = 0;
    make_words();
    while (left > 0) {
        const char *w = word();
        char text[LETTERS_MAX + 8];
        uint64_t how = draw() % 32;
        int n = snprintf(text, sizeof text,
                         how == 0   ? "%s. "
                         : how == 1 ? "%s, "
                         : how == 2 ? "%s-42 "
                                    : "%s ",
                         w);
        if (draw() % 12 == 0 && text[0] >= 'a')
            text[0] = (char)(text[0] - 32);
        if ((column += n) > 70) {
            text[n - 1] = '\n';
            column = 0;
        }
        fwrite(text, 1, (size_t)n, stdout);
        left -= n;
    }
    return ferror(stdout) != 0;
}
