/* What is late, and who judges that: input that has come and was not read yet counts. */
#include <errno.h>
#include <poll.h>
#include <semaphore.h>

#include "check.h"
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

int main(void) {
    RUN(should_read_the_welcome_before_it_judges_it_late);
    RUN(should_try_again_when_no_welcome_comes);
    return 0;
}
