/* A worker against a broker that plays scripts: registration, credit, cancel. */
#include <errno.h>
#include <stdatomic.h>

#include "check.h"
#include "worker_fixture.h"

const char *check_context;

/* ---- registration, request, reply ---- */

static void s_script_serves(fake_broker_t *self) {
    fake_accept(self);
    fake_message_t *ready = fake_expect(self, 1);
    CHECK_INT(ready->count, 2);
    CHECK_INT(ready->time_ms, 700);
    CHECK_INT(ready->frames, 5);
    CHECK_STR((char *)ready->frame[2], "kit:c/0.1.0\nworker-id:w-1\nlabel.zone:west\n");
    CHECK_STR((char *)ready->frame[3], "name:echo\n");
    CHECK_STR((char *)ready->frame[4], "name:sum\nversion:1.2\nidempotent:true\ntimeout-ms:900\n");
    fake_fixed(self, 2, 0, 0, 0, 500, 2, 0);
    fake_request(self, 0xFFFFFFFFFFFFFFFFu, "echo", "hello");
    fake_message_t *reply = fake_expect(self, 4);
    CHECK_INT(reply->flags, 1);
    CHECK(reply->id == 0xFFFFFFFFFFFFFFFFu);
    CHECK_STR((char *)reply->frame[3], "part");
    reply = fake_expect(self, 4);
    CHECK_INT(reply->flags, 0);
    CHECK_INT(reply->frames, 5);
    CHECK_STR((char *)reply->frame[2], "content-type:text/plain\n");
    CHECK_STR((char *)reply->frame[3], "hel");
    CHECK_STR((char *)reply->frame[4], "lo");
    fake_request(self, 7, "sum", "");
    fake_message_t *failure = fake_expect(self, 5);
    CHECK_INT(failure->code, 5);
    CHECK_INT(failure->id, 7);
    CHECK_INT(failure->time_ms, 250);
    CHECK_STR((char *)failure->frame[2], "hint:send numbers\n");
    CHECK_STR((char *)failure->frame[3], "nothing to add");
    fake_expect(self, 9);
    fake_expect_close(self);
}

static void s_answer_in_parts(jf_worker_t *worker, jf_message_t *request) {
    jf_headers_t *headers = jf_headers_new();
    jf_part_t parts[] = {{"hel", 3}, {"lo", 2}};
    uint64_t id = jf_message_id(request);
    CHECK_INT(jf_headers_set(headers, "content-type", "text/html"), 0);
    CHECK_INT(jf_headers_set(headers, "content-type", "text/plain"), 0);
    CHECK_INT(jf_headers_set(headers, "Bad", "x"), -1);
    CHECK_INT(jf_headers_set(headers, "bad", "a\nb"), -1);
    jf_content_t content = {.parts = parts, .part_count = 2, .headers = headers};
    CHECK_INT(jf_worker_reply_with(worker, id, &content, JF_IDEMPOTENT), -1);
    CHECK_INT(jf_worker_partial(worker, id, "part", 4), 0);
    CHECK_INT(jf_worker_reply_with(worker, id, &content, 0), 0);
    CHECK_INT(jf_worker_reply(worker, id, "again", 5), -1);
    CHECK_INT(errno, ESTALE);
    CHECK_STR(jf_worker_error(worker)->name, JF_NAME_NOT_IN_FLIGHT);
    jf_headers_destroy(&headers);
}

static void should_register_and_answer(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    jf_service_options_t options = {.version = "1.2", .flags = JF_IDEMPOTENT, .timeout_ms = 900};
    fake_start(&broker, s_script_serves);
    jf_worker_t *worker = fixture_worker(&broker, 2);
    CHECK_INT(jf_worker_set_id(worker, "w-1"), 0);
    CHECK_INT(jf_worker_set_label(worker, "zone", "west"), 0);
    CHECK_INT(jf_worker_set_heartbeat_ms(worker, 700), 0);
    CHECK_INT(jf_worker_add_service(worker, "sum", &options), 0);
    CHECK_INT(jf_worker_add_service(worker, "a b", NULL), -1);
    CHECK_INT(jf_worker_error(worker)->code, JF_ERROR_BAD_SERVICE_NAME);
    CHECK_INT(jf_worker_wait_ready(worker, WAIT_MS), 0);
    CHECK(jf_worker_is_ready(worker));
    fixture_recv(worker, &request, "hello");
    CHECK_STR(jf_message_service(request), "echo");
    CHECK_STR(jf_message_header(request, "traceparent"), "00-1");
    CHECK_STR(jf_message_header(request, "content-type"), "text/plain");
    CHECK(jf_message_header(request, "content") == NULL);
    CHECK_INT(jf_message_attempt(request), 1);
    CHECK(jf_message_time_left_ms(request) > 0 && jf_message_time_left_ms(request) <= 5000);
    s_answer_in_parts(worker, request);
    fixture_recv(worker, &request, "");
    CHECK_STR(jf_message_service(request), "sum");
    CHECK_INT(jf_worker_fail_after(worker, jf_message_id(request), JF_ERROR_BAD_REQUEST, "nothing to add",
        "send\tnumbers", 250), 0);
    jf_message_destroy(&request);
    jf_worker_destroy(&worker);
    CHECK(worker == NULL);
    fake_join(&broker);
}

/* ---- credit ---- */

static atomic_bool s_refused; /* the third request was */

static void s_script_credit(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    fake_request(self, 1, "echo", "a");
    fake_request(self, 2, "echo", "b");
    fake_request(self, 3, "echo", "c");
    fake_message_t *message = fake_expect(self, 5);
    CHECK_INT(message->id, 3);
    CHECK_INT(message->code, JF_ERROR_OVERLOADED);
    atomic_store(&s_refused, true);
    message = fake_expect(self, 4);
    CHECK_INT(message->id, 2);
    CHECK_STR((char *)message->frame[3], "B");
    message = fake_expect(self, 4);
    CHECK_INT(message->id, 1);
    CHECK_STR((char *)message->frame[3], "A");
    fake_request(self, 4, "echo", "d");
    CHECK_INT(fake_expect(self, 4)->id, 4);
}

static void should_hold_as_many_requests_as_its_credit(void) {
    fake_broker_t broker;
    jf_message_t *first = NULL, *second = NULL;
    fake_start(&broker, s_script_credit);
    jf_worker_t *worker = fixture_worker(&broker, 2);
    fixture_recv(worker, &first, "a");
    fixture_recv(worker, &second, "b");
    while (!atomic_load(&s_refused)) CHECK(jf_worker_is_wanted(worker, jf_message_id(second)));
    CHECK_INT(jf_worker_reply(worker, jf_message_id(second), "B", 1), 0);
    CHECK_INT(jf_worker_reply(worker, jf_message_id(first), "A", 1), 0);
    fixture_recv(worker, &first, "d");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(first), "D", 1), 0);
    jf_message_destroy(&first);
    jf_message_destroy(&second);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

/* ---- an id that is in use ---- */

static void s_script_repeats(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    fake_request(self, 7, "echo", "first");
    fake_request(self, 7, "echo", "second");
    fake_request(self, 8, "echo", "other");
    CHECK_STR((char *)fake_expect(self, 4)->frame[3], "other");
    fake_message_t *reply = fake_expect(self, 4);
    CHECK_INT(reply->id, 7);
    CHECK_STR((char *)reply->frame[3], "first");
    fake_request(self, 7, "echo", "third");
    CHECK_STR((char *)fake_expect(self, 4)->frame[3], "third");
}

static void should_drop_a_request_whose_id_is_in_flight(void) {
    fake_broker_t broker;
    jf_message_t *first = NULL, *other = NULL;
    fake_start(&broker, s_script_repeats);
    jf_worker_t *worker = fixture_worker(&broker, 2);
    fixture_recv(worker, &first, "first");
    fixture_recv(worker, &other, "other"); /* at the limit of the credit: there is no place for the second */
    CHECK_INT(jf_worker_reply(worker, jf_message_id(other), "other", 5), 0);
    CHECK_INT(jf_worker_reply(worker, jf_message_id(first), "first", 5), 0);
    fixture_recv(worker, &first, "third");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(first), "third", 5), 0);
    jf_message_destroy(&first);
    jf_message_destroy(&other);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

/* ---- cancel ---- */

static void s_expect_cancelled(fake_broker_t *self, uint64_t id) {
    fake_message_t *failure = fake_expect(self, 5);
    CHECK_INT(failure->id, id);
    CHECK_INT(failure->code, JF_ERROR_CANCELLED);
    CHECK_STR((char *)failure->frame[3], "the request was cancelled");
}

static void s_script_cancels(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    fake_request(self, 1, "echo", "running");
    fake_request(self, 2, "echo", "waiting");
    CHECK_INT(fake_expect(self, 4)->flags, 1); /* the first one runs */
    fake_fixed(self, 6, 0, 0, 2, 0, 0, 0);
    s_expect_cancelled(self, 2); /* at once */
    fake_fixed(self, 6, 0, 0, 2, 0, 0, 0);
    fake_fixed(self, 6, 0, 0, 1, 0, 0, 0);
    fake_fixed(self, 6, 0, 0, 1, 0, 0, 0);
    fake_fixed(self, 6, 0, 0, 99, 0, 0, 0);
    fake_request(self, 3, "echo", "after");
    fake_request(self, 4, "echo", "too much"); /* the first one still has its place */
    fake_message_t *failure = fake_expect(self, 5);
    CHECK_INT(failure->id, 4);
    CHECK_INT(failure->code, JF_ERROR_OVERLOADED);
    fake_fixed(self, 6, 0, 0, 3, 0, 0, 0);
    s_expect_cancelled(self, 1);
    s_expect_cancelled(self, 3);
    fake_request(self, 5, "echo", "a");
    fake_request(self, 6, "echo", "b");
    for (int i = 0; i < 2; i++) CHECK_INT(fake_expect(self, 4)->command, 4);
}

static void should_stop_wanting_a_cancelled_request(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    fake_start(&broker, s_script_cancels);
    jf_worker_t *worker = fixture_worker(&broker, 2);
    fixture_recv(worker, &request, "running");
    uint64_t id = jf_message_id(request);
    CHECK(jf_worker_is_wanted(worker, id));
    CHECK_INT(jf_worker_partial(worker, id, "", 0), 0);
    while (jf_worker_is_wanted(worker, id)) {
    }
    fixture_recv(worker, &request, "after");
    uint64_t after = jf_message_id(request);
    while (jf_worker_is_wanted(worker, after)) { /* the broker cancels it when the fourth has found no place */
    }
    CHECK_INT(jf_worker_reply(worker, id, "late", 4), 0);
    CHECK_INT(jf_worker_reply(worker, id, "later", 5), -1);
    CHECK_INT(errno, ESTALE);
    CHECK_INT(jf_worker_fail(worker, after, JF_ERROR_BAD_REQUEST, "x", NULL), 0);
    fixture_recv(worker, &request, "a");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "", 0), 0);
    fixture_recv(worker, &request, "b");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "", 0), 0);
    jf_message_destroy(&request);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

static void s_script_cancels_each(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    for (uint64_t id = 1; id <= 4; id++) {
        fake_request(self, id, "echo", "x");
        CHECK_INT(fake_expect(self, 4)->flags, 1); /* it runs */
        fake_fixed(self, 6, 0, 0, id, 0, 0, 0);
        s_expect_cancelled(self, id);
    }
    CHECK_INT(fake_expect(self, 8)->count, 0);
    fake_fixed(self, 8, 0, 0, 0, 0, 0, 0);
    fake_expect(self, 9);
    fake_expect_close(self);
}

/* Lets go of each cancelled request in another way. */
static int s_giving_up_handler(jf_worker_t *worker, const jf_message_t *request, void *arg) {
    int *calls = arg;
    uint64_t id = jf_message_id(request);
    CHECK_INT(jf_worker_partial(worker, id, "", 0), 0);
    while (jf_worker_is_wanted(worker, id)) {
    }
    switch (++*calls) {
    case 1: return -1;
    case 2: return jf_worker_fail(worker, id, JF_ERROR_BAD_REQUEST, "given up", "a hint");
    case 3: return jf_worker_reply(worker, id, "", JF_BODY_BYTES_MAX + 1u); /* not sent, so not too large */
    default: jf_worker_wake(worker); break;
    }
    CHECK_INT(jf_worker_partial(worker, id, "", 0), -1);
    CHECK_INT(errno, ECANCELED);
    CHECK_INT(jf_worker_error(worker)->code, JF_ERROR_CANCELLED);
    CHECK_INT(jf_worker_partial(worker, id, "", 0), -1);
    CHECK_INT(errno, ESTALE);
    return -1; /* it has ended: nothing is sent */
}

static void should_say_cancelled_once_however_the_program_lets_go(void) {
    fake_broker_t broker;
    int calls = 0;
    fake_start(&broker, s_script_cancels_each);
    jf_worker_t *worker = fixture_worker(&broker, 1);
    CHECK_INT(jf_worker_run(worker, s_giving_up_handler, &calls), 0);
    CHECK_INT(calls, 4);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

int main(void) {
    RUN(should_register_and_answer);
    RUN(should_hold_as_many_requests_as_its_credit);
    RUN(should_drop_a_request_whose_id_is_in_flight);
    RUN(should_stop_wanting_a_cancelled_request);
    RUN(should_say_cancelled_once_however_the_program_lets_go);
    return 0;
}
