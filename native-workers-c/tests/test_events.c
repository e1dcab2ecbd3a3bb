/* A worker and a client in one epoll loop of the program, which has a timer of its own. */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "check.h"
#include "worker_fixture.h"

#define REQUESTS 6

const char *check_context;

/* ---- a loop ---- */

static int s_add(int loop, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    CHECK(fd != -1);
    CHECK_INT(epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event), 0);
    return fd;
}

/* The descriptor that is readable next. */
static int s_next(int loop) {
    struct epoll_event event;
    int count = epoll_wait(loop, &event, 1, WAIT_MS);
    CHECK_INT(count, 1);
    return event.data.fd;
}

/* ---- a worker that holds several requests and answers them later, in another order ---- */

typedef struct held {
    uint64_t id[REQUESTS]; /* of requests that are not answered yet */
    size_t count;
    bool ripe;             /* they may be answered */
} held_t;

static void s_script_asks_many(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    for (uint64_t id = 1; id <= REQUESTS; id++) fake_request(self, id, "echo", "x");
    for (uint64_t id = REQUESTS; id > 0; id--) CHECK_INT(fake_expect(self, 4)->id, id);
    fake_close(self); /* the loop must see that, and come back */
    fake_accept(self);
    fake_welcome(self);
    CHECK_INT(fake_expect(self, 7)->count, 1); /* nothing calls the worker now but the time for its heartbeat */
    fake_fixed(self, 7, 0, 0, 0, 0, 0, 0);
    fake_request(self, 1, "echo", "last");
    CHECK_INT(fake_expect(self, 8)->count, 1);
    fake_fixed(self, 8, 0, 0, 0, 0, 1, 0);
    CHECK_INT(fake_expect(self, 4)->id, 1);
    fake_expect(self, 9);
    fake_expect_close(self);
}

/* Takes what has come; drains when it is the last. False: the worker is drained. */
static bool s_take_requests(jf_worker_t *worker, held_t *held) {
    jf_message_t *request = NULL;
    while (jf_worker_recv(worker, &request, 0) == 0) {
        held->id[held->count++] = jf_message_id(request);
        held->ripe = held->ripe || held->count == REQUESTS; /* only now is it known which of them came last */
        if (strcmp(jf_message_body(request), "last") != 0) continue;
        held->ripe = true;
        CHECK_INT(jf_worker_drain(worker), 0);
    }
    bool open = errno == ETIMEDOUT;
    CHECK(open || errno == ESHUTDOWN);
    jf_message_destroy(&request);
    return open;
}

/* What a timer of the program does: it answers the request that came last. */
static void s_answer_one(jf_worker_t *worker, held_t *held, int timer) {
    uint64_t times = 0;
    CHECK_INT(read(timer, &times, sizeof times), sizeof times);
    if (!held->ripe) return;
    CHECK_INT(jf_worker_reply(worker, held->id[--held->count], "", 0), 0);
    held->ripe = held->count > 0;
}

static int s_timer(long each_ms) {
    struct itimerspec each = {.it_value.tv_nsec = each_ms * 1000000, .it_interval.tv_nsec = each_ms * 1000000};
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    CHECK_INT(timerfd_settime(fd, 0, &each, NULL), 0);
    return fd;
}

static void should_serve_within_an_event_loop(void) {
    fake_broker_t broker;
    held_t held = {.count = 0};
    int loop = epoll_create1(0), timer = s_add(loop, s_timer(5));
    fake_start(&broker, s_script_asks_many);
    jf_worker_t *worker = fixture_worker(&broker, REQUESTS);
    CHECK_INT(jf_worker_set_heartbeat_ms(worker, 600), 0);
    int fd = s_add(loop, jf_worker_fd(worker));
    for (bool open = true; open;) {
        int ready = s_next(loop);
        if (ready == timer) s_answer_one(worker, &held, timer);
        else open = s_take_requests(worker, &held);
    }
    CHECK_INT(jf_worker_fd(worker), fd);
    jf_worker_destroy(&worker);
    fake_join(&broker);
    close(timer);
    close(loop);
}

/* ---- a client ---- */

static void s_script_answers_twice(fake_broker_t *self) {
    for (int i = 0; i < 2; i++) {
        fake_accept(self); /* the second time the client is idle: only the loop can see that the connection has gone */
        fake_reply(self, fake_expect(self, 3)->id, 0, "yes");
    }
}

static void s_count(jf_client_t *client, const jf_message_t *reply, void *arg) {
    int *replies = arg;
    (void)client;
    CHECK_STR(jf_message_body(reply), "yes");
    ++*replies;
}

static void s_ask(jf_client_t *client, int loop, int *replies) {
    jf_part_t part = {.bytes = "x", .len = 1};
    jf_request_t request = {
        .service = "echo", .timeout_ms = WAIT_MS, .flags = JF_IDEMPOTENT, .content = {.parts = &part, .part_count = 1}};
    int before = *replies;
    CHECK_INT(jf_client_submit(client, &request, s_count, replies, NULL), 0);
    while (*replies == before) {
        s_next(loop);
        CHECK(jf_client_poll(client, 0) >= 0);
    }
}

/* A descriptor that stays readable with nothing to do would make a loop that never rests. */
static void s_expect_rest(jf_client_t *client, int loop) {
    struct epoll_event event;
    int tries = 0;
    do {
        CHECK(++tries < 1000);
        CHECK_INT(jf_client_poll(client, 0), -1);
        CHECK_INT(errno, ENOENT);
    } while (epoll_wait(loop, &event, 1, 0) != 0);
}

static void should_call_within_an_event_loop(void) {
    fake_broker_t broker;
    int replies = 0, loop = epoll_create1(0);
    fake_start(&broker, s_script_answers_twice);
    jf_client_t *client = jf_client_new(broker.endpoint);
    CHECK_INT(jf_client_set_reconnect_ms(client, 5, 20), 0);
    s_add(loop, jf_client_fd(client));
    s_ask(client, loop, &replies);
    s_expect_rest(client, loop);
    s_ask(client, loop, &replies);
    s_expect_rest(client, loop);
    jf_client_destroy(&client);
    fake_join(&broker);
    close(loop);
}

int main(void) {
    RUN(should_serve_within_an_event_loop);
    RUN(should_call_within_an_event_loop);
    return 0;
}
