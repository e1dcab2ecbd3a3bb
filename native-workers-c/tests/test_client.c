/* A client against a broker that plays scripts. */
#include <errno.h>

#include "check.h"
#include "fake_broker.h"
#include "jackfield.h"

#define WAIT_MS 15000
#define LARGE_BYTES (8u * 1024 * 1024)

const char *check_context;

static jf_client_t *s_client(const char *endpoint) {
    jf_client_t *client = jf_client_new(endpoint);
    CHECK(client != NULL);
    CHECK_INT(jf_client_set_reconnect_ms(client, 5, 20), 0);
    return client;
}

static uint64_t s_send(jf_client_t *client, const char *body) {
    uint64_t id = 0;
    jf_part_t part = {.bytes = body, .len = strlen(body)};
    jf_request_t request = {.service = "echo", .content = {.parts = &part, .part_count = 1}};
    CHECK_INT(jf_client_send(client, &request, WAIT_MS, &id), 0);
    return id;
}

/* ---- calls ---- */

static void s_script_answers(fake_broker_t *self) {
    fake_accept(self);
    fake_message_t *request = fake_expect(self, 3);
    CHECK(request->id != 0);
    CHECK(request->time_ms > 10000 && request->time_ms <= WAIT_MS);
    CHECK_INT(request->frames, 4);
    CHECK_STR((char *)request->frame[1], "echo");
    CHECK_INT(request->len[2], 0);
    CHECK_STR((char *)request->frame[3], "hello");
    uint64_t id = request->id;
    fake_reply(self, id + 1, 0, "for nobody");
    fake_reply(self, id, 1, "partial");
    fake_reply(self, id, 0, "HELLO");
    fake_reply(self, id, 0, "twice");
    request = fake_expect(self, 3);
    CHECK_INT(request->flags, 8);
    CHECK_STR((char *)request->frame[2], "idempotency-key:k\n");
    fake_failure(self, request->id, 7, 1500, "hint:wait\n", "the queue is full");
    request = fake_expect(self, 3);
    fake_failure(self, request->id, 999, 0, "", "from the future");
}

static void should_call_and_tell_typed_failures(void) {
    fake_broker_t broker;
    jf_message_t *reply = NULL;
    jf_headers_t *headers = jf_headers_new();
    jf_part_t part = {.bytes = "x", .len = 1};
    fake_start(&broker, s_script_answers);
    jf_client_t *client = s_client(broker.endpoint);
    CHECK_INT(jf_client_call(client, "echo", "hello", 5, WAIT_MS, &reply), 0);
    CHECK_STR(jf_message_body(reply), "HELLO");
    CHECK(jf_message_failure(reply) == NULL);
    CHECK_INT(jf_headers_set(headers, "idempotency-key", "k"), 0);
    jf_request_t request = {.service = "echo", .timeout_ms = WAIT_MS, .flags = JF_IDEMPOTENT,
        .content = {.parts = &part, .part_count = 1, .headers = headers}};
    CHECK_INT(jf_client_set_retries(client, 0), 0);
    CHECK_INT(jf_client_call_with(client, &request, &reply), -1);
    CHECK_INT(errno, EIO);
    const jf_error_t *error = jf_client_error(client);
    CHECK_INT(error->code, JF_ERROR_OVERLOADED);
    CHECK_STR(error->name, "OVERLOADED");
    CHECK_STR(error->cause, "the queue is full");
    CHECK_STR(error->hint, "wait");
    CHECK_INT(error->retry_after_ms, 1500);
    char line[64];
    jf_error_line(error, line, sizeof line);
    CHECK_STR(line, "OVERLOADED: the queue is full (wait)");
    jf_error_line(error, line, 5);
    CHECK_STR(line, "OVER");
    CHECK_STR(jf_version(), "0.1.0");
    CHECK(error->retryable);
    CHECK_INT(jf_client_call(client, "echo", NULL, 0, -1, &reply), -1);
    CHECK_INT(jf_client_error(client)->code, 999);
    CHECK_STR(jf_client_error(client)->name, "UNKNOWN");
    CHECK_INT(jf_client_in_flight(client), 0);
    jf_message_destroy(&reply);
    jf_headers_destroy(&headers);
    fake_join(&broker);
    jf_client_destroy(&client);
}

static void s_refused(jf_client_t *client, int result, const char *cause) {
    check_context = cause;
    CHECK_INT(result, -1);
    CHECK_INT(errno, EINVAL);
    CHECK_STR(jf_client_error(client)->cause, cause);
    check_context = NULL;
}

static void should_refuse_settings_out_of_their_limits(void) {
    jf_client_t *client = jf_client_new("tcp://[::1]:1");
    s_refused(client, jf_client_set_heartbeat_ms(client, 0), "heartbeat interval: 0 ms (expected: 10 to 3600000)");
    s_refused(client, jf_client_set_retries(client, (unsigned)-1), "retries: 4294967295 (expected: 0 to 100)");
    s_refused(client, jf_client_set_connect_ms(client, 0), "time to connect: 0 ms (expected: 1 or more)");
    s_refused(client, jf_client_set_reconnect_ms(client, 2, 1),
        "back-off: 2 to 1 ms (expected: 1 to 1073741823, and the second not smaller)");
    CHECK_INT(jf_client_set_body_bytes_max(client, SIZE_MAX), -1);
    CHECK_INT(errno, EINVAL);
    CHECK(strstr(jf_client_error(client)->cause, "(expected: at most ") != NULL);
    CHECK_INT(jf_client_set_retries(client, JF_CLIENT_RETRIES_MAX), 0);
    jf_client_destroy(&client);
}

static void should_refuse_wrong_arguments_without_a_broker(void) {
    const char *const wrong[] = {"", "127.0.0.1:5555", "tcp://", "tcp://host", "tcp://host:", "tcp://host:0",
        "tcp://host:65536", "tcp://host:12x", "tcp://:5555", "tcp://a:b:1", "tcp://[]:1", "udp://host:1", "ipc://",
        "ipc://@abstract"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        check_context = wrong[i];
        CHECK(jf_client_new(wrong[i]) == NULL);
        CHECK_INT(errno, EINVAL);
    }
    check_context = NULL;
    char too_long[sizeof "ipc://" + 108] = "ipc://"; /* the address of a Unix socket has room for 107 bytes */
    memset(too_long + strlen(too_long), 'x', 108);
    CHECK(jf_client_new(too_long) == NULL);
    CHECK_INT(errno, EINVAL);
    jf_client_t *client = s_client("tcp://[::1]:1");
    jf_message_t *reply = NULL;
    CHECK_INT(jf_client_call(client, "a/b", "x", 1, 100, &reply), -1);
    CHECK_INT(jf_client_error(client)->code, JF_ERROR_BAD_SERVICE_NAME);
    CHECK_INT(jf_client_call(client, "echo", NULL, 1, 100, &reply), -1);
    CHECK_INT(errno, EINVAL);
    CHECK_INT(jf_client_call(client, "echo", "x", JF_BODY_BYTES_MAX + 1u, 100, &reply), -1);
    CHECK_INT(errno, EMSGSIZE);
    CHECK_INT(jf_client_error(client)->code, JF_ERROR_TOO_LARGE);
    CHECK_INT(jf_client_recv(client, &reply, 100), -1);
    CHECK_INT(errno, ENOENT);
    CHECK_INT(jf_client_call(client, "echo", "x", 1, 30, &reply), -1);
    CHECK_INT(errno, ECONNREFUSED);
    CHECK_STR(jf_client_error(client)->name, JF_NAME_NOT_CONNECTED);
    jf_client_destroy(&client);
}

/* ---- Unix sockets ---- */

static void s_script_ipc(fake_broker_t *self) {
    fake_accept(self);
    fake_reply(self, fake_expect(self, 3)->id, 0, "over a file");
    fake_accept(self); /* closes the first one */
    fake_reply(self, fake_expect(self, 3)->id, 0, "again");
}

static void should_call_over_a_unix_socket_and_connect_again(void) {
    fake_broker_t broker;
    jf_message_t *reply = NULL;
    fake_start_ipc(&broker, s_script_ipc);
    jf_client_t *client = s_client(broker.endpoint);
    CHECK_INT(jf_client_call(client, "echo", "x", 1, WAIT_MS, &reply), 0);
    CHECK_STR(jf_message_body(reply), "over a file");
    while (jf_client_call(client, "echo", "x", 1, WAIT_MS, &reply) == -1) CHECK_INT(errno, ECONNRESET);
    CHECK_STR(jf_message_body(reply), "again");
    jf_message_destroy(&reply);
    fake_join(&broker);
    CHECK_INT(jf_client_call(client, "echo", "x", 1, 30, &reply), -1); /* there is no such file any more */
    jf_client_destroy(&client);
}

/* ---- several in flight ---- */

static void s_script_shuffles(fake_broker_t *self) {
    uint64_t ids[40];
    fake_accept(self);
    for (int i = 0; i < 40; i++) ids[i] = fake_expect(self, 3)->id;
    CHECK(fake_expect(self, 6)->id == ids[7]);
    for (int i = 39; i >= 0; i--) {
        if (i == 7) fake_failure(self, ids[i], JF_ERROR_CANCELLED, 0, "", "cancelled");
        else fake_reply(self, ids[i], i % 2 ? 2 : 0, i % 2 ? "odd" : "even");
    }
}

static void should_keep_several_requests_apart(void) {
    fake_broker_t broker;
    jf_message_t *reply = NULL;
    uint64_t ids[40];
    fake_start(&broker, s_script_shuffles);
    jf_client_t *client = s_client(broker.endpoint);
    for (int i = 0; i < 40; i++) ids[i] = s_send(client, "x");
    CHECK_INT(jf_client_in_flight(client), 40);
    CHECK_INT(jf_client_cancel(client, ids[7]), 0);
    CHECK_INT(jf_client_cancel(client, 12345), -1);
    for (int i = 39; i >= 0; i--) {
        CHECK_INT(jf_client_recv(client, &reply, WAIT_MS), 0);
        CHECK(jf_message_id(reply) == ids[i]);
        CHECK_INT(jf_message_failure(reply) != NULL, i == 7);
        if (i == 7) CHECK_INT(jf_message_failure(reply)->code, JF_ERROR_CANCELLED);
        else CHECK_STR(jf_message_body(reply), i % 2 ? "odd" : "even");
        CHECK_INT(jf_message_is_early_exit(reply), i % 2 && i != 7);
    }
    CHECK_INT(jf_client_in_flight(client), 0);
    CHECK_INT(jf_client_recv(client, &reply, 0), -1);
    CHECK_INT(errno, ENOENT);
    jf_message_destroy(&reply);
    fake_join(&broker);
    jf_client_destroy(&client);
}

static void s_script_is_slow(fake_broker_t *self) {
    fake_accept(self);
    fake_reply(self, fake_expect(self, 3)->id, 0, "at once");
    uint64_t id = fake_expect(self, 3)->id;
    CHECK(fake_expect(self, 6)->id == id);
    fake_reply(self, id, 0, "late");
    id = fake_expect(self, 3)->id;
    fake_reply(self, id, 0, "in time");
}

static void should_cancel_a_call_that_took_too_long(void) {
    fake_broker_t broker;
    jf_message_t *reply = NULL;
    fake_start(&broker, s_script_is_slow);
    jf_client_t *client = s_client(broker.endpoint);
    CHECK_INT(jf_client_call(client, "echo", "x", 1, WAIT_MS, &reply), 0); /* connected from here on */
    CHECK_INT(jf_client_call(client, "echo", "x", 1, 50, &reply), -1);
    CHECK_INT(errno, ETIMEDOUT);
    CHECK_INT(jf_client_error(client)->code, JF_ERROR_DEADLINE_EXCEEDED);
    CHECK_INT(jf_client_call(client, "echo", "x", 1, WAIT_MS, &reply), 0);
    CHECK_STR(jf_message_body(reply), "in time");
    jf_message_destroy(&reply);
    fake_join(&broker);
    jf_client_destroy(&client);
}

/* ---- lost connections ---- */

static void s_script_goes_away(fake_broker_t *self) {
    fake_accept(self);
    fake_reply(self, fake_expect(self, 3)->id, 0, "answered");
    fake_expect(self, 3);
    fake_accept(self);
    uint64_t id = fake_expect(self, 3)->id;
    fake_frame(self, 0, "rubbish", 7);
    fake_fixed(self, 4, 0, 0, id, 0, 0, 0); /* a reply without a body */
    fake_expect(self, 3);
    fake_fixed(self, 9, 0, JF_ERROR_DRAINING, 0, 0, 0, 0);
    fake_accept(self);
    fake_reply(self, fake_expect(self, 3)->id, 0, "back");
}

static void should_end_each_request_when_the_connection_is_lost(void) {
    fake_broker_t broker;
    jf_message_t *reply = NULL;
    fake_start(&broker, s_script_goes_away);
    jf_client_t *client = s_client(broker.endpoint);
    uint64_t first = s_send(client, "1"), second = s_send(client, "2");
    CHECK_INT(jf_client_recv(client, &reply, WAIT_MS), 0);
    CHECK(jf_message_id(reply) == first && !jf_message_failure(reply));
    CHECK_INT(jf_client_recv(client, &reply, WAIT_MS), 0);
    CHECK(jf_message_id(reply) == second);
    CHECK_INT(jf_message_failure(reply)->code, JF_ERROR_CONNECTION_LOST);
    CHECK_INT(jf_message_part_count(reply), 0);
    CHECK_STR(jf_message_body(reply), "");
    CHECK_INT(jf_client_call(client, "echo", "x", 1, WAIT_MS, &reply), -1);
    CHECK_INT(errno, EIO);
    CHECK_INT(jf_client_error(client)->code, JF_ERROR_BAD_MESSAGE);
    CHECK_INT(jf_client_call(client, "echo", "x", 1, WAIT_MS, &reply), -1);
    CHECK_INT(errno, ECONNRESET);
    CHECK_INT(jf_client_error(client)->code, JF_ERROR_CONNECTION_LOST);
    CHECK(strstr(jf_client_error(client)->cause, "DRAINING") != NULL);
    CHECK_INT(jf_client_call(client, "echo", "x", 1, WAIT_MS, &reply), 0);
    CHECK_STR(jf_message_body(reply), "back");
    jf_message_destroy(&reply);
    fake_join(&broker);
    jf_client_destroy(&client);
}

/* ---- peers that are no brokers ---- */

static void s_script_http(fake_broker_t *self) {
    fake_accept_only(self);
    fake_bytes(self, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
    fake_expect_close(self);
}

static void s_script_plain(fake_broker_t *self) {
    fake_accept_only(self);
    fake_handshake(self, "PLAIN", "ROUTER");
    fake_expect_close(self);
}

static void s_script_publisher(fake_broker_t *self) {
    fake_accept_only(self);
    fake_handshake(self, "NULL", "PUB");
    fake_expect_close(self);
}

static void s_script_error(fake_broker_t *self) {
    uint8_t greeting[64] = {0xFF, [9] = 0x7F, [10] = 3, [12] = 'N', 'U', 'L', 'L'};
    fake_accept_only(self);
    fake_bytes(self, greeting, 64);
    fake_frame(self, 4, "\5ERROR\7go away", 14);
    fake_expect_close(self);
}

static void should_refuse_a_peer_that_is_no_broker(void) {
    static const struct {
        fake_script_fn script;
        const char *cause;
    } cases[] = {{s_script_http, "greeting begins with 72 (expected: 255)"}, {s_script_plain, "security mechanism"},
        {s_script_publisher, "socket type does not fit"}, {s_script_error, "refuses the connection: go away"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fake_broker_t broker;
        jf_message_t *reply = NULL;
        fake_start(&broker, cases[i].script);
        jf_client_t *client = s_client(broker.endpoint);
        CHECK_INT(jf_client_call(client, "echo", "x", 1, WAIT_MS, &reply), -1);
        CHECK_INT(errno, EPROTO);
        check_context = jf_client_error(client)->cause;
        CHECK_INT(jf_client_error(client)->code, JF_ERROR_UNSUPPORTED_PEER);
        CHECK(strstr(check_context, cases[i].cause) != NULL);
        check_context = NULL;
        jf_client_destroy(&client);
        fake_join(&broker);
    }
}

/* ---- large bodies ---- */

static char *s_large(void) {
    char *large = malloc(LARGE_BYTES + 1);
    CHECK(large != NULL);
    for (size_t i = 0; i < LARGE_BYTES; i++) large[i] = (char)('a' + i % 23);
    large[LARGE_BYTES] = '\0';
    return large;
}

/* Both sides write 8 MiB before either has read: each must read while it waits for room. */
static void s_script_large(fake_broker_t *self) {
    char *large = s_large();
    fake_accept(self);
    uint64_t id = fake_expect(self, 3)->id;
    fake_reply(self, id, 1, large);
    fake_message_t *request = fake_expect(self, 3);
    CHECK_INT(request->len[3], LARGE_BYTES);
    CHECK(memcmp(request->frame[3], large, LARGE_BYTES) == 0);
    fake_reply(self, request->id, 0, large);
    fake_reply(self, id, 0, "");
    free(large);
}

static void should_carry_large_bodies_both_ways_at_once(void) {
    fake_broker_t broker;
    jf_message_t *reply = NULL;
    char *large = s_large();
    fake_start(&broker, s_script_large);
    jf_client_t *client = s_client(broker.endpoint);
    uint64_t small_id = s_send(client, "x"), large_id = s_send(client, large);
    CHECK_INT(jf_client_recv(client, &reply, WAIT_MS), 0);
    CHECK(jf_message_id(reply) == small_id && jf_message_is_partial(reply));
    CHECK_INT(jf_client_recv(client, &reply, WAIT_MS), 0);
    CHECK(jf_message_id(reply) == large_id);
    CHECK_INT(jf_message_body_len(reply), LARGE_BYTES);
    CHECK_STR(jf_message_body(reply), large);
    CHECK_INT(jf_client_recv(client, &reply, WAIT_MS), 0);
    CHECK(jf_message_id(reply) == small_id);
    jf_message_destroy(&reply);
    fake_join(&broker);
    jf_client_destroy(&client);
    free(large);
}

int main(void) {
    RUN(should_call_and_tell_typed_failures);
    RUN(should_refuse_settings_out_of_their_limits);
    RUN(should_refuse_wrong_arguments_without_a_broker);
    RUN(should_call_over_a_unix_socket_and_connect_again);
    RUN(should_keep_several_requests_apart);
    RUN(should_cancel_a_call_that_took_too_long);
    RUN(should_end_each_request_when_the_connection_is_lost);
    RUN(should_refuse_a_peer_that_is_no_broker);
    RUN(should_carry_large_bodies_both_ways_at_once);
    return 0;
}
