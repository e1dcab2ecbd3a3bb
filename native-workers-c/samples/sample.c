#include "sample.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static jf_worker_t *s_worker; /* for the signal handler */

void sample_parse(int argc, char **argv, const char *what, sample_options_t *options) {
    for (int i = 1; i < argc; i++) {
        const char **value = strcmp(argv[i], "--connect") == 0 ? &options->connect
            : strcmp(argv[i], "--service") == 0 && options->service ? &options->service : NULL;
        if (strcmp(argv[i], "--help") == 0) {
            printf("%s\n\nusage: %s [--connect tcp://HOST:PORT]%s\n\n", what, argv[0],
                options->service ? " [--service NAME]" : "");
            printf("  --connect  the broker (default %s)\n", options->connect);
            if (options->service) printf("  --service  the service to register (default %s)\n", options->service);
            printf("\nPrints \"ready\" when it serves. SIGTERM and SIGINT end it once its requests are answered.\n");
            exit(0);
        }
        if (!value || i + 1 == argc) {
            fprintf(stderr, "%s: %s: %s (--help lists the options)\n", argv[0], argv[i],
                value ? "the value is missing" : "unknown option");
            exit(2);
        }
        *value = argv[++i];
    }
}

void sample_complain(const char *what, const jf_error_t *error) {
    fprintf(stderr, "%s: %s: %s%s%s%s\n", what, error->name, error->cause, error->hint[0] ? " (" : "", error->hint,
        error->hint[0] ? ")" : "");
}

static void s_on_signal(int number) {
    (void)number;
    jf_worker_wake(s_worker);
}

static int s_failed(jf_worker_t **worker_p) {
    int stopped = errno == EINTR; /* before it was ready: nothing to drain */
    if (!stopped) sample_complain("the worker cannot serve", jf_worker_error(*worker_p));
    jf_worker_destroy(worker_p);
    return stopped ? 0 : 1;
}

int sample_serve(jf_worker_t *worker, jf_handler_fn handler) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = s_on_signal;
    s_worker = worker;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    if (jf_worker_wait_ready(worker, -1) == -1) return s_failed(&worker);
    printf("ready\n");
    fflush(stdout);
    if (jf_worker_run(worker, handler, NULL) == -1) return s_failed(&worker);
    /* No signal may meet a worker that is gone. */
    action.sa_handler = SIG_IGN;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    jf_worker_destroy(&worker);
    return 0;
}
