/* The two roles of the agent. Each gives the exit code. */
#ifndef AGENT_H
#define AGENT_H

#include <jackfield.h>

typedef struct agent_options {
    const char *endpoints; /* as for jf_worker_new */
    const char *prefix;    /* of the services */
    unsigned credit;
} agent_options_t;

int agent_work(const agent_options_t *options);
int agent_ask(const agent_options_t *options);

/* Prints a one-line error, and gives the exit code for it. */
int agent_failed(const char *what, const jf_error_t *error);

#endif
