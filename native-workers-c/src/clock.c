#include "clock.h"

#include <limits.h>
#include <time.h>

int64_t jf_clock_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t jf_clock_deadline_ms(int timeout_ms) { return timeout_ms < 0 ? JF_NEVER_MS : jf_clock_ms() + timeout_ms; }

int jf_clock_wait_ms(int64_t until_ms, int64_t now_ms) {
    if (until_ms == JF_NEVER_MS) return -1;
    if (until_ms <= now_ms) return 0;
    return until_ms - now_ms > INT_MAX ? INT_MAX : (int)(until_ms - now_ms);
}
