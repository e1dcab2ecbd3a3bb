/* The one clock of the library: monotonic, in ms. */
#ifndef JF_CLOCK_H
#define JF_CLOCK_H

#include <stdint.h>

#define JF_NEVER_MS INT64_MAX

int64_t jf_clock_ms(void);

/* When a wait of timeout_ms (-1: for ever) ends. */
int64_t jf_clock_deadline_ms(int timeout_ms);

/* The argument for poll that waits until then: -1 for JF_NEVER_MS. */
int jf_clock_wait_ms(int64_t until_ms, int64_t now_ms);

#endif
