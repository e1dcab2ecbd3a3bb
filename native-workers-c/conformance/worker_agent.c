/* The services that every kit's worker agent serves, with the C kit: one thread, requests that sleep set aside. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent.h"

enum { SLEEPERS_MAX = 64, STEP_MS = 10, NAME_MAX_LEN = 255 };

typedef struct sleeper {
    uint64_t id;
    int64_t end_ms;
} sleeper_t;

typedef struct agent {
    jf_worker_t *worker;
    size_t prefix_len;
    sleeper_t sleepers[SLEEPERS_MAX];
    size_t sleeping;
    unsigned cancelled;
    unsigned refusable;
} agent_t;

static jf_worker_t *s_worker; /* for the signal handler */

static void s_on_signal(int number) {
    (void)number;
    jf_worker_wake(s_worker);
}

static int64_t s_now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int s_reply_number(agent_t *self, uint64_t id, int64_t number) {
    char text[24];
    int len = snprintf(text, sizeof text, "%" PRId64, number);
    return jf_worker_reply(self->worker, id, text, (size_t)len);
}

static int s_echo(agent_t *self, const jf_message_t *request) {
    jf_part_t parts[JF_BODY_PARTS_MAX];
    jf_content_t content = {.parts = parts, .part_count = jf_message_part_count(request)};
    jf_headers_t *headers = jf_headers_new();
    if (headers == NULL) return -1;
    for (size_t i = 0; i < content.part_count; i++) parts[i] = jf_message_part(request, i);
    for (size_t i = 0; i < jf_message_header_count(request); i++) {
        const char *name = "";
        const char *value = jf_message_header_at(request, i, &name);
        if (strncmp(name, "x-", 2) == 0 && jf_headers_set(headers, name, value) == -1) break;
    }
    content.headers = headers;
    int rc = jf_worker_reply_with(self->worker, jf_message_id(request), &content, 0);
    jf_headers_destroy(&headers);
    return rc;
}

static int s_parts(agent_t *self, const jf_message_t *request) {
    uint64_t id = jf_message_id(request);
    unsigned long count = strtoul(jf_message_body(request), NULL, 10);
    for (unsigned long i = 1; i <= count; i++) {
        char text[24];
        int len = snprintf(text, sizeof text, "%lu", i);
        if (jf_worker_partial(self->worker, id, text, (size_t)len) == -1) return -1;
    }
    return jf_worker_reply(self->worker, id, "end", 3);
}

static int s_exit(agent_t *self, const jf_message_t *request) {
    jf_part_t part = {.bytes = "early", .len = 5};
    jf_content_t content = {.parts = &part, .part_count = 1};
    return jf_worker_reply_with(self->worker, jf_message_id(request), &content, JF_EARLY_EXIT);
}

static int s_fail(agent_t *self, const jf_message_t *request) {
    int code = (int)strtol(jf_message_body(request), NULL, 10);
    return jf_worker_fail(self->worker, jf_message_id(request), code, "asked to fail", "ask less");
}

static int s_refuse_once(agent_t *self, const jf_message_t *request) {
    uint64_t id = jf_message_id(request);
    if (self->refusable++ % 2 == 0) return jf_worker_fail(self->worker, id, JF_ERROR_OVERLOADED, "asked to refuse", "");
    return jf_worker_reply(self->worker, id, "taken", 5);
}

static int s_throw(agent_t *self, const jf_message_t *request) {
    return jf_worker_fail(self->worker, jf_message_id(request), JF_ERROR_HANDLER_FAILED, "thrown", NULL);
}

static int s_sleep(agent_t *self, const jf_message_t *request) {
    if (self->sleeping == SLEEPERS_MAX) return -1;
    int64_t end_ms = s_now_ms() + strtol(jf_message_body(request), NULL, 10);
    self->sleepers[self->sleeping++] = (sleeper_t){.id = jf_message_id(request), .end_ms = end_ms};
    return 0;
}

/* Blocks the one thread there is: the broker hears nothing meanwhile. */
static int s_busy(agent_t *self, const jf_message_t *request) {
    long ms = strtol(jf_message_body(request), NULL, 10);
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&time, &time) == -1 && errno == EINTR) continue;
    return jf_worker_reply(self->worker, jf_message_id(request), "done", 4);
}

static int s_deadline(agent_t *self, const jf_message_t *request) {
    return s_reply_number(self, jf_message_id(request), jf_message_time_left_ms(request));
}

static int s_seen(agent_t *self, const jf_message_t *request) {
    return s_reply_number(self, jf_message_id(request), self->cancelled);
}

static const struct {
    const char *name;
    int (*handle)(agent_t *self, const jf_message_t *request);
    unsigned flags;
} s_services[] = {
    {"echo", s_echo, 0}, {"echo-again", s_echo, JF_IDEMPOTENT}, {"parts", s_parts, 0}, {"exit", s_exit, 0},
    {"fail", s_fail, 0}, {"refuse-once", s_refuse_once, 0}, {"throw", s_throw, 0}, {"sleep", s_sleep, 0},
    {"sleep-again", s_sleep, JF_IDEMPOTENT}, {"busy", s_busy, 0}, {"deadline", s_deadline, 0}, {"seen", s_seen, 0},
};

static void s_handle(agent_t *self, const jf_message_t *request) {
    const char *name = jf_message_service(request) + self->prefix_len;
    for (size_t i = 0; i < sizeof s_services / sizeof *s_services; i++) {
        if (strcmp(name, s_services[i].name) != 0) continue;
        /* A request that ended meanwhile, or a lost connection, is the broker's to tell. */
        if (s_services[i].handle(self, request) == -1 && errno != ESTALE) {
            agent_failed(name, jf_worker_error(self->worker));
        }
        return;
    }
    (void)jf_worker_fail(self->worker, jf_message_id(request), JF_ERROR_NO_SUCH_SERVICE, "not served", NULL);
}

static void s_look_at_sleepers(agent_t *self) {
    int64_t now_ms = s_now_ms();
    for (size_t i = 0; i < self->sleeping;) {
        sleeper_t sleeper = self->sleepers[i];
        bool wanted = jf_worker_is_wanted(self->worker, sleeper.id);
        if (wanted && now_ms < sleeper.end_ms) {
            i++;
            continue;
        }
        if (wanted) {
            (void)jf_worker_reply(self->worker, sleeper.id, "slept", 5);
        } else {
            self->cancelled++;
            (void)jf_worker_fail(self->worker, sleeper.id, JF_ERROR_CANCELLED, "cancelled", NULL);
        }
        self->sleepers[i] = self->sleepers[--self->sleeping];
    }
}

static int s_serve(agent_t *self) {
    jf_message_t *request = NULL;
    int result = -1;
    while (result == -1) {
        if (jf_worker_recv(self->worker, &request, self->sleeping > 0 ? STEP_MS : -1) == 0) {
            s_handle(self, request);
        } else if (errno == EINTR) {
            if (jf_worker_drain(self->worker) == -1) result = agent_failed("drain", jf_worker_error(self->worker));
        } else if (errno == ESHUTDOWN) {
            result = 0;
        } else if (errno != ETIMEDOUT) {
            result = agent_failed("receive", jf_worker_error(self->worker));
        }
        s_look_at_sleepers(self);
    }
    jf_message_destroy(&request);
    return result;
}

static int s_add_services(jf_worker_t *worker, const char *prefix) {
    for (size_t i = 0; i < sizeof s_services / sizeof *s_services; i++) {
        char name[NAME_MAX_LEN + 1];
        jf_service_options_t options = {.version = "1.0", .flags = s_services[i].flags};
        snprintf(name, sizeof name, "%s.%s", prefix, s_services[i].name);
        if (jf_worker_add_service(worker, name, &options) == -1) return agent_failed(name, jf_worker_error(worker));
    }
    return 0;
}

int agent_work(const agent_options_t *options) {
    agent_t self = {.worker = jf_worker_new(options->endpoints), .prefix_len = strlen(options->prefix) + 1};
    if (self.worker == NULL) {
        fprintf(stderr, "conformance_agent: %s: not an endpoint\n", options->endpoints);
        return 2;
    }
    s_worker = self.worker;
    struct sigaction action = {.sa_handler = s_on_signal};
    sigaction(SIGTERM, &action, NULL);
    int result = s_add_services(self.worker, options->prefix);
    if (result == 0 && jf_worker_set_credit(self.worker, options->credit) == -1) {
        result = agent_failed("credit", jf_worker_error(self.worker));
    }
    if (result == 0 && jf_worker_wait_ready(self.worker, -1) == -1) {
        result = agent_failed("ready", jf_worker_error(self.worker));
    }
    if (result == 0) {
        puts("ready");
        fflush(stdout);
        result = s_serve(&self);
    }
    action.sa_handler = SIG_IGN; /* no signal may meet a worker that is gone */
    sigaction(SIGTERM, &action, NULL);
    jf_worker_destroy(&self.worker);
    return result;
}
