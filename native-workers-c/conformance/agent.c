/* The agent of the C kit for jackfield conformance: a worker or a client that does what it is told. */
#include "agent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int agent_failed(const char *what, const jf_error_t *error) {
    fprintf(stderr, "conformance_agent: %s: %s: %s\n", what, error->name, error->cause);
    return 1;
}

static int s_usage(void) {
    fputs("usage: conformance_agent worker|client --connect ENDPOINT... [--prefix NAME] [--credit N]\n", stderr);
    return 2;
}

int main(int argc, char **argv) {
    static char endpoints[4096];
    agent_options_t options = {.endpoints = endpoints, .prefix = "conf", .credit = 1};
    for (int i = 2; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--connect") == 0) {
            size_t used = strlen(endpoints);
            int len = snprintf(endpoints + used, sizeof endpoints - used, "%s%s", used == 0 ? "" : ",", argv[i + 1]);
            if (len < 0 || (size_t)len >= sizeof endpoints - used) return s_usage();
        } else if (strcmp(argv[i], "--prefix") == 0) {
            options.prefix = argv[i + 1];
        } else if (strcmp(argv[i], "--credit") == 0) {
            options.credit = (unsigned)strtoul(argv[i + 1], NULL, 10);
        } else {
            return s_usage();
        }
    }
    if (argc > 1 && strcmp(argv[1], "worker") == 0) return agent_work(&options);
    if (argc > 1 && strcmp(argv[1], "client") == 0) return agent_ask(&options);
    return s_usage();
}
