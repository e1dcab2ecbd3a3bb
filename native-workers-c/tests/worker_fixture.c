#include "worker_fixture.h"

#include <errno.h>

#include "check.h"

jf_worker_t *fixture_worker(const fake_broker_t *broker, unsigned credit) {
    return fixture_worker_at(broker->endpoint, credit);
}

jf_worker_t *fixture_worker_at(const char *endpoints, unsigned credit) {
    jf_worker_t *worker = jf_worker_new(endpoints);
    CHECK(worker != NULL);
    CHECK_INT(jf_worker_set_credit(worker, credit), 0);
    CHECK_INT(jf_worker_set_reconnect_ms(worker, 5, 20), 0);
    CHECK_INT(jf_worker_add_service(worker, "echo", NULL), 0);
    return worker;
}

void fixture_recv(jf_worker_t *worker, jf_message_t **request, const char *body) {
    if (jf_worker_recv(worker, request, WAIT_MS) == -1) check_context = jf_worker_error(worker)->cause;
    CHECK(check_context == NULL);
    CHECK_STR(jf_message_body(*request), body);
}

void fixture_script_forgets(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    fake_failure(self, 0, JF_ERROR_NOT_READY, 0, "", "READY first");
    fake_welcome(self);
    fake_request(self, 1, "echo", "again");
    CHECK_INT(fake_expect(self, 4)->id, 1);
}

void fixture_end_drained(jf_worker_t *worker, jf_message_t *request, fake_broker_t *broker) {
    CHECK_INT(jf_worker_recv(worker, &request, WAIT_MS), -1);
    CHECK_INT(errno, ESHUTDOWN);
    jf_message_destroy(&request);
    fake_join(broker);
    jf_worker_destroy(&worker);
}
