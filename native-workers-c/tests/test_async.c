/* A client that does not wait: requests with callbacks, streams, requests kept until there is a connection. */
#include <errno.h>

#include "check.h"
#include "fake_broker.h"
#include "jackfield.h"

#define WAIT_MS 15000

const char *check_context;

typedef struct got {
    int partials, replies, failures;
    int last_code;        /* of a failure */
    char last_name[32];   /* likewise */
    char bodies[200];     /* of all replies, one after the other */
    uint64_t next_id;     /* of the request that the callback sends */
} got_t;

static void s_count(jf_client_t *client, const jf_message_t *reply, void *arg) {
    got_t *got = arg;
    (void)client;
    const jf_error_t *failure = jf_message_failure(reply);
    if (failure) {
        got->failures++;
        got->last_code = failure->code;
        snprintf(got->last_name, sizeof got->last_name, "%s", failure->name);
        return;
    }
    if (jf_message_is_partial(reply)) got->partials++;
    else got->replies++;
    strncat(got->bodies, jf_message_body(reply), sizeof got->bodies - strlen(got->bodies) - 1);
}

static jf_client_t *s_client(const char *endpoint) {
    jf_client_t *client = jf_client_new(endpoint);
    CHECK(client != NULL);
    CHECK_INT(jf_client_set_reconnect_ms(client, 5, 20), 0);
    return client;
}

static uint64_t s_submit(jf_client_t *client, const char *body, uint32_t timeout_ms, jf_reply_fn fn, got_t *got) {
    uint64_t id = 0;
    jf_part_t part = {.bytes = body, .len = strlen(body)};
    jf_request_t request = {.service = "echo", .timeout_ms = timeout_ms, .content = {.parts = &part, .part_count = 1}};
    CHECK_INT(jf_client_submit(client, &request, fn, got, &id), 0);
    return id;
}

static void s_poll_until_over(jf_client_t *client) {
    while (jf_client_in_flight(client) > 0) CHECK(jf_client_poll(client, WAIT_MS) > 0);
}

/* ---- callbacks ---- */

static void s_script_answers(fake_broker_t *self) {
    uint64_t ids[3];
    fake_accept(self);
    for (int i = 0; i < 3; i++) ids[i] = fake_expect(self, 3)->id;
    fake_reply(self, ids[2], 0, "c");
    fake_reply(self, ids[0], 1, "a1");
    fake_reply(self, ids[1], 0, "b");
    fake_reply(self, ids[0], 1, "a2");
    fake_reply(self, ids[0], 2, "a3");
    fake_failure(self, fake_expect(self, 3)->id, JF_ERROR_BAD_REQUEST, 0, "", "no");
}

/* A callback may use the client: here it asks the next question. */
static void s_ask_on(jf_client_t *client, const jf_message_t *reply, void *arg) {
    got_t *got = arg;
    s_count(client, reply, got);
    if (jf_message_is_early_exit(reply)) got->next_id = s_submit(client, "next", WAIT_MS, s_count, got);
}

static void should_call_back_with_each_reply_of_each_request(void) {
    fake_broker_t broker;
    got_t got[3] = {{.partials = 0}};
    jf_message_t *reply = NULL;
    fake_start(&broker, s_script_answers);
    jf_client_t *client = s_client(broker.endpoint);
    s_submit(client, "a", WAIT_MS, s_ask_on, &got[0]);
    uint64_t polled = s_submit(client, "b", WAIT_MS, NULL, NULL);
    s_submit(client, "c", WAIT_MS, s_count, &got[2]);
    CHECK_INT(jf_client_recv(client, &reply, WAIT_MS), 0); /* what has no callback comes here, and nothing else does */
    CHECK(jf_message_id(reply) == polled);
    CHECK_STR(jf_message_body(reply), "b");
    CHECK_INT(got[2].replies, 0); /* callbacks run within jf_client_poll alone */
    s_poll_until_over(client);
    CHECK_INT(got[2].replies, 1);
    CHECK_STR(got[2].bodies, "c");
    CHECK_INT(got[0].partials, 2);
    CHECK_INT(got[0].replies, 1);
    CHECK_INT(got[0].failures, 1);
    CHECK_INT(got[0].last_code, JF_ERROR_BAD_REQUEST);
    CHECK_STR(got[0].bodies, "a1a2a3");
    CHECK_INT(jf_client_poll(client, WAIT_MS), -1);
    CHECK_INT(errno, ENOENT);
    jf_message_destroy(&reply);
    fake_join(&broker);
    jf_client_destroy(&client);
}

/* ---- without a connection ---- */

static void s_script_comes_late(fake_broker_t *self) {
    fake_accept_only(self); /* gone before the handshake: the requests are still with the client */
    fake_accept(self);
    for (int i = 0; i < 3; i++) {
        fake_message_t *request = fake_expect(self, 3);
        CHECK_INT(request->frame[3][0], '0' + i); /* in the order in which they were submitted */
        fake_reply(self, request->id, 0, (const char *)request->frame[3]);
    }
}

static void should_keep_requests_in_order_until_there_is_a_connection(void) {
    fake_broker_t broker;
    got_t got = {.partials = 0};
    fake_start(&broker, s_script_comes_late);
    jf_client_t *client = s_client(broker.endpoint);
    for (int i = 0; i < 3; i++) {
        char body[2] = {(char)('0' + i), '\0'};
        s_submit(client, body, WAIT_MS, s_count, &got);
    }
    s_poll_until_over(client);
    CHECK_INT(got.replies, 3);
    CHECK_STR(got.bodies, "012");
    fake_join(&broker);
    jf_client_destroy(&client);
}

static void should_end_what_was_never_sent(void) {
    got_t late = {.partials = 0}, cancelled = {.partials = 0};
    jf_client_t *client = s_client("ipc:///no/such/socket");
    s_submit(client, "late", 30, s_count, &late);
    uint64_t id = s_submit(client, "cancelled", WAIT_MS, s_count, &cancelled);
    CHECK_INT(jf_client_cancel(client, id), 0);
    CHECK_INT(jf_client_cancel(client, id), -1);
    s_poll_until_over(client);
    CHECK_INT(cancelled.failures, 1);
    CHECK_INT(cancelled.last_code, JF_ERROR_CANCELLED);
    CHECK_INT(late.failures, 1);
    CHECK_STR(late.last_name, JF_NAME_NOT_CONNECTED);
    jf_client_destroy(&client);
}

static void should_keep_no_more_than_its_limit(void) {
    size_t len = 16u * 1024 * 1024;
    char *body = calloc(1, len);
    jf_part_t part = {.bytes = body, .len = len};
    jf_request_t request = {.service = "echo", .content = {.parts = &part, .part_count = 1}};
    jf_client_t *client = s_client("ipc:///no/such/socket");
    for (int i = 0; i < 4; i++) CHECK_INT(jf_client_submit(client, &request, NULL, NULL, NULL), 0);
    CHECK_INT(jf_client_submit(client, &request, NULL, NULL, NULL), -1);
    CHECK_INT(errno, EAGAIN);
    CHECK_INT(jf_client_error(client)->code, JF_ERROR_OVERLOADED);
    request.flags = JF_BODY_STAYS; /* nothing is copied then */
    CHECK_INT(jf_client_submit(client, &request, NULL, NULL, NULL), 0);
    CHECK_INT(jf_client_in_flight(client), 5);
    jf_client_destroy(&client);
    free(body);
}

/* ---- streams ---- */

static void s_script_streams(fake_broker_t *self) {
    fake_accept(self);
    uint64_t id = fake_expect(self, 3)->id;
    for (int i = 0; i < 3; i++) fake_reply(self, id, 1, "p");
    fake_reply(self, id, 0, "end");
    id = fake_expect(self, 3)->id;
    fake_reply(self, id, 1, "p");
    fake_reply(self, id, 1, "q");
    CHECK(fake_expect(self, 6)->id == id);
    fake_failure(self, id, JF_ERROR_CANCELLED, 0, "", "cancelled");
    fake_reply(self, fake_expect(self, 3)->id, 0, "the next");
}

typedef struct wish {
    int seen, wanted; /* partial replies */
} wish_t;

static int s_take(const jf_message_t *partial, void *arg) {
    wish_t *wish = arg;
    CHECK(jf_message_is_partial(partial));
    return ++wish->seen == wish->wanted;
}

static void should_stream_partial_replies_until_the_program_wants_no_more(void) {
    fake_broker_t broker;
    jf_message_t *reply = NULL;
    wish_t all = {.wanted = -1}, one = {.wanted = 1};
    jf_part_t part = {.bytes = "x", .len = 1};
    jf_request_t request = {.service = "echo", .timeout_ms = WAIT_MS, .content = {.parts = &part, .part_count = 1}};
    fake_start(&broker, s_script_streams);
    jf_client_t *client = s_client(broker.endpoint);
    CHECK_INT(jf_client_stream(client, &request, s_take, &all, &reply), 0);
    CHECK_INT(all.seen, 3);
    CHECK_STR(jf_message_body(reply), "end");
    CHECK_INT(jf_client_stream(client, &request, s_take, &one, &reply), -1);
    CHECK_INT(errno, ECANCELED);
    CHECK_INT(one.seen, 1);
    CHECK_INT(jf_client_in_flight(client), 0);
    CHECK_INT(jf_client_call_with(client, &request, &reply), 0);
    CHECK_STR(jf_message_body(reply), "the next");
    jf_message_destroy(&reply);
    fake_join(&broker);
    jf_client_destroy(&client);
}

/* ---- wake ---- */

static void *s_wake(void *client) {
    jf_client_wake(client);
    return NULL;
}

static void should_return_when_woken_from_another_thread(void) {
    pthread_t thread;
    got_t got = {.partials = 0};
    jf_client_t *client = s_client("ipc:///no/such/socket");
    s_submit(client, "x", WAIT_MS, s_count, &got);
    CHECK_INT(pthread_create(&thread, NULL, s_wake, client), 0);
    CHECK_INT(jf_client_poll(client, -1), -1);
    CHECK_INT(errno, EINTR);
    CHECK_INT(pthread_join(thread, NULL), 0);
    CHECK_INT(jf_client_poll(client, 1), 0); /* once, and not again */
    jf_client_destroy(&client);
}

int main(void) {
    RUN(should_call_back_with_each_reply_of_each_request);
    RUN(should_keep_requests_in_order_until_there_is_a_connection);
    RUN(should_end_what_was_never_sent);
    RUN(should_keep_no_more_than_its_limit);
    RUN(should_stream_partial_replies_until_the_program_wants_no_more);
    RUN(should_return_when_woken_from_another_thread);
    return 0;
}
