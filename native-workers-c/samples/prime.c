#include "prime.h"

#define S_DIVISIONS_PER_QUESTION (1u << 22) /* some 10 ms */

bool prime_parse(const char *text, size_t len, uint64_t *number_p) {
    uint64_t number = 0;
    if (len == 0) return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (number > (UINT64_MAX - digit) / 10) return false;
        number = number * 10 + digit;
    }
    *number_p = number;
    return true;
}

uint64_t prime_smallest_divisor(uint64_t number, prime_go_on_fn go_on, void *arg) {
    if (number < 4) return number;
    if (number % 2 == 0) return 2;
    unsigned divisions = 0;
    /* divisor <= number / divisor is divisor * divisor <= number without the overflow near 2^64 */
    for (uint64_t divisor = 3; divisor <= number / divisor; divisor += 2) {
        if (number % divisor == 0) return divisor;
        if (++divisions < S_DIVISIONS_PER_QUESTION) continue;
        divisions = 0;
        if (go_on && !go_on(arg)) return 0;
    }
    return number;
}
