/* Is a number prime? By trial division: honest work that takes long for big primes. */
#ifndef PRIME_H
#define PRIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads a decimal number from 0 to 2^64 - 1: digits only. False: it is none. */
bool prime_parse(const char *text, size_t len, uint64_t *number_p);

/* Asked now and then whether to go on. */
typedef bool (*prime_go_on_fn)(void *arg);

/*
 * The number itself if it is prime (or 0 or 1), else its smallest divisor. 0 for another number: go_on said no.
 * go_on may be NULL.
 */
uint64_t prime_smallest_divisor(uint64_t number, prime_go_on_fn go_on, void *arg);

#endif
