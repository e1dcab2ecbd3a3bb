/*
 * What the headers say of threads, under ThreadSanitizer: objects in threads of their own share nothing, the wakes may
 * come from anywhere, and an object may move from one thread to another.
 */
#include <sched.h>
#include <stdatomic.h>

#include "check.h"
#include "worker_fixture.h"

#define PAIRS 3
#define REQUESTS 200

const char *check_context;

static void s_script_serves(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    for (uint64_t id = 1; id <= REQUESTS; id++) {
        fake_request(self, id, "echo", "x");
        CHECK(fake_expect(self, 4)->id == id);
    }
    fake_expect(self, 8);
    fake_fixed(self, 8, 0, 0, 0, 0, 0, 0);
    fake_expect(self, 9);
    fake_expect_close(self);
}

static void s_script_answers(fake_broker_t *self) {
    fake_accept(self);
    for (int i = 0; i < REQUESTS; i++) fake_reply(self, fake_expect(self, 3)->id, 0, "y");
    fake_expect_close(self);
}

typedef struct pair {
    fake_broker_t workers, clients; /* one for each side */
    jf_worker_t *worker;
    jf_client_t *client;
    pthread_t serving, calling;
    atomic_int served;
} pair_t;

static int s_handle(jf_worker_t *worker, const jf_message_t *request, void *arg) {
    pair_t *pair = arg;
    int result = jf_worker_reply(worker, jf_message_id(request), "", 0);
    if (result == 0) atomic_fetch_add(&pair->served, 1);
    return result;
}

static void *s_serve(void *arg) {
    pair_t *pair = arg;
    CHECK_INT(jf_worker_run(pair->worker, s_handle, pair), 0);
    return NULL;
}

static void *s_call(void *arg) {
    pair_t *pair = arg;
    jf_message_t *reply = NULL;
    for (int i = 0; i < REQUESTS; i++) {
        CHECK_INT(jf_client_call(pair->client, "echo", "x", 1, WAIT_MS, &reply), 0);
    }
    jf_message_destroy(&reply);
    return NULL;
}

static void s_begin(pair_t *pair) {
    fake_start(&pair->workers, s_script_serves);
    fake_start(&pair->clients, s_script_answers);
    pair->worker = fixture_worker(&pair->workers, 1); /* made in this thread, used in another */
    pair->client = jf_client_new(pair->clients.endpoint);
    CHECK_INT(pthread_create(&pair->serving, NULL, s_serve, pair), 0);
    CHECK_INT(pthread_create(&pair->calling, NULL, s_call, pair), 0);
}

static void s_end(pair_t *pair) {
    CHECK_INT(pthread_join(pair->calling, NULL), 0);
    while (atomic_load(&pair->served) < REQUESTS) sched_yield();
    jf_worker_wake(pair->worker); /* ends jf_worker_run */
    CHECK_INT(pthread_join(pair->serving, NULL), 0);
    jf_worker_destroy(&pair->worker); /* made here, used there, and back */
    jf_client_wake(pair->client);
    jf_client_destroy(&pair->client);
    fake_join(&pair->workers);
    fake_join(&pair->clients);
}

static void should_share_nothing_but_wakes(void) {
    static pair_t pairs[PAIRS];
    for (int i = 0; i < PAIRS; i++) s_begin(&pairs[i]);
    for (int i = 0; i < PAIRS; i++) s_end(&pairs[i]);
}

int main(void) {
    RUN(should_share_nothing_but_wakes);
    return 0;
}
