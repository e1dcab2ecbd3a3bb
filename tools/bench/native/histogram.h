/* Counts of durations in buckets that are 1/64 of their value wide, from a nanosecond to hours. */
#ifndef JF_BENCH_HISTOGRAM_H
#define JF_BENCH_HISTOGRAM_H

#include <stdint.h>

/* A power of two is cut into that many buckets. */
#define HISTOGRAM_PARTS 64
#define HISTOGRAM_BUCKETS (HISTOGRAM_PARTS * 40)

typedef struct {
    uint64_t count;
    uint64_t max_ns;
    uint64_t buckets[HISTOGRAM_BUCKETS];
} histogram_t;

void histogram_add(histogram_t *self, uint64_t duration_ns);

/* The duration that so many of a thousand stay below, to within the width of a bucket; 0 if there are none. */
uint64_t histogram_below_ns(const histogram_t *self, unsigned permille);

#endif
