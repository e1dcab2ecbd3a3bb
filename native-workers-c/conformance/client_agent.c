/* Sends what the lines of standard input say, with the C kit's client, and tells what comes back. One thread. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"
#include "body.h"

enum { LINE_MAX_LEN = 65536, CALLS_MAX = 4096, TAG_MAX_LEN = 31, WORDS_MAX = 64, CONNECT_MS = 30000, STEP_MS = 5 };

typedef struct call {
    uint64_t id; /* 0: the place is free */
    char tag[TAG_MAX_LEN + 1];
} call_t;

typedef struct agent {
    jf_client_t *client;
    call_t calls[CALLS_MAX];
    char line[LINE_MAX_LEN];
    size_t len;
} agent_t;

static call_t *s_find(agent_t *self, uint64_t id, const char *tag) {
    for (size_t i = 0; i < CALLS_MAX; i++) {
        call_t *call = &self->calls[i];
        if (tag == NULL ? call->id == id : call->id != 0 && strcmp(call->tag, tag) == 0) return call;
    }
    return NULL;
}

static void s_not_sent(agent_t *self, const char *tag) {
    int code = jf_client_error(self->client)->code;
    if (code == 0) code = errno == EMSGSIZE ? JF_ERROR_TOO_LARGE : JF_ERROR_CONNECTION_LOST;
    printf("fail %s %d\n", tag, code);
}

static void s_send(agent_t *self, char **words, size_t count, const body_t *body) {
    jf_headers_t *headers = jf_headers_new();
    call_t *call = s_find(self, 0, NULL);
    if (headers == NULL || call == NULL) abort(); /* the runner has far fewer requests on their way */
    for (size_t i = 6; i < count; i++) {
        char *equals = strchr(words[i], '=');
        *equals = '\0';
        if (jf_headers_set(headers, words[i], equals + 1) == -1) abort();
    }
    jf_request_t request = {
        .service = words[2],
        .content = {.parts = body->parts, .part_count = body->count, .headers = headers},
        .timeout_ms = (uint32_t)strtoul(words[3], NULL, 10),
        .flags = strcmp(words[4], "i") == 0 ? JF_IDEMPOTENT : 0,
    };
    if (jf_client_send(self->client, &request, CONNECT_MS, &call->id) == -1) {
        call->id = 0;
        s_not_sent(self, words[1]);
    } else {
        snprintf(call->tag, sizeof call->tag, "%s", words[1]);
    }
    jf_headers_destroy(&headers);
}

static void s_obey(agent_t *self, char *line) {
    char *words[WORDS_MAX];
    size_t count = 0;
    for (char *word = strtok(line, " "); word != NULL && count < WORDS_MAX; word = strtok(NULL, " ")) {
        words[count++] = word;
    }
    if (count == 2 && strcmp(words[0], "cancel") == 0) {
        call_t *call = s_find(self, 0, words[1]);
        if (call != NULL && jf_client_cancel(self->client, call->id) == -1) {
            agent_failed("cancel", jf_client_error(self->client));
        }
    } else if (count >= 6) {
        body_t body;
        if (body_parse(words[5], &body)) s_send(self, words, count, &body);
        body_free(&body);
    }
}

/* False at the end of the input. */
static bool s_read(agent_t *self) {
    ssize_t got = read(STDIN_FILENO, self->line + self->len, sizeof self->line - self->len - 1);
    if (got <= 0) return false;
    self->len += (size_t)got;
    char *begin = self->line;
    for (char *end = memchr(begin, '\n', self->len); end != NULL; end = memchr(begin, '\n', self->len)) {
        *end = '\0';
        self->len -= (size_t)(end + 1 - begin);
        s_obey(self, begin);
        begin = end + 1;
    }
    memmove(self->line, begin, self->len);
    return true;
}

static void s_tell(agent_t *self, const jf_message_t *reply) {
    call_t *call = s_find(self, jf_message_id(reply), NULL);
    const jf_error_t *failure = jf_message_failure(reply);
    if (call == NULL) return;
    if (failure != NULL) {
        printf("fail %s %d\n", call->tag, failure->code);
    } else {
        bool partial = jf_message_is_partial(reply);
        printf("%s %s ", partial ? "part" : "done", call->tag);
        if (!partial) fputs(jf_message_is_early_exit(reply) ? "e " : "- ", stdout);
        body_tell(reply);
        for (size_t i = 0; !partial && i < jf_message_header_count(reply); i++) {
            const char *name = "";
            const char *value = jf_message_header_at(reply, i, &name);
            if (strncmp(name, "x-", 2) == 0) printf(" %s=%s", name, value);
        }
        putchar('\n');
    }
    if (failure != NULL || !jf_message_is_partial(reply)) call->id = 0;
}

/* Tells all that has come; waits a little for the first. */
static void s_receive(agent_t *self, jf_message_t **reply_p) {
    int wait_ms = STEP_MS;
    while (jf_client_recv(self->client, reply_p, wait_ms) == 0) {
        s_tell(self, *reply_p);
        wait_ms = 0;
    }
    fflush(stdout);
}

int agent_ask(const agent_options_t *options) {
    agent_t *self = calloc(1, sizeof *self);
    jf_message_t *reply = NULL;
    if (self == NULL) return 1;
    self->client = jf_client_new(options->endpoints);
    if (self->client == NULL) {
        fprintf(stderr, "conformance_agent: %s: not an endpoint\n", options->endpoints);
        free(self);
        return 2;
    }
    puts("ready");
    fflush(stdout);
    for (bool open = true; open;) {
        bool waiting = jf_client_in_flight(self->client) > 0;
        struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
        if (poll(&input, 1, waiting ? 0 : -1) > 0) open = s_read(self);
        fflush(stdout);
        if (waiting) s_receive(self, &reply);
    }
    jf_message_destroy(&reply);
    jf_client_destroy(&self->client);
    free(self);
    return 0;
}
