/* What the sample programs share: options, and a clean end on SIGTERM and SIGINT. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <jackfield.h>

typedef struct sample_options {
    const char *connect;  /* endpoint of the broker */
    const char *service;  /* name to serve, or NULL where the program has none */
    const char *key_file; /* file of a key, or NULL where the program needs none */
} sample_options_t;

/* Reads the options over the defaults in *options; or prints help (exit 0) or a one-line error (exit 2). */
void sample_parse(int argc, char **argv, const char *what, sample_options_t *options);

/* Prints a one-line error. */
void sample_complain(const char *what, const jf_error_t *error);

typedef struct sample_service {
    const char *name; /* NULL: the end of the list */
    jf_service_options_t options;
} sample_service_t;

/*
 * The whole life of a worker: registers, prints "ready", serves with handler until SIGTERM or SIGINT, drains, ends.
 * Gives the exit code.
 */
int sample_serve(const char *connect, const sample_service_t *services, jf_handler_fn handler);

#endif
