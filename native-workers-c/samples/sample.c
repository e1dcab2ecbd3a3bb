#include "sample.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static jf_worker_t *s_worker; /* for the signal handler */

static void s_help(const char *program, const char *what, const sample_options_t *options) {
    printf("%s\n\nusage: %s [--connect ENDPOINT]%s%s\n\n", what, program,
        options->service ? " [--service NAME]" : "", options->key_file ? " --key-file FILE" : "");
    printf("  --connect   the broker: tcp://HOST:PORT or ipc://PATH; several with commas (default %s)\n",
        options->connect);
    if (options->service) printf("  --service   the service to register (default %s)\n", options->service);
    if (options->key_file) printf("  --key-file  the key: a file of 32 random bytes\n");
    printf("\nPrints \"ready\" when it serves. SIGTERM and SIGINT end it once its requests are answered.\n");
}

static const char **s_option(const char *name, sample_options_t *options) {
    if (strcmp(name, "--connect") == 0) return &options->connect;
    if (strcmp(name, "--service") == 0 && options->service) return &options->service;
    if (strcmp(name, "--key-file") == 0 && options->key_file) return &options->key_file;
    return NULL;
}

void sample_parse(int argc, char **argv, const char *what, sample_options_t *options) {
    const char *endpoint = getenv("JACKFIELD_CONNECT"); /* a broker that runs its workers itself says so */
    if (endpoint && endpoint[0]) options->connect = endpoint;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            s_help(argv[0], what, options);
            exit(0);
        }
        const char **value = s_option(argv[i], options);
        if (!value || i + 1 == argc) {
            fprintf(stderr, "%s: %s: %s (--help lists the options)\n", argv[0], argv[i],
                value ? "the value is missing" : "unknown option");
            exit(2);
        }
        *value = argv[++i];
    }
    if (options->key_file && !options->key_file[0]) {
        fprintf(stderr, "%s: --key-file is needed (--help lists the options)\n", argv[0]);
        exit(2);
    }
}

void sample_complain(const char *what, const jf_error_t *error) {
    char line[JF_CAUSE_BYTES_MAX + JF_HINT_BYTES_MAX];
    jf_error_line(error, line, sizeof line);
    fprintf(stderr, "%s: %s\n", what, line);
}

static void s_on_signal(int number) {
    (void)number;
    jf_worker_wake(s_worker);
}

static void s_on_signals(void (*handler)(int)) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
}

static jf_worker_t *s_new(const char *connect, const sample_service_t *services) {
    jf_worker_t *worker = jf_worker_new(connect);
    if (!worker) {
        fprintf(stderr, "%s: not an endpoint (expected: tcp://HOST:PORT or ipc://PATH)\n", connect);
        return NULL;
    }
    for (; services->name; services++) {
        if (jf_worker_add_service(worker, services->name, &services->options) == 0) continue;
        sample_complain(services->name, jf_worker_error(worker));
        jf_worker_destroy(&worker);
        return NULL;
    }
    return worker;
}

static int s_failed(const jf_worker_t *worker) {
    if (errno == EINTR) return 0; /* stopped before it was ready: nothing to drain */
    sample_complain("the worker cannot serve", jf_worker_error(worker));
    return 1;
}

static int s_run(jf_worker_t *worker, jf_handler_fn handler) {
    if (jf_worker_wait_ready(worker, -1) == -1) return s_failed(worker);
    printf("ready\n");
    fflush(stdout);
    return jf_worker_run(worker, handler, NULL) == 0 ? 0 : s_failed(worker);
}

int sample_serve(const char *connect, const sample_service_t *services, jf_handler_fn handler) {
    s_worker = s_new(connect, services);
    if (!s_worker) return 2;
    s_on_signals(s_on_signal);
    int result = s_run(s_worker, handler);
    s_on_signals(SIG_IGN); /* no signal may meet a worker that is gone */
    jf_worker_destroy(&s_worker);
    return result;
}
