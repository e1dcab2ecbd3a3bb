#include "histogram.h"

/* Below HISTOGRAM_PARTS each value has a bucket; above, the exponent picks a group and the next six bits a bucket in it. */
static unsigned s_bucket(uint64_t value) {
    if (value < HISTOGRAM_PARTS)
        return (unsigned) value;
    unsigned exponent = 63 - (unsigned) __builtin_clzll(value);
    unsigned bucket = (exponent - 5) * HISTOGRAM_PARTS + (unsigned) (value >> (exponent - 6) & (HISTOGRAM_PARTS - 1));
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* The least value of a bucket. */
static uint64_t s_value(unsigned bucket) {
    if (bucket < HISTOGRAM_PARTS)
        return bucket;
    unsigned exponent = bucket / HISTOGRAM_PARTS + 5;
    return (UINT64_C(1) << exponent) + ((uint64_t) (bucket % HISTOGRAM_PARTS) << (exponent - 6));
}

void histogram_add(histogram_t *self, uint64_t duration_ns) {
    self->buckets[s_bucket(duration_ns)]++;
    self->count++;
    if (duration_ns > self->max_ns)
        self->max_ns = duration_ns;
}

uint64_t histogram_below_ns(const histogram_t *self, unsigned permille) {
    uint64_t wanted = self->count * permille / 1000, passed = 0;
    for (unsigned bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
        passed += self->buckets[bucket];
        if (passed > wanted)
            return s_value(bucket);
    }
    return self->max_ns;
}
