// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static void quicksort(long *list, long from, long to) {
    long low = from, high = to, pivot = list[(from + to) / 2];
    while (low <= high) {
        while (list[low] < pivot)
            low++;
        while (list[high] > pivot)
            high--;
        if (low <= high) {
            long kept = list[low];
            list[low++] = list[high];
            list[high--] = kept;
        }
    }
    if (from < high)
        quicksort(list, from, high);
    if (low < to)
        quicksort(list, low, to);
}
static int compare(const void *a, const void *b) {
    long x = *(const long *)a, y = *(const long *)b;
    return x < y ? -1 : x > y;
}
int main(void) {
    size_t n = 2000000;
    long *list = malloc(n * sizeof *list), *other = malloc(n * sizeof *other), seed = 42;
    for (size_t i = 0; i < n; i++)
        list[i] = seed = (seed * 1103515245 + 12345) % 2147483648;
    memcpy(other, list, n * sizeof *list);
    quicksort(list, 0, (long)n - 1);
    qsort(other, n, sizeof *other, compare);
    printf("%ld %s\n", list[1000000], memcmp(list, other, n * sizeof *list) ? "false" : "true");
}
