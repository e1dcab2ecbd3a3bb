/* Calls a service: the reply goes to stdout as it is, a failure to stderr as one line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"

static const char s_usage[] =
    "Calls a service of a Jackfield broker and prints the reply.\n\n"
    "usage: %s [--connect ENDPOINT] [--timeout MS] [--idempotent] [--body-bytes-max BYTES] SERVICE [BODY | -]\n\n"
    "  --connect         tcp://HOST:PORT or ipc://PATH; several with commas (default tcp://127.0.0.1:5555)\n"
    "  --timeout         longest wait in ms (default 5000)\n"
    "  --idempotent      it may be carried out twice: asked again when a broker is lost\n"
    "  --body-bytes-max  the largest request or reply (default 16777216; the broker has a limit of its own)\n"
    "  BODY              the request; - reads it from stdin (default: empty)\n\n"
    "Exit code: 0 a reply came, 1 the request failed, 2 wrong use.\n";

typedef struct s_call {
    const char *connect;
    const char *service;
    char *body;      /* may be allocated */
    size_t body_len; /* in bytes */
    int timeout_ms;
    unsigned flags;  /* JF_IDEMPOTENT, or 0 */
    size_t body_bytes_max;
} s_call_t;

static void s_wrong(const char *program, const char *why) {
    fprintf(stderr, "%s: %s (--help tells more)\n", program, why);
    exit(2);
}

static void s_read_stdin(const char *program, s_call_t *call) {
    call->body = malloc(call->body_bytes_max + 1);
    if (!call->body) s_wrong(program, "no memory for the body");
    call->body_len = fread(call->body, 1, call->body_bytes_max + 1, stdin);
    if (call->body_len > call->body_bytes_max) s_wrong(program, "the body on stdin is larger than --body-bytes-max");
}

static long s_number(const char *program, const char *text, long max, const char *why) {
    char *end = NULL;
    long number = strtol(text, &end, 10);
    if (*text == '\0' || *end != '\0' || number < 1 || number > max) s_wrong(program, why);
    return number;
}

static void s_parse(int argc, char **argv, s_call_t *call) {
    int words = 0;
    for (int i = 1; i < argc; i++) {
        int has_value = i + 1 < argc;
        if (strcmp(argv[i], "--help") == 0) {
            printf(s_usage, argv[0]);
            exit(0);
        } else if (strcmp(argv[i], "--connect") == 0 && has_value) {
            call->connect = argv[++i];
        } else if (strcmp(argv[i], "--timeout") == 0 && has_value) {
            call->timeout_ms = (int)s_number(argv[0], argv[++i], 86400000, "--timeout takes 1 to 86400000 ms");
        } else if (strcmp(argv[i], "--body-bytes-max") == 0 && has_value) {
            const char *why = "--body-bytes-max takes 1 to 1073741824 bytes";
            call->body_bytes_max = (size_t)s_number(argv[0], argv[++i], 1L << 30, why);
        } else if (strcmp(argv[i], "--idempotent") == 0) {
            call->flags = JF_IDEMPOTENT;
        } else if (strncmp(argv[i], "--", 2) == 0) {
            s_wrong(argv[0], "unknown option, or its value is missing");
        } else if (words == 0) {
            call->service = argv[i];
            words++;
        } else if (words == 1) {
            words++;
            call->body = argv[i];
            call->body_len = strlen(argv[i]);
        } else {
            s_wrong(argv[0], "more than one body");
        }
    }
    if (words == 0) s_wrong(argv[0], "a service is needed");
    if (words == 2 && strcmp(call->body, "-") == 0) s_read_stdin(argv[0], call);
}

int main(int argc, char **argv) {
    s_call_t call = {.connect = "tcp://127.0.0.1:5555", .timeout_ms = 5000, .body_bytes_max = JF_BODY_BYTES_MAX};
    s_parse(argc, argv, &call);
    jf_part_t body = {.bytes = call.body, .len = call.body_len};
    jf_request_t request = {.service = call.service, .timeout_ms = (uint32_t)call.timeout_ms, .flags = call.flags,
        .content = {.parts = &body, .part_count = 1}};
    jf_client_t *client = jf_client_new(call.connect);
    jf_message_t *reply = NULL;
    int failed = 0;
    if (!client) s_wrong(argv[0], "not an endpoint (expected: tcp://HOST:PORT or ipc://PATH)");
    jf_client_set_body_bytes_max(client, call.body_bytes_max);
    if (jf_client_call_with(client, &request, &reply) == -1) {
        sample_complain(call.service, jf_client_error(client));
        failed = 1;
    }
    for (size_t i = 0; reply && i < jf_message_part_count(reply); i++) {
        jf_part_t part = jf_message_part(reply, i);
        failed |= fwrite(part.bytes, 1, part.len, stdout) != part.len;
    }
    failed |= fflush(stdout) != 0;
    jf_message_destroy(&reply);
    jf_client_destroy(&client);
    return failed;
}
