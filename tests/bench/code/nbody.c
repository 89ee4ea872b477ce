// SPDX-License-Identifier: MIT
#include <math.h>
#include <stdio.h>
typedef struct {
    double x, y, z, vx, vy, vz, mass;
} body;
#define SOLAR_MASS 39.47841760435743
#define DAYS       365.24
static double energy(const body *all, int n) {
    double e = 0;
    for (int i = 0; i < n; i++) {
        const body *a = &all[i];
        e += 0.5 * a->mass * (a->vx * a->vx + a->vy * a->vy + a->vz * a->vz);
        for (int j = i + 1; j < n; j++) {
            const body *b = &all[j];
            double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
            e -= a->mass * b->mass / sqrt(dx * dx + dy * dy + dz * dz);
        }
    }
    return e;
}
static void step(body *all, int n, double dt) {
    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n; j++) {
            double dx = all[i].x - all[j].x, dy = all[i].y - all[j].y, dz = all[i].z - all[j].z;
            double d2 = dx * dx + dy * dy + dz * dz, mag = dt / (d2 * sqrt(d2));
            double mi = all[i].mass, mj = all[j].mass;
            all[i].vx -= dx * mj * mag;
            all[i].vy -= dy * mj * mag;
            all[i].vz -= dz * mj * mag;
            all[j].vx += dx * mi * mag;
            all[j].vy += dy * mi * mag;
            all[j].vz += dz * mi * mag;
        }
    for (int i = 0; i < n; i++) {
        all[i].x += dt * all[i].vx;
        all[i].y += dt * all[i].vy;
        all[i].z += dt * all[i].vz;
    }
}
int main(void) {
    body all[5] = {
        {0, 0, 0, 0, 0, 0, SOLAR_MASS},
        {4.84143144246472090, -1.16032004402742839, -0.103622044471123109,
         0.00166007664274403694 * DAYS, 0.00769901118419740425 * DAYS,
         -0.0000690460016972063023 * DAYS, 0.000954791938424326609 * SOLAR_MASS},
        {8.34336671824457987, 4.12479856412430479, -0.403523417114321381,
         -0.00276742510726411169 * DAYS, 0.00499852801234917238 * DAYS,
         0.0000230417297573763929 * DAYS, 0.000285885980666130812 * SOLAR_MASS},
        {12.8943695621391310, -15.1111514016986312, -0.223307578892655734,
         0.00296460137564761618 * DAYS, 0.00237847173959480950 * DAYS,
         -0.0000296589568540237556 * DAYS, 0.0000436624404335156298 * SOLAR_MASS},
        {15.3796971148509165, -25.9193146099879641, 0.179258772950371181,
         0.00268067772490389322 * DAYS, 0.00162824170038242295 * DAYS,
         -0.0000951592254519715870 * DAYS, 0.0000515138902046611451 * SOLAR_MASS},
    };
    for (int i = 0; i < 2000000; i++)
        step(all, 5, 0.01);
    printf("%lld\n", (long long)floor(energy(all, 5) * 1000000000.0));
}
