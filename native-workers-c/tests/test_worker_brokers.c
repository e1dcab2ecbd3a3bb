/* A worker with several brokers: it serves all of them, and the end of one is not the end of another. */
#include <errno.h>

#include "check.h"
#include "worker_fixture.h"

const char *check_context;

static fake_broker_t s_first, s_second;

static jf_worker_t *s_start(fake_script_fn first, fake_script_fn second, unsigned credit) {
    char endpoints[300];
    fake_start(&s_first, first);
    fake_start(&s_second, second);
    snprintf(endpoints, sizeof endpoints, "%s,%s", s_first.endpoint, s_second.endpoint);
    return fixture_worker_at(endpoints, credit);
}

/* Waits for requests until that many brokers have registered the worker: none comes meanwhile. */
static void s_await_ready(jf_worker_t *worker, size_t count) {
    jf_message_t *none = NULL;
    for (int left = WAIT_MS; jf_worker_ready_count(worker) != count && left > 0; left -= 10) {
        CHECK_INT(jf_worker_recv(worker, &none, 10), -1);
    }
    CHECK_INT(jf_worker_ready_count(worker), count);
}

static void s_end(jf_worker_t *worker, jf_message_t *request) {
    jf_message_destroy(&request);
    fake_join(&s_first);
    fake_join(&s_second);
    jf_worker_destroy(&worker);
}

/* ---- each broker has its credit, and ids of its own ---- */

static void s_ask(fake_broker_t *self, const char *body, const char *answer) {
    fake_accept(self);
    fake_welcome(self);
    fake_request(self, 1, "echo", body);
    fake_message_t *reply = fake_expect(self, 4);
    CHECK_INT(reply->id, 1);
    CHECK_STR((char *)reply->frame[3], answer);
    fake_request(self, 1, "echo", "over"); /* the same id again, as any broker may */
    CHECK_INT(fake_expect(self, 4)->id, 1);
}

static void s_script_asks_a(fake_broker_t *self) { s_ask(self, "a", "A"); }
static void s_script_asks_b(fake_broker_t *self) { s_ask(self, "b", "B"); }

static void should_answer_each_broker_what_it_asked(void) {
    jf_message_t *request = NULL, *other = NULL;
    jf_worker_t *worker = s_start(s_script_asks_a, s_script_asks_b, 1);
    CHECK_INT(jf_worker_recv(worker, &request, WAIT_MS), 0);
    CHECK_INT(jf_worker_recv(worker, &other, WAIT_MS), 0);
    CHECK_INT(jf_worker_in_flight(worker), 2);
    CHECK(jf_message_id(request) != jf_message_id(other));
    CHECK_INT(jf_message_body(request)[0] + jf_message_body(other)[0], 'a' + 'b');
    char upper = (char)(jf_message_body(other)[0] - 'a' + 'A');
    CHECK_INT(jf_worker_reply(worker, jf_message_id(other), &upper, 1), 0);
    upper = (char)(jf_message_body(request)[0] - 'a' + 'A');
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), &upper, 1), 0);
    for (int i = 0; i < 2; i++) {
        fixture_recv(worker, &request, "over");
        CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "", 0), 0);
    }
    jf_message_destroy(&other);
    s_end(worker, request);
}

/* ---- one is lost and comes back ---- */

static void s_script_goes_and_comes(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    fake_request(self, 1, "echo", "lost");
    CHECK_INT(fake_expect(self, 4)->flags, 1);
    fake_request(self, 2, "echo", "lost unseen");
    fake_accept(self);
    fake_welcome(self);
    fake_request(self, 1, "echo", "again");
    CHECK_STR((char *)fake_expect(self, 4)->frame[3], "new");
}

static void s_script_stays(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    fake_request(self, 1, "echo", "stays");
    CHECK_STR((char *)fake_expect(self, 4)->frame[3], "still here");
}

static void should_keep_the_requests_of_the_others_when_one_is_lost(void) {
    jf_message_t *request = NULL;
    uint64_t lost = 0, stays = 0;
    jf_worker_t *worker = s_start(s_script_goes_and_comes, s_script_stays, 2);
    while (lost == 0 || stays == 0) {
        CHECK_INT(jf_worker_recv(worker, &request, WAIT_MS), 0);
        if (strcmp(jf_message_body(request), "lost") == 0) lost = jf_message_id(request);
        else stays = jf_message_id(request);
    }
    CHECK_INT(jf_worker_partial(worker, lost, "", 0), 0);
    do {
        CHECK_INT(jf_worker_recv(worker, &request, WAIT_MS), 0);
    } while (strcmp(jf_message_body(request), "again") != 0); /* the unseen one is gone, or was seen before its end */
    CHECK_INT(jf_worker_reply(worker, lost, "old", 3), -1);
    CHECK_INT(errno, ESTALE);
    CHECK(jf_worker_is_wanted(worker, stays));
    CHECK_INT(jf_worker_reply(worker, stays, "still here", 10), 0);
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "new", 3), 0);
    s_end(worker, request);
}

/* ---- one refuses ---- */

static void s_script_refuses(fake_broker_t *self) {
    fake_accept(self);
    fake_expect(self, 1);
    fake_failure(self, 0, JF_ERROR_TOO_MANY_SERVICES, 0, "", "1000 names");
    fake_expect_close(self);
}

static void s_script_serves(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    CHECK_INT(fake_expect(self, 7)->count, 1);
    fake_fixed(self, 7, 0, 0, 0, 0, 0, 0);
    fake_request(self, 7, "echo", "for you");
    CHECK_INT(fake_expect(self, 4)->id, 7);
}

static void should_serve_on_when_one_refuses_for_good(void) {
    jf_message_t *request = NULL;
    jf_worker_t *worker = s_start(s_script_refuses, s_script_serves, 1);
    CHECK_INT(jf_worker_set_heartbeat_ms(worker, 600), 0);
    fixture_recv(worker, &request, "for you");
    CHECK_INT(jf_worker_ready_count(worker), 1);
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "", 0), 0);
    s_end(worker, request);
}

static void should_end_when_all_refuse(void) {
    jf_message_t *request = NULL;
    jf_worker_t *worker = s_start(s_script_refuses, s_script_refuses, 1);
    CHECK_INT(jf_worker_recv(worker, &request, WAIT_MS), -1);
    CHECK_INT(errno, EPROTO);
    CHECK_INT(jf_worker_error(worker)->code, JF_ERROR_TOO_MANY_SERVICES);
    s_end(worker, request);
}

/* ---- drain ---- */

static void s_script_drains_busy(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    fake_request(self, 1, "echo", "last");
    CHECK_INT(fake_expect(self, 8)->count, 1);
    fake_fixed(self, 8, 0, 0, 0, 0, 1, 0);
    CHECK_INT(fake_expect(self, 4)->id, 1);
    fake_expect(self, 9);
    fake_expect_close(self);
}

static void s_script_drains_idle(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    CHECK_INT(fake_expect(self, 8)->count, 0);
    fake_fixed(self, 8, 0, 0, 0, 0, 0, 0);
    fake_expect(self, 9);
    fake_expect_close(self);
}

static void should_drain_at_every_broker(void) {
    jf_message_t *request = NULL;
    jf_worker_t *worker = s_start(s_script_drains_busy, s_script_drains_idle, 1);
    fixture_recv(worker, &request, "last");
    s_await_ready(worker, 2);
    CHECK_INT(jf_worker_drain(worker), 0);
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "", 0), 0);
    CHECK_INT(jf_worker_recv(worker, &request, WAIT_MS), -1);
    CHECK_INT(errno, ESHUTDOWN);
    s_end(worker, request);
}

static void should_take_so_many_endpoints_and_no_more(void) {
    char endpoints[600] = "tcp://127.0.0.1:1";
    for (unsigned i = 1; i < JF_BROKERS_MAX; i++) strcat(endpoints, ",tcp://127.0.0.1:1");
    jf_worker_t *worker = jf_worker_new(endpoints);
    CHECK(worker != NULL);
    jf_worker_destroy(&worker);
    strcat(endpoints, ",tcp://127.0.0.1:1");
    CHECK(jf_worker_new(endpoints) == NULL);
    CHECK_INT(errno, EINVAL);
    static const char *const wrong[] = {"tcp://a:1,", ",tcp://a:1", "tcp://a:1,,tcp://b:1", "tcp://a:1;tcp://b:1"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CHECK(jf_worker_new(wrong[i]) == NULL);
        CHECK_INT(errno, EINVAL);
    }
}

int main(void) {
    RUN(should_answer_each_broker_what_it_asked);
    RUN(should_keep_the_requests_of_the_others_when_one_is_lost);
    RUN(should_serve_on_when_one_refuses_for_good);
    RUN(should_end_when_all_refuse);
    RUN(should_drain_at_every_broker);
    RUN(should_take_so_many_endpoints_and_no_more);
    return 0;
}
