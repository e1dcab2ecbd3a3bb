/*
 * libFuzzer: a whole worker or client, to which a peer says whatever the input says, while the program makes calls.
 * The first byte of the input chooses who it is, the second what the program does and in which steps the bytes arrive.
 * Handshake included: most inputs get it for nothing.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "link_io.h"
#include "target.h"
#include "worker.h"

#define S_HELD_MAX 4
#define S_READY "\x04\x1c\5READY\13Socket-Type\0\0\0\6ROUTER"

static uint64_t s_random;

/* ---- the wire ---- */

/* Puts a link at the point where TCP has connected; gives the peer's end. */
static int s_plug(jf_link_t *link) {
    uint8_t greeting[JF_ZMTP_GREETING_BYTES];
    int ends[2];
    TARGET_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    link->fd = ends[0];
    link->state = JF_LINK_GREETING;
    link->handshake_end_ms = INT64_MAX;
    jf_zmtp_put_greeting(greeting);
    jf_link_put_control(link, greeting, sizeof greeting);
    return ends[1];
}

static void s_say(int fd, const void *bytes, size_t len) {
    ssize_t said = send(fd, bytes, len, MSG_NOSIGNAL);
    (void)said; /* a peer may be cut off */
}

static void s_hear(int fd) {
    char bytes[65536];
    while (read(fd, bytes, sizeof bytes) > 0) {
    }
}

/* ---- the programs ---- */

static uint64_t s_held[S_HELD_MAX]; /* requests that the worker has not answered */

static void s_answer(jf_worker_t *worker, uint64_t id) {
    switch (target_random(&s_random) % 6) {
    case 0: jf_worker_partial(worker, id, "part", 4); break;
    case 1: jf_worker_fail(worker, id, JF_ERROR_BAD_REQUEST, "no", "a\thint"); break;
    case 2: jf_worker_is_wanted(worker, id); break;
    case 3: s_held[target_random(&s_random) % S_HELD_MAX] = id; break;
    case 4: jf_worker_drain(worker); break;
    default: jf_worker_reply(worker, id, "reply", 5); break;
    }
}

static void s_work(void *self) {
    jf_worker_t *worker = self;
    jf_message_t *request = NULL;
    uint64_t held = s_held[target_random(&s_random) % S_HELD_MAX];
    if (held != 0 && target_random(&s_random) % 2 == 0) jf_worker_reply(worker, held, "", 0);
    while (jf_worker_recv(worker, &request, 0) == 0) s_answer(worker, jf_message_id(request));
    TARGET_CHECK(jf_worker_in_flight(worker) <= worker->credit);
    jf_message_destroy(&request);
}

static void s_on_reply(jf_client_t *client, const jf_message_t *reply, void *arg) {
    (void)arg;
    if (target_random(&s_random) % 4 == 0) jf_client_cancel(client, jf_message_id(reply));
}

static void s_ask(void *self) {
    jf_client_t *client = self;
    jf_message_t *reply = NULL;
    uint64_t id = 0;
    jf_part_t part = {.bytes = "question", .len = 8};
    jf_request_t request = {.service = "s", .content = {.parts = &part, .part_count = 1},
        .flags = target_random(&s_random) % 2 ? JF_IDEMPOTENT : 0};
    if (target_random(&s_random) % 3 == 0) {
        jf_client_submit(client, &request, target_random(&s_random) % 2 ? s_on_reply : NULL, NULL, &id);
    }
    if (target_random(&s_random) % 8 == 0) jf_client_cancel(client, id);
    while (jf_client_recv(client, &reply, 0) == 0) TARGET_CHECK(jf_message_id(reply) != 0);
    jf_client_poll(client, 0);
    jf_message_destroy(&reply);
}

/* ---- */

static void s_converse(jf_link_t *link, void (*turn)(void *), void *self, const uint8_t *data, size_t len, bool greet) {
    uint8_t greeting[JF_ZMTP_GREETING_BYTES];
    int peer = s_plug(link);
    jf_zmtp_put_greeting(greeting);
    if (greet) s_say(peer, greeting, sizeof greeting);
    if (greet) s_say(peer, S_READY, sizeof S_READY - 1);
    for (int i = 0; i < 3; i++) turn(self); /* requests, or READY, are on their way before the peer answers */
    for (size_t at = 0; at < len && link->fd != -1;) {
        size_t step = 1 + target_random(&s_random) % (1u << target_random(&s_random) % 13);
        if (step > len - at) step = len - at;
        s_say(peer, data + at, step);
        at += step;
        turn(self);
        s_hear(peer);
    }
    close(peer);
    turn(self);
}

static void s_try_worker(const uint8_t *data, size_t len) {
    jf_worker_t *worker = jf_worker_new("ipc:///no/such/broker");
    TARGET_CHECK(worker != NULL);
    memset(s_held, 0, sizeof s_held);
    worker->links.link[0].wanted = false;
    jf_worker_set_credit(worker, 1 + data[1] % 3);
    jf_worker_set_body_bytes_max(worker, 10000);
    jf_worker_add_service(worker, "s", NULL);
    s_converse(&worker->links.link[0], s_work, worker, data + 2, len - 2, data[0] & 2u);
    TARGET_CHECK(worker->links.link[0].fd != -1 || jf_worker_in_flight(worker) == 0);
    jf_worker_destroy(&worker);
}

static void s_try_client(const uint8_t *data, size_t len) {
    jf_client_t *client = jf_client_new("ipc:///no/such/broker");
    TARGET_CHECK(client != NULL);
    jf_client_set_body_bytes_max(client, 10000);
    s_converse(&client->links.link[0], s_ask, client, data + 2, len - 2, data[0] & 2u);
    jf_client_destroy(&client);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    if (len < 2) return 0;
    s_random = data[1];
    if (data[0] & 1u) s_try_worker(data, len);
    else s_try_client(data, len);
    return 0;
}
