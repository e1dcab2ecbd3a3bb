#include "worker_fixture.h"

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
