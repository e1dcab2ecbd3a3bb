/* Keeps a number of connections busy with requests to something that echoes: one thread, one epoll.
 *
 *   load -m zmtp|http|nats -a HOST -p PORT -c CONNECTIONS -o OUTSTANDING -s BYTES -w WARM-UP-MS -t TIME-MS
 *        [-f FRAME]...   zmtp: frames before the body of each request
 *        [-u PATH]       http: what to POST to
 *
 * Prints "measuring" when the warm-up is over, and at the end one line of what it counted. A failure is one line on
 * stderr and exit code 1. Each request carries the time at which it was made, so that replies may come in any order. */
#define _GNU_SOURCE
#include "clock.h"
#include "connection.h"
#include "histogram.h"
#include "http.h"
#include "nats.h"
#include "zmtp.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define FRAMES_MAX 8
#define EVENTS_MAX 64
#define SILENCE_MS_MAX 10000
#define NS_PER_MS UINT64_C(1000000)

typedef struct {
    enum { ZMTP, HTTP, NATS } protocol;
    const char *host;
    const char *port;
    const char *path;
    const char *frames[FRAMES_MAX];
    size_t frame_count;
    size_t connections;
    size_t outstanding; /* requests on each connection that have no reply yet */
    size_t bytes;       /* of a body */
    uint64_t warm_up_ns;
    uint64_t time_ns;
} options_t;

/* nats: where the replies of one connection go. One for each, for a message goes to all who subscribe to its subject. */
typedef struct {
    char subject[64];
    size_t length;
} inbox_t;

typedef struct {
    options_t options;
    char *body;             /* its first bytes are the time of the request */
    char head[256];         /* http: of each request */
    size_t head_length;
    histogram_t *histogram; /* of the phase that it is in */
    connection_t *connections;
    inbox_t *inboxes; /* nats: in the order of the connections */
} load_t;

static void s_ask_nats(load_t *self, connection_t *connection) {
    const inbox_t *inbox = &self->inboxes[connection - self->connections];
    nats_message_t request = {
        .subject = NATS_ECHO,
        .subject_length = sizeof NATS_ECHO - 1,
        .reply_to = inbox->subject,
        .reply_to_length = inbox->length,
        .body = self->body,
        .length = self->options.bytes};
    nats_put(connection, &request);
}

static void s_ask(load_t *self, connection_t *connection) {
    uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
    memcpy(self->body, &now_ns, sizeof now_ns);
    switch (self->options.protocol) {
    case HTTP:
        connection_put(connection, self->head, self->head_length);
        connection_put(connection, self->body, self->options.bytes);
        break;
    case NATS: s_ask_nats(self, connection); break;
    case ZMTP:
        for (size_t i = 0; i < self->options.frame_count; i++)
            zmtp_put(connection, true, self->options.frames[i], strlen(self->options.frames[i]));
        zmtp_put(connection, false, self->body, self->options.bytes);
        break;
    }
}

static void s_ask_all(load_t *self, connection_t *connection) {
    for (size_t i = 0; i < self->options.outstanding; i++)
        s_ask(self, connection);
}

static void s_answered(load_t *self, connection_t *connection, const char *body, size_t length) {
    if (length != self->options.bytes)
        fail("not an echo of %zu bytes, but %zu: %.*s", self->options.bytes, length, (int) (length < 200 ? length : 200), body);
    uint64_t asked_ns;
    memcpy(&asked_ns, body, sizeof asked_ns);
    histogram_add(self->histogram, clock_ns(CLOCK_MONOTONIC) - asked_ns);
    s_ask(self, connection);
}

/* A request before the peer's READY would be lost with some peers: they know a connection only from then on. */
static void s_take_messages(load_t *self, connection_t *connection) {
    zmtp_frame_t frame;
    if (connection->stage == STAGE_GREETING) {
        if (!zmtp_greeted(connection))
            return;
        connection->stage = STAGE_READY;
    }
    while (zmtp_take(connection, &frame)) {
        if (frame.command && connection->stage == STAGE_READY) {
            connection->stage = STAGE_OPEN;
            s_ask_all(self, connection);
        } else if (!frame.command && !frame.more) {
            s_answered(self, connection, frame.body, frame.length);
        }
    }
}

static void s_take_responses(load_t *self, connection_t *connection) {
    http_response_t response;
    while (http_take(connection, &response))
        s_answered(self, connection, response.body, response.length);
}

static void s_take_nats(load_t *self, connection_t *connection) {
    nats_message_t message;
    bool was_open = connection->stage == STAGE_OPEN;
    while (nats_take(connection, &message))
        s_answered(self, connection, message.body, message.length);
    if (!was_open && connection->stage == STAGE_OPEN)
        s_ask_all(self, connection);
}

static void s_take(load_t *self, connection_t *connection) {
    switch (self->options.protocol) {
    case HTTP: s_take_responses(self, connection); break;
    case NATS: s_take_nats(self, connection); break;
    case ZMTP: s_take_messages(self, connection); break;
    }
}

static void s_turn(load_t *self, int poll) {
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(poll, events, EVENTS_MAX, SILENCE_MS_MAX);
    if (count == 0)
        fail("no reply within %d ms", SILENCE_MS_MAX);
    for (int i = 0; i < count; i++) {
        connection_t *connection = events[i].data.ptr;
        if (events[i].events & ~(uint32_t) EPOLLOUT) {
            if (!connection_read(connection))
                fail("the connection was closed by the other side");
            s_take(self, connection);
        }
        connection_flush(connection);
    }
}

/* Runs until so long after begin_ns, and until there was a reply; returns when that was. */
static uint64_t s_run(load_t *self, int poll, uint64_t begin_ns, uint64_t time_ns) {
    uint64_t now_ns;
    do {
        s_turn(self, poll);
        now_ns = clock_ns(CLOCK_MONOTONIC);
    } while (now_ns - begin_ns < time_ns || self->histogram->count == 0);
    return now_ns;
}

static size_t s_count(const char *text, char option) {
    char *end;
    unsigned long long value = strtoull(text, &end, 10);
    if (*end || end == text)
        fail("-%c: %s (expected: a number)", option, text);
    return (size_t) value;
}

static void s_parse_protocol(options_t *options, const char *name) {
    static const char *const names[] = {[ZMTP] = "zmtp", [HTTP] = "http", [NATS] = "nats"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) {
            options->protocol = i;
            return;
        }
    fail("-m: %s (expected: zmtp, http or nats)", name);
}

static void s_parse(options_t *options, int argc, char **argv) {
    int option;
    *options = (options_t){.path = "/", .connections = 1, .outstanding = 1, .bytes = 32};
    while ((option = getopt(argc, argv, "m:a:p:c:o:s:w:t:f:u:")) != -1) switch (option) {
        case 'm': s_parse_protocol(options, optarg); break;
        case 'a': options->host = optarg; break;
        case 'p': options->port = optarg; break;
        case 'c': options->connections = s_count(optarg, 'c'); break;
        case 'o': options->outstanding = s_count(optarg, 'o'); break;
        case 's': options->bytes = s_count(optarg, 's'); break;
        case 'w': options->warm_up_ns = s_count(optarg, 'w') * NS_PER_MS; break;
        case 't': options->time_ns = s_count(optarg, 't') * NS_PER_MS; break;
        case 'u': options->path = optarg; break;
        case 'f':
            if (options->frame_count == FRAMES_MAX)
                fail("-f: more than %d frames", FRAMES_MAX);
            options->frames[options->frame_count++] = optarg;
            break;
        default: exit(1);
        }
    if (!options->host || !options->port || options->bytes < sizeof(uint64_t) || options->time_ns == 0)
        fail("needs -a HOST, -p PORT, -t TIME-MS, and bodies of at least %zu bytes", sizeof(uint64_t));
}

static void s_prepare(load_t *self) {
    const options_t *options = &self->options;
    self->body = malloc(options->bytes);
    self->histogram = calloc(2, sizeof *self->histogram);
    if (!self->body || !self->histogram)
        fail("out of memory");
    memset(self->body, 'x', options->bytes);
    self->head_length = http_head(self->head, sizeof self->head, options->host, options->path, options->bytes);
    self->connections = calloc(options->connections, sizeof *self->connections);
    self->inboxes = calloc(options->connections, sizeof *self->inboxes);
    if (!self->connections || !self->inboxes)
        fail("out of memory");
}

static const char *s_inbox(inbox_t *self, size_t number) {
    self->length = (size_t) snprintf(self->subject, sizeof self->subject, "_INBOX.%ld.%zu", (long) getpid(), number);
    return self->subject;
}

static void s_open(load_t *self, size_t number, int poll) {
    connection_t *connection = &self->connections[number];
    connection_open(connection, self->options.host, self->options.port, poll);
    switch (self->options.protocol) {
    case HTTP: s_ask_all(self, connection); break;
    case NATS: nats_hello(connection, s_inbox(&self->inboxes[number], number)); break;
    case ZMTP: zmtp_hello(connection); break;
    }
    connection_flush(connection);
}

int main(int argc, char **argv) {
    static load_t load;
    s_parse(&load.options, argc, argv);
    s_prepare(&load);
    int poll = epoll_create1(EPOLL_CLOEXEC);
    for (size_t i = 0; i < load.options.connections; i++)
        s_open(&load, i, poll);
    uint64_t begin_ns = s_run(&load, poll, clock_ns(CLOCK_MONOTONIC), load.options.warm_up_ns);
    load.histogram++; /* what came until now does not count */
    uint64_t cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    puts("measuring");
    fflush(stdout);
    uint64_t end_ns = s_run(&load, poll, begin_ns, load.options.time_ns);
    const histogram_t *counted = load.histogram;
    printf("replies=%" PRIu64 " time-ns=%" PRIu64 " p50-ns=%" PRIu64 " p99-ns=%" PRIu64 " p999-ns=%" PRIu64 " load-cpu-ns=%" PRIu64 "\n",
        counted->count, end_ns - begin_ns, histogram_below_ns(counted, 500), histogram_below_ns(counted, 990),
        histogram_below_ns(counted, 999), clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_ns);
    return 0;
}
