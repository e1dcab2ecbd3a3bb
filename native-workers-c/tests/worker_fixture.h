/* What the tests of the worker share. */
#ifndef JF_WORKER_FIXTURE_H
#define JF_WORKER_FIXTURE_H

#include "fake_broker.h"
#include "jackfield.h"

#define WAIT_MS 15000

/* A worker of the service echo, quick to connect again. */
jf_worker_t *fixture_worker(const fake_broker_t *broker, unsigned credit);
jf_worker_t *fixture_worker_at(const char *endpoints, unsigned credit);

/* Receives a request, which must have that body. */
void fixture_recv(jf_worker_t *worker, jf_message_t **request, const char *body);

/* A broker that has forgotten its worker, takes it back, and gives it one request, "again". */
void fixture_script_forgets(fake_broker_t *self);

/* Waits until the worker has left after its drain, and destroys all. */
void fixture_end_drained(jf_worker_t *worker, jf_message_t *request, fake_broker_t *broker);

#endif
