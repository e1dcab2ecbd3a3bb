/* What is late, and who judges that: input that has come and was not read yet counts. */
#include <errno.h>
#include <poll.h>
#include <semaphore.h>

#include "check.h"
#include "client.h"
#include "worker.h"
#include "worker_fixture.h"

const char *check_context;

static sem_t s_sent; /* the broker has sent what the test waits for */

static void s_await_input(const jf_link_t *link) {
    struct pollfd polled = {.fd = link->fd, .events = POLLIN};
    CHECK_INT(sem_wait(&s_sent), 0);
    CHECK_INT(poll(&polled, 1, WAIT_MS), 1);
}

/* ---- WELCOME ---- */

static void s_script_welcomes_at_once(fake_broker_t *self) {
    fake_accept(self);
    fake_expect(self, 1);
    fake_say_welcome(self, 1000);
    fake_request(self, 1, "echo", "behind");
    CHECK_INT(sem_post(&s_sent), 0);
    CHECK_INT(fake_expect(self, 4)->id, 1);
}

static jf_worker_t *s_joining(fake_broker_t *broker, fake_script_fn script) {
    CHECK_INT(sem_init(&s_sent, 0, 0), 0);
    fake_start(broker, script);
    jf_worker_t *worker = fixture_worker(broker, 1);
    while (!worker->session[0].ready_sent) CHECK(!jf_worker_is_wanted(worker, 1));
    return worker;
}

static void should_read_the_welcome_before_it_judges_it_late(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    jf_worker_t *worker = s_joining(&broker, s_script_welcomes_at_once);
    s_await_input(&worker->links.link[0]);
    worker->session[0].welcome_end_ms = 0; /* as if a handler for another broker had taken all the time */
    fixture_recv(worker, &request, "behind");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "", 0), 0);
    jf_message_destroy(&request);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

static void s_script_welcomes_the_second_time(fake_broker_t *self) {
    fake_accept(self);
    fake_expect(self, 1);
    CHECK_INT(sem_post(&s_sent), 0);
    fake_expect_close(self);
    fake_accept(self);
    fake_welcome(self);
    fake_request(self, 1, "echo", "again");
    CHECK_INT(fake_expect(self, 4)->id, 1);
}

static void should_try_again_when_no_welcome_comes(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    jf_worker_t *worker = s_joining(&broker, s_script_welcomes_the_second_time);
    CHECK_INT(sem_wait(&s_sent), 0);
    worker->session[0].welcome_end_ms = 0;
    fixture_recv(worker, &request, "again");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "", 0), 0);
    jf_message_destroy(&request);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

/* ---- a request that waits in the worker ---- */

static void s_ask(fake_broker_t *self, uint64_t id, uint32_t time_ms) {
    fake_fixed(self, 3, 0, 0, id, time_ms, 1, 1);
    fake_frame(self, 1, "echo", 4);
    fake_frame(self, 1, "", 0);
    fake_frame(self, 0, id == 1 ? "late" : "in time", id == 1 ? 4 : 7);
}

static void s_script_asks_in_vain(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    s_ask(self, 1, 30);
    s_ask(self, 2, WAIT_MS);
    fake_message_t *failure = fake_expect(self, 5);
    CHECK_INT(failure->id, 1);
    CHECK_INT(failure->code, JF_ERROR_DEADLINE_EXCEEDED);
    CHECK_INT(fake_expect(self, 4)->id, 2);
}

static void should_not_begin_a_request_whose_deadline_is_over(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    fake_start(&broker, s_script_asks_in_vain);
    jf_worker_t *worker = fixture_worker(&broker, 2);
    while (jf_worker_in_flight(worker) < 2 || jf_message_time_left_ms(worker->requests.first) > 0) {
        jf_worker_is_wanted(worker, 1); /* the program is busy with something else */
    }
    fixture_recv(worker, &request, "in time");
    CHECK_INT(jf_worker_in_flight(worker), 1);
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "", 0), 0);
    jf_message_destroy(&request);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

/* ---- a request of which the broker says nothing ---- */

static void s_script_says_nothing(fake_broker_t *self) {
    fake_accept(self);
    for (int i = 0; i < 2; i++) {
        uint64_t id = fake_expect(self, 3)->id;
        CHECK(fake_expect(self, 6)->id == id);
        fake_reply(self, id, 0, "too late");
    }
    fake_reply(self, fake_expect(self, 3)->id, 0, "at once");
}

static uint64_t s_send(jf_client_t *client, uint32_t timeout_ms) {
    uint64_t id = 0;
    jf_part_t part = {.bytes = "x", .len = 1};
    jf_request_t request = {.service = "echo", .timeout_ms = timeout_ms, .content = {.parts = &part, .part_count = 1}};
    CHECK_INT(jf_client_send(client, &request, WAIT_MS, &id), 0);
    return id;
}

static void should_end_a_request_of_which_the_broker_says_nothing(void) {
    fake_broker_t broker;
    jf_message_t *reply = NULL;
    fake_start(&broker, s_script_says_nothing);
    jf_client_t *client = jf_client_new(broker.endpoint);
    struct pollfd polled = {.fd = -1, .events = POLLIN};
    for (int i = 0; i < 2; i++) {
        uint64_t id = s_send(client, 30);
        if (i == 1) polled.fd = jf_client_fd(client); /* the second time in an event loop of the program */
        do {
            if (i == 1) CHECK_INT(poll(&polled, 1, WAIT_MS), 1);
        } while (jf_client_recv(client, &reply, i == 1 ? 0 : WAIT_MS) == -1 && i == 1 && errno == ETIMEDOUT);
        CHECK(jf_message_id(reply) == id);
        CHECK_INT(jf_message_failure(reply)->code, JF_ERROR_DEADLINE_EXCEEDED);
        CHECK_INT(jf_client_recv(client, &reply, 0), -1);
        CHECK_INT(errno, ENOENT);
    }
    s_send(client, WAIT_MS);
    CHECK_INT(jf_client_recv(client, &reply, WAIT_MS), 0);
    CHECK_STR(jf_message_body(reply), "at once");
    jf_message_destroy(&reply);
    fake_join(&broker);
    jf_client_destroy(&client);
}

static void s_script_answers(fake_broker_t *self) {
    fake_accept(self);
    fake_reply(self, fake_expect(self, 3)->id, 0, "in time");
    CHECK_INT(sem_post(&s_sent), 0);
}

static void should_read_the_reply_before_it_judges_it_late(void) {
    fake_broker_t broker;
    jf_message_t *reply = NULL;
    CHECK_INT(sem_init(&s_sent, 0, 0), 0);
    fake_start(&broker, s_script_answers);
    jf_client_t *client = jf_client_new(broker.endpoint);
    uint64_t id = s_send(client, WAIT_MS);
    s_await_input(jf_client_link(client));
    jf_calls_find(&client->calls, id)->end_ms = client->calls.silent_ms = 0; /* as if the program had been busy so long */
    CHECK_INT(jf_client_recv(client, &reply, WAIT_MS), 0);
    CHECK(!jf_message_failure(reply));
    CHECK_STR(jf_message_body(reply), "in time");
    jf_message_destroy(&reply);
    fake_join(&broker);
    jf_client_destroy(&client);
}

/* ---- a broker that is away ---- */

static void s_expect_not_connected(jf_client_t *client, int timeout_ms) {
    jf_message_t *reply = NULL;
    CHECK_INT(jf_client_call(client, "echo", "x", 1, timeout_ms, &reply), -1);
    CHECK_INT(errno, ECONNREFUSED);
    CHECK_STR(jf_client_error(client)->name, JF_NAME_NOT_CONNECTED);
    CHECK_INT(jf_client_in_flight(client), 0);
}

static void should_not_wait_longer_for_a_broker_than_it_may(void) {
    jf_client_t *client = jf_client_new("ipc:///no/such/socket");
    CHECK_INT(client->connect_ms, JF_CONNECT_MS_MAX);
    CHECK_INT(jf_client_set_connect_ms(client, 0), -1);
    CHECK_INT(errno, EINVAL);
    CHECK_INT(jf_client_set_connect_ms(client, 30), 0);
    s_expect_not_connected(client, -1);
    s_expect_not_connected(client, 3600000);
    CHECK_INT(jf_client_set_connect_ms(client, 3600000), 0);
    s_expect_not_connected(client, 30); /* nor longer than the request */
    jf_client_destroy(&client);
}

int main(void) {
    RUN(should_read_the_welcome_before_it_judges_it_late);
    RUN(should_try_again_when_no_welcome_comes);
    RUN(should_not_begin_a_request_whose_deadline_is_over);
    RUN(should_end_a_request_of_which_the_broker_says_nothing);
    RUN(should_read_the_reply_before_it_judges_it_late);
    RUN(should_not_wait_longer_for_a_broker_than_it_may);
    return 0;
}
