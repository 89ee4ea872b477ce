// SPDX-License-Identifier: MIT
#include <stdbool.h>
#include <stdio.h>
static bool inside(double cx, double cy) {
    double x = 0, y = 0;
    for (int i = 0; i < 50; i++) {
        double xx = x * x, yy = y * y;
        if (xx + yy > 4)
            return false;
        y = 2 * x * y + cy;
        x = xx - yy + cx;
    }
    return true;
}
int main(void) {
    int size = 1000;
    long count = 0;
    for (int row = 0; row < size; row++)
        for (int column = 0; column < size; column++)
            count += inside(2.0 * column / size - 1.5, 2.0 * row / size - 1.0);
    printf("%ld\n", count);
}
