// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
typedef struct tree {
    struct tree *left, *right;
} tree;
static tree *make(long depth) {
    tree *t = malloc(sizeof *t);
    t->left = depth ? make(depth - 1) : NULL;
    t->right = depth ? make(depth - 1) : NULL;
    return t;
}
static long count(const tree *t) {
    return t ? 1 + count(t->left) + count(t->right) : 0;
}
static void drop(tree *t) {
    if (!t)
        return;
    drop(t->left);
    drop(t->right);
    free(t);
}
int main(void) {
    tree *lasting = make(16);
    long sum = 0;
    for (long depth = 4; depth <= 16; depth += 4)
        for (long i = 0; i < 1l << (16 - depth + 4); i++) {
            tree *t = make(depth);
            sum += count(t);
            drop(t);
        }
    printf("%ld %ld\n", sum, count(lasting));
}
