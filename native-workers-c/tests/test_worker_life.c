/* A worker against a broker that plays scripts: lost connections, refusals, drain, heartbeats, wake. */
#include <errno.h>
#include <semaphore.h>

#include "check.h"
#include "worker_fixture.h"

const char *check_context;

/* ---- NOT_READY, lost connections, refusals ---- */

static void should_send_ready_again_when_told_not_ready(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    fake_start(&broker, fixture_script_forgets);
    jf_worker_t *worker = fixture_worker(&broker, 1);
    fixture_recv(worker, &request, "again");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "x", 1), 0);
    jf_message_destroy(&request);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

static void s_script_breaks(fake_broker_t *self) {
    fake_accept_only(self); /* gone before the handshake */
    fake_accept(self);
    fake_welcome(self);
    fake_request(self, 1, "echo", "before");
    fake_expect(self, 4); /* partial: it has the request */
    fake_accept(self);    /* closes the first one */
    fake_welcome(self);
    fake_request(self, 1, "echo", "after");
    fake_message_t *reply = fake_expect(self, 4);
    CHECK_STR((char *)reply->frame[3], "new");
    fake_fixed(self, 9, 0, JF_ERROR_DRAINING, 0, 0, 0, 0);
    fake_accept(self);
    fake_welcome(self);
    fake_request(self, 5, "echo", "third");
    CHECK_INT(fake_expect(self, 4)->id, 5);
}

static void should_register_again_after_a_lost_connection(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL, *old = NULL;
    fake_start(&broker, s_script_breaks);
    jf_worker_t *worker = fixture_worker(&broker, 1);
    fixture_recv(worker, &old, "before");
    CHECK_INT(jf_worker_partial(worker, jf_message_id(old), "", 0), 0);
    fixture_recv(worker, &request, "after");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(old), "old", 3), -1);
    CHECK_INT(errno, ESTALE);
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "new", 3), 0);
    fixture_recv(worker, &request, "third");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "x", 1), 0);
    jf_message_destroy(&request);
    jf_message_destroy(&old);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

static void s_script_refuses(fake_broker_t *self) {
    fake_accept(self);
    fake_expect(self, 1);
    fake_failure(self, 0, JF_ERROR_OVERLOADED, 10, "", "full"); /* may help later */
    fake_accept(self);
    fake_expect(self, 1);
    fake_failure(self, 0, JF_ERROR_TOO_MANY_SERVICES, 0, "hint:raise the limit\n", "1000 names");
    fake_expect_close(self);
}

static void should_end_when_registration_is_refused_for_good(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    fake_start(&broker, s_script_refuses);
    jf_worker_t *worker = fixture_worker(&broker, 1);
    for (int i = 0; i < 2; i++) { /* and stays so */
        CHECK_INT(jf_worker_recv(worker, &request, WAIT_MS), -1);
        CHECK_INT(errno, EPROTO);
        CHECK_INT(jf_worker_error(worker)->code, JF_ERROR_TOO_MANY_SERVICES);
        CHECK_STR(jf_worker_error(worker)->hint, "raise the limit");
    }
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

/* ---- drain ---- */

static void s_script_drains(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    fake_request(self, 1, "echo", "one");
    fake_message_t *drain = fake_expect(self, 8);
    CHECK_INT(drain->count, 1);
    fake_request(self, 2, "echo", "two"); /* was on its way */
    fake_fixed(self, 8, 0, 0, 0, 0, 2, 0);
    CHECK_INT(fake_expect(self, 4)->id, 1);
    CHECK_INT(fake_expect(self, 4)->id, 2);
    fake_expect(self, 9);
    fake_expect_close(self);
}

static void should_finish_what_is_in_flight_when_drained(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    fake_start(&broker, s_script_drains);
    jf_worker_t *worker = fixture_worker(&broker, 2);
    fixture_recv(worker, &request, "one");
    CHECK_INT(jf_worker_drain(worker), 0);
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "1", 1), 0);
    fixture_recv(worker, &request, "two");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "2", 1), 0);
    fixture_end_drained(worker, request, &broker);
}

/* Both drain at the same time: what the broker says first is no answer. */
static void s_script_drains_too(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    CHECK_INT(fake_expect(self, 8)->count, 0);
    fake_fixed(self, 8, 0, 0, 0, 0, 0, 0);
    fake_message_t *heartbeat = fake_expect(self, 7);
    CHECK_INT(heartbeat->count, 1);
    fake_request(self, 1, "echo", "late"); /* assigned before the broker read the DRAIN */
    fake_fixed(self, 8, 0, 0, 0, 0, 1, 0);
    fake_fixed(self, 7, 0, 0, 0, 0, 0, 0);
    CHECK_INT(fake_expect(self, 4)->id, 1);
    fake_expect(self, 9);
    fake_expect_close(self);
}

static void should_not_take_the_drain_of_the_broker_for_the_answer_to_its_own(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    fake_start(&broker, s_script_drains_too);
    jf_worker_t *worker = fixture_worker(&broker, 1);
    CHECK_INT(jf_worker_wait_ready(worker, WAIT_MS), 0);
    CHECK_INT(jf_worker_drain(worker), 0);
    fixture_recv(worker, &request, "late");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "1", 1), 0);
    fixture_end_drained(worker, request, &broker);
}

/* What the test and the script of a worker that joins tell each other. */
static sem_t s_joining, s_drained;

static void s_script_welcomes_late(fake_broker_t *self) {
    fake_accept(self);
    fake_expect(self, 1);
    CHECK_INT(sem_post(&s_joining), 0);
    CHECK_INT(sem_wait(&s_drained), 0);
    fake_say_welcome(self, 1000);
    fake_request(self, 1, "echo", "behind");
    fake_expect(self, 8);
    CHECK_INT(fake_expect(self, 4)->id, 1);
    fake_expect(self, 9);
    fake_expect_close(self);
}

static void s_script_refuses_late(fake_broker_t *self) {
    fake_accept(self);
    fake_expect(self, 1);
    CHECK_INT(sem_post(&s_joining), 0);
    CHECK_INT(sem_wait(&s_drained), 0);
    fake_failure(self, 0, JF_ERROR_TOO_MANY_SERVICES, 0, "", "no more");
    fake_expect_close(self);
}

/* A worker that is told to leave when the broker has its READY and has not answered. */
static jf_worker_t *s_drained_while_joining(fake_broker_t *broker, fake_script_fn script) {
    jf_message_t *request = NULL;
    CHECK(sem_init(&s_joining, 0, 0) == 0 && sem_init(&s_drained, 0, 0) == 0);
    fake_start(broker, script);
    jf_worker_t *worker = fixture_worker(broker, 1);
    while (sem_trywait(&s_joining) == -1) CHECK_INT(jf_worker_recv(worker, &request, 1), -1);
    CHECK_INT(jf_worker_drain(worker), 0);
    CHECK_INT(sem_post(&s_drained), 0);
    return worker;
}

static void should_wait_for_welcome_when_drained_while_joining(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    jf_worker_t *worker = s_drained_while_joining(&broker, s_script_welcomes_late);
    fixture_recv(worker, &request, "behind");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "1", 1), 0);
    fixture_end_drained(worker, request, &broker);
}

static void should_end_when_refused_after_it_was_drained(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    jf_worker_t *worker = s_drained_while_joining(&broker, s_script_refuses_late);
    CHECK_INT(jf_worker_recv(worker, &request, WAIT_MS), -1);
    CHECK_INT(errno, ESHUTDOWN);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

/* The handler ends its own service: it wakes the worker, which drains. */
static int s_last_handler(jf_worker_t *worker, const jf_message_t *request, void *arg) {
    int *calls = arg;
    if (++*calls == 2) jf_worker_wake(worker);
    return *calls == 1 ? -1 : jf_worker_reply(worker, jf_message_id(request), "", JF_BODY_BYTES_MAX + 1u);
}

static void s_script_runs(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    for (uint64_t id = 1; id <= 2; id++) {
        fake_request(self, id, "echo", "x");
        fake_message_t *failure = fake_expect(self, 5);
        CHECK_INT(failure->code, JF_ERROR_HANDLER_FAILED);
        CHECK_INT(failure->id, id);
        CHECK_STR((char *)failure->frame[3],
            id == 1 ? "the handler failed" : "the handler failed: body larger than 16777216 bytes");
    }
    fake_expect(self, 8);
    fake_fixed(self, 8, 0, 0, 0, 0, 0, 0);
    fake_expect(self, 9);
    fake_expect_close(self);
}

static void should_run_until_woken_then_drain(void) {
    fake_broker_t broker;
    int calls = 0;
    fake_start(&broker, s_script_runs);
    jf_worker_t *worker = fixture_worker(&broker, 1);
    CHECK_INT(jf_worker_run(worker, s_last_handler, &calls), 0);
    CHECK_INT(calls, 2);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

/* ---- heartbeats, ZMTP commands, bad messages ---- */

static void s_script_lives(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    CHECK_INT(fake_expect(self, 7)->count, 1); /* the worker is idle */
    fake_fixed(self, 7, 0, 0, 0, 0, 0, 0);
    fake_fixed(self, 7, 0, 0, 0, 0, 1, 0);
    while (fake_expect(self, 7)->count != 0) fake_fixed(self, 7, 0, 0, 0, 0, 0, 0);
    fake_frame(self, 4, "\7UNKNOWN and some data", 22);
    fake_frame(self, 4, "\4PING\0\12context", 14);
    fake_request(self, 1, "echo", "x");
    CHECK_INT(fake_expect(self, 4)->id, 1);
    CHECK_STR(self->pong, "context");
    fake_expect_close(self); /* silence: the worker gives this connection up */
    fake_accept(self);
    fake_welcome(self);
    fake_request(self, 2, "echo", "y");
    CHECK_INT(fake_expect(self, 4)->id, 2);
}

static void should_keep_heartbeats_and_leave_a_silent_broker(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    fake_start(&broker, s_script_lives);
    jf_worker_t *worker = fixture_worker(&broker, 1);
    CHECK_INT(jf_worker_set_heartbeat_ms(worker, 300), 0);
    fixture_recv(worker, &request, "x");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "1", 1), 0);
    fixture_recv(worker, &request, "y");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "2", 1), 0);
    jf_message_destroy(&request);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

static void s_script_babbles(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    fake_failure(self, 0, 0, 0, "", "a failure without a code: never answered");
    fake_frame(self, 0, "rubbish", 7);
    CHECK_INT(fake_expect(self, 5)->code, JF_ERROR_BAD_MESSAGE);
    fake_fixed(self, 77, 0, 0, 12, 0, 0, 0);
    fake_message_t *failure = fake_expect(self, 5);
    CHECK_INT(failure->code, JF_ERROR_UNKNOWN_COMMAND);
    CHECK_INT(failure->id, 12);
    fake_request(self, 13, "a service", "x");
    failure = fake_expect(self, 5);
    CHECK_INT(failure->code, JF_ERROR_BAD_SERVICE_NAME);
    CHECK_INT(failure->id, 13);
    fake_request(self, 1, "echo", "still here");
    CHECK_INT(fake_expect(self, 4)->id, 1);
}

static void should_answer_bad_messages_and_go_on(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    fake_start(&broker, s_script_babbles);
    jf_worker_t *worker = fixture_worker(&broker, 1);
    fixture_recv(worker, &request, "still here");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "1", 1), 0);
    jf_message_destroy(&request);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

static void *s_wake(void *worker) {
    jf_worker_wake(worker);
    return NULL;
}

static void should_return_when_woken_from_another_thread(void) {
    pthread_t thread;
    jf_message_t *request = NULL;
    jf_worker_t *worker = jf_worker_new("tcp://127.0.0.1:1");
    CHECK_INT(jf_worker_recv(worker, &request, 0), -1);
    CHECK_INT(errno, EINVAL); /* no service */
    CHECK_INT(jf_worker_add_service(worker, "echo", NULL), 0);
    CHECK_INT(pthread_create(&thread, NULL, s_wake, worker), 0);
    CHECK_INT(jf_worker_recv(worker, &request, -1), -1);
    CHECK_INT(errno, EINTR);
    CHECK_INT(pthread_join(thread, NULL), 0);
    CHECK_INT(jf_worker_recv(worker, &request, 1), -1);
    CHECK_INT(errno, ETIMEDOUT);
    CHECK_STR(jf_worker_error(worker)->name, JF_NAME_NOT_CONNECTED);
    CHECK_INT(jf_worker_drain(worker), 0);
    CHECK_INT(jf_worker_recv(worker, &request, -1), -1);
    CHECK_INT(errno, ESHUTDOWN);
    jf_worker_destroy(&worker);
}

int main(void) {
    RUN(should_send_ready_again_when_told_not_ready);
    RUN(should_register_again_after_a_lost_connection);
    RUN(should_end_when_registration_is_refused_for_good);
    RUN(should_finish_what_is_in_flight_when_drained);
    RUN(should_not_take_the_drain_of_the_broker_for_the_answer_to_its_own);
    RUN(should_wait_for_welcome_when_drained_while_joining);
    RUN(should_end_when_refused_after_it_was_drained);
    RUN(should_run_until_woken_then_drain);
    RUN(should_keep_heartbeats_and_leave_a_silent_broker);
    RUN(should_answer_bad_messages_and_go_on);
    RUN(should_return_when_woken_from_another_thread);
    return 0;
}
