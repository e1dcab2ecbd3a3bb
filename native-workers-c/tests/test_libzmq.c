/* The library against libzmq: an implementation of ZMTP that others wrote judges ours. */
#include <pthread.h>
#include <zmq.h>

#include "check.h"
#include "jackfield.h"

#define WAIT_MS 15000
#define LARGE_BYTES (3u * 1024 * 1024)

const char *check_context;

static char s_endpoint[256];

/* A ROUTER that gives each request back as its reply, and sends PINGs all the time. */
static void *s_echo(void *socket) {
    for (int left = 4; left > 0; left--) {
        zmq_msg_t frame;
        int more = 1;
        for (int index = 0; more; index++) {
            CHECK_INT(zmq_msg_init(&frame), 0);
            CHECK(zmq_msg_recv(&frame, socket, 0) != -1);
            more = zmq_msg_more(&frame);
            uint8_t *fixed = zmq_msg_data(&frame);
            if (index == 1) {
                CHECK_INT(zmq_msg_size(&frame), 24);
                CHECK_INT(fixed[4], 3);
                fixed[4] = 4;
                memset(fixed + 16, 0, 8);
            }
            if (index == 2) {
                zmq_msg_close(&frame);
                CHECK_INT(zmq_msg_init(&frame), 0); /* replies have no service */
            }
            CHECK(zmq_msg_send(&frame, socket, more ? ZMQ_SNDMORE : 0) != -1);
        }
    }
    return NULL;
}

static void *s_bind(void *context) {
    int interval_ms = 20, timeout_ms = 500, wait_ms = WAIT_MS;
    size_t len = sizeof s_endpoint;
    void *socket = zmq_socket(context, ZMQ_ROUTER);
    CHECK(socket != NULL);
    zmq_setsockopt(socket, ZMQ_HEARTBEAT_IVL, &interval_ms, sizeof interval_ms);
    zmq_setsockopt(socket, ZMQ_HEARTBEAT_TIMEOUT, &timeout_ms, sizeof timeout_ms);
    zmq_setsockopt(socket, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
    CHECK_INT(zmq_bind(socket, "tcp://127.0.0.1:*"), 0);
    CHECK_INT(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, s_endpoint, &len), 0);
    return socket;
}

static void s_call(jf_client_t *client, const char *body, size_t len) {
    jf_message_t *reply = NULL;
    jf_headers_t *headers = jf_headers_new();
    jf_part_t parts[] = {{body, len}, {"", 0}, {"tail", 4}};
    CHECK_INT(jf_headers_set(headers, "content-type", "text/plain"), 0);
    jf_request_t request = {.service = "echo", .timeout_ms = WAIT_MS,
        .content = {.parts = parts, .part_count = 3, .headers = headers}};
    if (jf_client_call_with(client, &request, &reply) == -1) check_context = jf_client_error(client)->cause;
    CHECK(reply != NULL);
    CHECK_INT(jf_message_part_count(reply), 3);
    CHECK_INT(jf_message_body_len(reply), len);
    CHECK(memcmp(jf_message_body(reply), body, len) == 0);
    CHECK_INT(jf_message_part(reply, 1).len, 0);
    CHECK_STR((const char *)jf_message_part(reply, 2).bytes, "tail");
    CHECK_STR(jf_message_header(reply, "content-type"), "text/plain");
    jf_message_destroy(&reply);
    jf_headers_destroy(&headers);
}

static void should_exchange_messages_with_libzmq(void) {
    static char large[LARGE_BYTES];
    pthread_t thread;
    void *context = zmq_ctx_new();
    void *socket = s_bind(context);
    for (size_t i = 0; i < sizeof large; i++) large[i] = (char)(i * 31);
    CHECK_INT(pthread_create(&thread, NULL, s_echo, socket), 0);
    jf_client_t *client = jf_client_new(s_endpoint);
    s_call(client, "hello", 5);
    s_call(client, large, 255);
    s_call(client, large, 256);
    s_call(client, large, sizeof large);
    CHECK_INT(pthread_join(thread, NULL), 0);
    /* Waits for a while in which libzmq would give up a peer that does not answer its PINGs. */
    jf_part_t part = {.bytes = "x", .len = 1};
    jf_request_t request = {.service = "echo", .content = {.parts = &part, .part_count = 1}};
    uint64_t id = 0;
    jf_message_t *reply = NULL;
    CHECK_INT(jf_client_send(client, &request, WAIT_MS, &id), 0);
    CHECK_INT(jf_client_recv(client, &reply, 1200), -1);
    CHECK_STR(jf_client_error(client)->name, JF_NAME_TIMED_OUT);
    CHECK_INT(jf_client_in_flight(client), 1);
    jf_client_destroy(&client);
    zmq_close(socket);
    zmq_ctx_term(context);
}

int main(void) {
    RUN(should_exchange_messages_with_libzmq);
    return 0;
}
