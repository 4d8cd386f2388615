/* Calls a compiled program's `run` on the conditions in the files `sizes` and `given`; writes `found`. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

extern void run(int64_t n, double *params, double *start, int64_t nt, double *times, double *values,
                double *final, int8_t *status, int32_t *steps, double *reached, double rtol, double atol, int64_t most,
                double t0, double *stops, int64_t *rows, double *carried, double *kept, double *slack, void *log, void *work);

static void whole(int good) {
    if (!good) exit(1);
}

int main(void) {
    int64_t size[6];
    FILE *file = fopen("sizes", "rb");
    whole(file && fread(size, sizeof *size, 6, file) == 6);
    int64_t n = size[0], params = size[1], states = size[2], readouts = size[3], nt = size[4];
    int64_t given = 2 + nt + n * params, ends = n * nt * readouts, found = ends + n * states + 2 * n;
    double *in = malloc(given * sizeof *in), *out = calloc(found, sizeof *out);
    int8_t *status = calloc(n, sizeof *status);
    int32_t *steps = calloc(n, sizeof *steps);
    double *reached = calloc(n, sizeof *reached);
    void *work = aligned_alloc(64, (size[5] * sizeof(double) + 63) / 64 * 64);
    file = fopen("given", "rb");
    whole(file && fread(in, sizeof *in, given, file) == (size_t)given);
    run(n, in + 2 + nt, NULL, nt, in + 2, out, out + ends, status, steps, reached, in[0], in[1], 20000, 0.0, NULL, NULL, NULL,
        NULL, NULL, NULL, work);
    for (int64_t k = 0; k < n; k++) {
        out[found - 2 * n + k] = status[k];
        out[found - n + k] = steps[k];
    }
    file = fopen("found", "wb");
    whole(file && fwrite(out, sizeof *out, found, file) == (size_t)found && fclose(file) == 0);
    return 0;
}
