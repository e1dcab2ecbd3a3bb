#include "fake_broker.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "check.h"

static void *s_play(void *arg) {
    fake_broker_t *self = arg;
    self->script(self);
    return NULL;
}

static void s_listen(fake_broker_t *self, fake_script_fn script, const struct sockaddr *address, socklen_t len) {
    self->fd = -1;
    self->script = script;
    self->listen_fd = socket(address->sa_family, SOCK_STREAM, 0);
    CHECK(self->listen_fd != -1);
    CHECK_INT(bind(self->listen_fd, address, len), 0);
    CHECK_INT(listen(self->listen_fd, 8), 0);
}

void fake_start(fake_broker_t *self, fake_script_fn script) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    memset(self, 0, sizeof *self);
    s_listen(self, script, (struct sockaddr *)&address, len);
    CHECK_INT(getsockname(self->listen_fd, (struct sockaddr *)&address, &len), 0);
    snprintf(self->endpoint, sizeof self->endpoint, "tcp://127.0.0.1:%d", ntohs(address.sin_port));
    CHECK_INT(pthread_create(&self->thread, NULL, s_play, self), 0);
}

void fake_start_ipc(fake_broker_t *self, fake_script_fn script) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memset(self, 0, sizeof *self);
    snprintf(self->folder, sizeof self->folder, "/tmp/jackfield-test-XXXXXX");
    CHECK(mkdtemp(self->folder) != NULL);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/broker", self->folder);
    s_listen(self, script, (struct sockaddr *)&address, sizeof address);
    snprintf(self->endpoint, sizeof self->endpoint, "ipc://%s", address.sun_path);
    CHECK_INT(pthread_create(&self->thread, NULL, s_play, self), 0);
}

static void s_clear(fake_message_t *message) {
    for (int i = 0; i < message->frames; i++) free(message->frame[i]);
    memset(message, 0, sizeof *message);
}

void fake_close(fake_broker_t *self) {
    if (self->fd != -1) close(self->fd);
    self->fd = -1;
}

void fake_wait(fake_broker_t *self) { CHECK_INT(pthread_join(self->thread, NULL), 0); }

void fake_end(fake_broker_t *self) {
    fake_close(self);
    close(self->listen_fd);
    if (self->folder[0]) {
        CHECK_INT(unlink(self->endpoint + strlen("ipc://")), 0);
        CHECK_INT(rmdir(self->folder), 0);
    }
    s_clear(&self->message);
}

void fake_join(fake_broker_t *self) {
    fake_wait(self);
    fake_end(self);
}

static void s_deadline(int fd) {
    struct timeval deadline = {.tv_sec = FAKE_DEADLINE_S};
    CHECK_INT(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline), 0);
    CHECK_INT(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline), 0);
}

void fake_accept_only(fake_broker_t *self) {
    fake_close(self);
    s_deadline(self->listen_fd);
    self->fd = accept(self->listen_fd, NULL, NULL);
    CHECK(self->fd != -1);
    s_deadline(self->fd);
    int one = 1; /* several small writes make one message here: none may wait for an acknowledgement */
    if (!self->folder[0]) CHECK_INT(setsockopt(self->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one), 0);
}

static void s_read(fake_broker_t *self, void *to, size_t len) {
    for (size_t at = 0; at < len;) {
        ssize_t count = recv(self->fd, (char *)to + at, len - at, 0);
        CHECK(count > 0);
        at += (size_t)count;
    }
}

void fake_bytes(fake_broker_t *self, const void *bytes, size_t len) {
    for (size_t at = 0; at < len;) {
        ssize_t count = send(self->fd, (const char *)bytes + at, len - at, MSG_NOSIGNAL);
        CHECK(count > 0);
        at += (size_t)count;
    }
}

void fake_frame(fake_broker_t *self, unsigned flags, const void *bytes, size_t len) {
    uint8_t header[9] = {(uint8_t)(len > 255 ? flags | 2u : flags), (uint8_t)len};
    if (len > 255) {
        for (int i = 0; i < 8; i++) header[1 + i] = (uint8_t)(len >> (56 - 8 * i));
    }
    fake_bytes(self, header, len > 255 ? 9 : 2);
    fake_bytes(self, bytes, len);
}

static void s_read_frame(fake_broker_t *self, unsigned *flags, uint8_t **bytes, size_t *len) {
    uint8_t header[9];
    s_read(self, header, 2);
    *flags = header[0];
    *len = header[1];
    if (header[0] & 2u) {
        s_read(self, header + 2, 7);
        *len = 0;
        for (int i = 1; i < 9; i++) *len = *len << 8 | header[i];
    }
    CHECK(*len < 64u * 1024 * 1024);
    *bytes = malloc(*len + 1);
    CHECK(*bytes != NULL);
    s_read(self, *bytes, *len);
    (*bytes)[*len] = 0;
}

static void s_greet(fake_broker_t *self, const char *mechanism) {
    uint8_t theirs[64], ours[64] = {0xFF, [9] = 0x7F, [10] = 3, [11] = 0};
    memcpy(ours + 12, mechanism, strlen(mechanism));
    fake_bytes(self, ours, 20);
    s_read(self, theirs, 64);
    CHECK(theirs[0] == 0xFF && theirs[9] == 0x7F && theirs[10] == 3);
    CHECK_STR((char *)theirs + 12, "NULL");
    fake_bytes(self, ours + 20, 44);
}

static void s_send_ready(fake_broker_t *self, const char *socket_type) {
    uint8_t command[128];
    size_t type_len = strlen(socket_type);
    memcpy(command, "\5READY\10Identity\0\0\0\0\13Socket-Type\0\0\0", 34);
    command[34] = (uint8_t)type_len;
    memcpy(command + 35, socket_type, type_len);
    fake_frame(self, 4, command, 35 + type_len);
}

void fake_handshake(fake_broker_t *self, const char *mechanism, const char *socket_type) {
    unsigned flags = 0;
    uint8_t *ready = NULL;
    size_t len = 0;
    s_greet(self, mechanism);
    if (strcmp(mechanism, "NULL") != 0) return;
    s_read_frame(self, &flags, &ready, &len);
    CHECK_INT(flags, 4);
    CHECK(len == 28 && memcmp(ready, "\5READY\13Socket-Type\0\0\0\6" "DEALER", 28) == 0);
    free(ready);
    s_send_ready(self, socket_type);
}

void fake_accept_any(fake_broker_t *self) {
    unsigned flags = 0;
    uint8_t *ready = NULL;
    size_t len = 0;
    fake_accept_only(self);
    s_greet(self, "NULL");
    s_read_frame(self, &flags, &ready, &len);
    CHECK(flags == 4 && len > 6 && memcmp(ready, "\5READY", 6) == 0);
    free(ready);
    s_send_ready(self, "DEALER");
}

void fake_accept(fake_broker_t *self) {
    fake_accept_only(self);
    fake_handshake(self, "NULL", "ROUTER");
}

static uint64_t s_number(const uint8_t *from, int len) {
    uint64_t value = 0;
    for (int i = 0; i < len; i++) value = value << 8 | from[i];
    return value;
}

static void s_parse(fake_message_t *message) {
    const uint8_t *fixed = message->frame[0];
    CHECK_INT(message->len[0], 24);
    CHECK(memcmp(fixed, "JF1R", 4) == 0);
    message->command = fixed[4];
    message->flags = fixed[5];
    message->code = (int)s_number(fixed + 6, 2);
    message->id = s_number(fixed + 8, 8);
    message->time_ms = (uint32_t)s_number(fixed + 16, 4);
    message->count = (int)s_number(fixed + 20, 2);
}

void fake_read(fake_broker_t *self) {
    fake_message_t *message = &self->message;
    unsigned flags = 1;
    s_clear(message);
    while (flags & 1u) {
        CHECK(message->frames < FAKE_FRAMES_MAX);
        s_read_frame(self, &flags, &message->frame[message->frames], &message->len[message->frames]);
        if (flags & 4u) {
            uint8_t *command = message->frame[message->frames];
            if (memcmp(command, "\4PONG", 5) == 0) snprintf(self->pong, sizeof self->pong, "%s", (char *)command + 5);
            free(command);
            flags = 1;
            continue;
        }
        message->frames++;
    }
}

fake_message_t *fake_expect(fake_broker_t *self, int command) {
    for (;;) {
        fake_read(self);
        fake_message_t *message = &self->message;
        s_parse(message);
        if (message->command == command) return message;
        if (message->command == 7 && message->count == 1) fake_fixed(self, 7, 0, 0, 0, 0, 0, 0);
        else CHECK_INT(message->command, command);
    }
}

void fake_expect_close(fake_broker_t *self) {
    char bytes[4096];
    ssize_t count = 1;
    while (count > 0) count = recv(self->fd, bytes, sizeof bytes, 0);
    CHECK(count == 0 || errno == ECONNRESET);
    fake_close(self);
}

void fake_fixed(
    fake_broker_t *self, int command, int flags, int code, uint64_t id, uint32_t time_ms, int count, int more) {
    uint8_t fixed[24] = {'J', 'F', '1', 'R', (uint8_t)command, (uint8_t)flags, (uint8_t)(code >> 8), (uint8_t)code};
    for (int i = 0; i < 8; i++) fixed[8 + i] = (uint8_t)(id >> (56 - 8 * i));
    for (int i = 0; i < 4; i++) fixed[16 + i] = (uint8_t)(time_ms >> (24 - 8 * i));
    fixed[20] = (uint8_t)(count >> 8);
    fixed[21] = (uint8_t)count;
    fake_frame(self, more ? 1 : 0, fixed, 24);
}

void fake_request(fake_broker_t *self, uint64_t id, const char *service, const char *body) {
    fake_request_bytes(self, id, service, body, strlen(body));
}

void fake_request_bytes(fake_broker_t *self, uint64_t id, const char *service, const void *body, size_t len) {
    const char *headers = "traceparent:00-1\ncontent-type:text/plain\n";
    fake_fixed(self, 3, 0, 0, id, 5000, 1, 1);
    fake_frame(self, 1, service, strlen(service));
    fake_frame(self, 1, headers, strlen(headers));
    fake_frame(self, 0, body, len);
}

void fake_reply(fake_broker_t *self, uint64_t id, int flags, const char *body) {
    fake_fixed(self, 4, flags, 0, id, 0, 0, 1);
    fake_frame(self, 1, "", 0);
    fake_frame(self, 1, "", 0);
    fake_frame(self, 0, body, strlen(body));
}

void fake_failure(
    fake_broker_t *self, uint64_t id, int code, uint32_t retry_after_ms, const char *headers, const char *cause) {
    fake_fixed(self, 5, 0, code, id, retry_after_ms, 0, 1);
    fake_frame(self, 1, "", 0);
    fake_frame(self, 1, headers, strlen(headers));
    fake_frame(self, 0, cause, strlen(cause));
}

void fake_welcome(fake_broker_t *self) { fake_welcome_limited(self, 16777216); }

void fake_welcome_limited(fake_broker_t *self, size_t body_bytes_max) {
    fake_expect(self, 1);
    fake_say_welcome(self, body_bytes_max);
}

void fake_say_welcome(fake_broker_t *self, size_t body_bytes_max) {
    char headers[80];
    snprintf(headers, sizeof headers, "broker-id:fake\nbody-bytes-max:%zu\n", body_bytes_max);
    fake_fixed(self, 2, 0, 0, 0, 0, 1, 1);
    fake_frame(self, 1, "", 0);
    fake_frame(self, 0, headers, strlen(headers));
}
