/* Bodies beyond the default limit of 16 MiB, and over the limits. */
#include <errno.h>

#include "check.h"
#include "worker_fixture.h"

#define LARGE_BYTES (20u * 1024 * 1024)

const char *check_context;

static char *s_large; /* LARGE_BYTES and a zero byte; only read once the tests run */

static void s_script_large(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome_limited(self, LARGE_BYTES);
    fake_request(self, 1, "echo", s_large);
    fake_message_t *reply = fake_expect(self, 4);
    CHECK_INT(reply->len[3], LARGE_BYTES);
    CHECK(memcmp(reply->frame[3], s_large, LARGE_BYTES) == 0);
    CHECK_INT(fake_expect(self, 5)->code, JF_ERROR_TOO_LARGE); /* the worker's own word for what was not sent */
}

static void should_take_and_send_what_the_broker_allows(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    fake_start(&broker, s_script_large);
    jf_worker_t *worker = fixture_worker(&broker, 1);
    fixture_recv(worker, &request, s_large);
    jf_part_t parts[] = {{s_large, LARGE_BYTES}, {"x", 1}};
    jf_content_t content = {.parts = parts, .part_count = 2};
    CHECK_INT(jf_worker_reply_with(worker, jf_message_id(request), &content, 0), -1);
    CHECK_INT(errno, EMSGSIZE);
    CHECK_INT(jf_worker_error(worker)->code, JF_ERROR_TOO_LARGE);
    CHECK_INT(jf_worker_partial(worker, jf_message_id(request), s_large, LARGE_BYTES), 0);
    CHECK_INT(jf_worker_fail(worker, jf_message_id(request), JF_ERROR_TOO_LARGE, "one byte too many", NULL), 0);
    jf_message_destroy(&request);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

static void s_script_too_large(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome_limited(self, LARGE_BYTES);
    for (uint64_t id = 1; id <= 2; id++) {
        fake_request(self, id, "echo", s_large);
        fake_message_t *failure = fake_expect(self, 5);
        CHECK_INT(failure->id, id);
        CHECK_INT(failure->code, JF_ERROR_TOO_LARGE);
    }
    fake_request(self, 3, "echo", "fits");
    CHECK_INT(fake_expect(self, 4)->id, 3);
}

static void should_refuse_a_request_over_its_own_limit_and_go_on(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    fake_start(&broker, s_script_too_large);
    jf_worker_t *worker = fixture_worker(&broker, 1);
    CHECK_INT(jf_worker_set_body_bytes_max(worker, 1000), 0);
    fixture_recv(worker, &request, "fits");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), s_large, 1001), -1);
    CHECK_INT(errno, EMSGSIZE);
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), s_large, 1000), 0);
    jf_message_destroy(&request);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

static void s_script_answers(fake_broker_t *self) {
    fake_accept(self);
    fake_reply(self, fake_expect(self, 3)->id, 0, s_large);
    fake_message_t *request = fake_expect(self, 3);
    CHECK_INT(request->len[3], LARGE_BYTES);
    fake_reply(self, request->id, 0, s_large);
}

static void should_call_with_bodies_as_large_as_it_is_told(void) {
    fake_broker_t broker;
    jf_message_t *reply = NULL;
    fake_start(&broker, s_script_answers);
    jf_client_t *client = jf_client_new(broker.endpoint);
    CHECK_INT(jf_client_call(client, "echo", s_large, LARGE_BYTES, WAIT_MS, &reply), -1);
    CHECK_INT(errno, EMSGSIZE);
    CHECK_INT(jf_client_call(client, "echo", "x", 1, WAIT_MS, &reply), -1);
    CHECK_INT(errno, EIO);
    CHECK_INT(jf_client_error(client)->code, JF_ERROR_TOO_LARGE);
    CHECK_INT(jf_client_set_body_bytes_max(client, LARGE_BYTES), 0);
    CHECK_INT(jf_client_call(client, "echo", s_large, LARGE_BYTES, WAIT_MS, &reply), 0);
    CHECK_INT(jf_message_body_len(reply), LARGE_BYTES);
    CHECK_STR(jf_message_body(reply), s_large);
    jf_message_destroy(&reply);
    fake_join(&broker);
    jf_client_destroy(&client);
}

int main(void) {
    s_large = malloc(LARGE_BYTES + 1);
    CHECK(s_large != NULL);
    for (size_t i = 0; i < LARGE_BYTES; i++) s_large[i] = (char)('a' + i % 23);
    s_large[LARGE_BYTES] = '\0';
    RUN(should_take_and_send_what_the_broker_allows);
    RUN(should_refuse_a_request_over_its_own_limit_and_go_on);
    RUN(should_call_with_bodies_as_large_as_it_is_told);
    free(s_large);
    return 0;
}
