/* The sample programs as processes, against a broker that plays scripts. Argument: the folder of the programs. */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "fake_broker.h"
#include "jackfield.h"

const char *check_context;

extern char **environ;

static const char *s_folder;

/* A program that was started; its stdout and stderr come through a pipe. */
typedef struct s_process {
    pid_t pid;
    int out;
} s_process_t;

static s_process_t s_start(const char *program, const char *const arguments[]) {
    char path[4096];
    char *argv[16] = {path};
    int ends[2];
    s_process_t process;
    posix_spawn_file_actions_t actions;
    snprintf(path, sizeof path, "%s/%s", s_folder, program);
    for (int i = 0; arguments[i]; i++) argv[i + 1] = (char *)(uintptr_t)arguments[i];
    CHECK_INT(pipe(ends), 0);
    CHECK_INT(posix_spawn_file_actions_init(&actions), 0);
    CHECK_INT(posix_spawn_file_actions_adddup2(&actions, ends[1], 1), 0);
    CHECK_INT(posix_spawn_file_actions_adddup2(&actions, ends[1], 2), 0);
    CHECK_INT(posix_spawn_file_actions_addclose(&actions, ends[0]), 0);
    CHECK_INT(posix_spawn(&process.pid, path, &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    process.out = ends[0];
    return process;
}

static s_process_t s_start_worker(const char *program, const fake_broker_t *broker) {
    const char *const arguments[] = {"--connect", broker->endpoint, NULL};
    return s_start(program, arguments);
}

static void s_expect_line(s_process_t *process, const char *line) {
    char text[256];
    size_t len = 0;
    while (len < sizeof text - 1 && read(process->out, text + len, 1) == 1 && text[len] != '\n') len++;
    text[len] = '\0';
    CHECK_STR(text, line);
}

/* Reads what is left of its output and waits: the exit code. */
static int s_end(s_process_t *process, char *text, size_t text_len) {
    int status = 0;
    size_t len = 0;
    ssize_t count = 1;
    while (len < text_len - 1 && (count = read(process->out, text + len, text_len - 1 - len)) > 0) len += (size_t)count;
    text[len] = '\0';
    CHECK(waitpid(process->pid, &status, 0) == process->pid);
    close(process->out);
    CHECK(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* ---- is_prime_worker ---- */

static s_process_t s_prime, s_sodium;

static void s_expect_reply(fake_broker_t *self, uint64_t id, const char *body) {
    fake_message_t *reply = fake_expect(self, 4);
    CHECK(reply->id == id);
    CHECK_STR((char *)reply->frame[3], body);
}

/* SIGTERM in the middle of work: the answer still comes, and both ways of the race between the two are right. */
static void s_drain_busy(fake_broker_t *self) {
    int replies = 0, drains = 0;
    fake_request(self, 90, "is-prime-c", "99999999999999997");
    CHECK_INT(kill(s_prime.pid, SIGTERM), 0);
    for (;;) {
        fake_read(self);
        fake_message_t *message = &self->message;
        int command = message->frame[0][4];
        if (command == 9) break;
        if (command == 7) fake_fixed(self, 7, 0, 0, 0, 0, 0, 0);
        if (command == 8) fake_fixed(self, 8, 0, 0, 0, 0, replies ? 0 : 1, 0);
        if (command == 4) CHECK_STR((char *)message->frame[3], "99999999999999997");
        drains += command == 8;
        replies += command == 4;
    }
    CHECK_INT(replies, 1);
    CHECK_INT(drains, 1);
    fake_expect_close(self);
}

static void s_script_prime(fake_broker_t *self) {
    static const char *const cases[][2] = {{"32416190071", "32416190071"}, {"91", "7"}, {"0", "0"}, {"1", "1"},
        {"2", "2"}, {"3", "3"}, {"4", "2"}, {"25", "5"}, {"1000000007", "1000000007"}, {"18446744073709551615", "3"},
        {"18446744073709551614", "2"}, {"6700417", "6700417"}, {"000049", "7"}};
    static const char *const wrong[] = {
        "", "abc", "-7", "7 ", "1e9", "18446744073709551616", "99999999999999999999999"};
    fake_accept(self);
    fake_welcome(self);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fake_request(self, i + 1, "is-prime-c", cases[i][0]);
        s_expect_reply(self, i + 1, cases[i][1]);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        fake_request(self, 50 + i, "is-prime-c", wrong[i]);
        fake_message_t *failure = fake_expect(self, 5);
        CHECK_INT(failure->code, JF_ERROR_BAD_REQUEST);
        CHECK_INT(failure->id, 50 + i);
    }
    fake_request(self, 80, "is-prime-c", "9223372036854775783"); /* many seconds, if nobody cancelled it */
    fake_fixed(self, 6, 0, 0, 80, 0, 0, 0);
    fake_message_t *cancelled = fake_expect(self, 5);
    CHECK_INT(cancelled->id, 80);
    CHECK_INT(cancelled->code, JF_ERROR_CANCELLED);
    fake_request(self, 81, "is-prime-c", "97");
    s_expect_reply(self, 81, "97");
    s_drain_busy(self);
}

static void should_find_primes_stop_when_cancelled_and_drain(void) {
    fake_broker_t broker;
    char rest[256];
    fake_start(&broker, s_script_prime);
    s_prime = s_start_worker("is_prime_worker", &broker);
    s_expect_line(&s_prime, "ready");
    fake_join(&broker);
    CHECK_INT(s_end(&s_prime, rest, sizeof rest), 0);
    CHECK_STR(rest, "");
}

/* ---- zstd_worker ---- */

static void s_script_zstd(fake_broker_t *self) {
    static const uint8_t bomb[] = {0x28, 0xB5, 0x2F, 0xFD, 0xA0, 0, 0, 0, 0x40, 1, 0, 0}; /* claims 1 GiB */
    static char text[100000];
    static uint8_t packed[sizeof text];
    for (size_t i = 0; i < sizeof text; i++) text[i] = "jackfield"[i % 9];
    fake_accept(self);
    fake_welcome(self);
    fake_request_bytes(self, 1, "zstd-compress", text, sizeof text);
    fake_message_t *reply = fake_expect(self, 4);
    size_t packed_len = reply->len[3];
    CHECK(packed_len > 4 && packed_len < 1000 && memcmp(reply->frame[3], bomb, 4) == 0);
    memcpy(packed, reply->frame[3], packed_len);
    fake_request_bytes(self, 2, "zstd-decompress", packed, packed_len);
    reply = fake_expect(self, 4);
    CHECK(reply->len[3] == sizeof text && memcmp(reply->frame[3], text, sizeof text) == 0);
    fake_request_bytes(self, 3, "zstd-decompress", packed, packed_len - 1);
    CHECK_INT(fake_expect(self, 5)->code, JF_ERROR_BAD_REQUEST);
    fake_request(self, 4, "zstd-decompress", "no zstd");
    CHECK_INT(fake_expect(self, 5)->code, JF_ERROR_BAD_REQUEST);
    fake_request_bytes(self, 5, "zstd-decompress", bomb, sizeof bomb);
    CHECK_INT(fake_expect(self, 5)->code, JF_ERROR_TOO_LARGE);
    fake_request(self, 6, "zstd-compress", "");
    CHECK(fake_expect(self, 4)->len[3] > 4);
    fake_failure(self, 0, JF_ERROR_NOT_READY, 0, "", "once more");
    fake_expect(self, 1);
    fake_failure(self, 0, JF_ERROR_BAD_SERVICE_NAME, 0, "hint:ask\n", "not here");
}

static void should_compress_within_limits_and_say_why_it_ends(void) {
    fake_broker_t broker;
    char rest[256];
    fake_start(&broker, s_script_zstd);
    s_process_t process = s_start_worker("zstd_worker", &broker);
    s_expect_line(&process, "ready");
    fake_join(&broker);
    CHECK_INT(s_end(&process, rest, sizeof rest), 1);
    CHECK_STR(rest, "the worker cannot serve: BAD_SERVICE_NAME: not here (ask)\n");
}

/* ---- sodium_worker ---- */

#define SEALED_MORE 40 /* nonce and tag */

static void s_refused(fake_broker_t *self, uint64_t id, const void *body, size_t len) {
    fake_request_bytes(self, id, "sodium-decrypt", body, len);
    fake_message_t *failure = fake_expect(self, 5);
    CHECK_INT(failure->id, id);
    CHECK_INT(failure->code, JF_ERROR_BAD_REQUEST);
}

static void s_seal_and_open(fake_broker_t *self, const char *text, uint8_t *sealed, size_t *sealed_len) {
    fake_request(self, 1, "sodium-encrypt", text);
    fake_message_t *reply = fake_expect(self, 4);
    *sealed_len = reply->len[3];
    CHECK_INT(*sealed_len, strlen(text) + SEALED_MORE);
    memcpy(sealed, reply->frame[3], *sealed_len);
    fake_request_bytes(self, 2, "sodium-decrypt", sealed, *sealed_len);
    reply = fake_expect(self, 4);
    CHECK_INT(reply->len[3], strlen(text));
    CHECK_STR((char *)reply->frame[3], text);
}

static void s_script_sodium(fake_broker_t *self) {
    uint8_t sealed[200], again[200];
    size_t len = 0, again_len = 0;
    fake_accept(self);
    fake_welcome(self);
    s_seal_and_open(self, "", sealed, &len);
    s_seal_and_open(self, "who reads this", sealed, &len);
    s_seal_and_open(self, "who reads this", again, &again_len);
    CHECK(memcmp(sealed, again, len) != 0); /* a new nonce each time */
    for (size_t i = 0; i < len; i++) {
        sealed[i] ^= 1;
        s_refused(self, 3, sealed, len);
        sealed[i] ^= 1;
    }
    s_refused(self, 4, sealed, len - 1);
    s_refused(self, 5, sealed, SEALED_MORE - 1);
    s_refused(self, 6, "", 0);
    CHECK_INT(kill(s_sodium.pid, SIGTERM), 0);
    fake_expect(self, 8);
    fake_fixed(self, 8, 0, 0, 0, 0, 0, 0);
    fake_expect(self, 9);
    fake_expect_close(self);
}

static void s_write(const char *path, size_t len) {
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL);
    for (size_t i = 0; i < len; i++) CHECK(fputc((int)(i * 7), file) != EOF);
    CHECK_INT(fclose(file), 0);
}

static void should_encrypt_with_the_key_of_a_file(void) {
    fake_broker_t broker;
    char rest[512], path[] = "/tmp/jackfield-key-XXXXXX";
    close(mkstemp(path));
    s_write(path, 32);
    fake_start(&broker, s_script_sodium);
    const char *const good[] = {"--connect", broker.endpoint, "--key-file", path, NULL};
    s_sodium = s_start("sodium_worker", good);
    s_expect_line(&s_sodium, "ready");
    fake_join(&broker);
    CHECK_INT(s_end(&s_sodium, rest, sizeof rest), 0);
    s_write(path, 33);
    s_process_t process = s_start("sodium_worker", good);
    CHECK_INT(s_end(&process, rest, sizeof rest), 2);
    CHECK(strstr(rest, "not a key (expected: 32 bytes") != NULL);
    CHECK_INT(unlink(path), 0);
    process = s_start("sodium_worker", good);
    CHECK_INT(s_end(&process, rest, sizeof rest), 2);
    CHECK(strstr(rest, "No such file") != NULL);
    const char *const none[] = {NULL};
    process = s_start("sodium_worker", none);
    CHECK_INT(s_end(&process, rest, sizeof rest), 2);
    CHECK(strstr(rest, "--key-file is needed") != NULL);
}

/* ---- zmq_worker ---- */

static void s_ask_plain(fake_broker_t *self, const char *body, const char *answer) {
    fake_frame(self, 1, "tokentok", 8);
    fake_frame(self, 1, "", 0);
    fake_frame(self, 0, body, strlen(body));
    fake_read(self);
    CHECK_INT(self->message.frames, 3);
    CHECK_STR((char *)self->message.frame[0], "tokentok");
    CHECK_INT(self->message.len[1], 0);
    CHECK_STR((char *)self->message.frame[2], answer);
}

static void s_script_plain(fake_broker_t *self) {
    fake_accept_any(self);
    s_ask_plain(self, "32416190071", "32416190071");
    s_ask_plain(self, "91", "7");
    s_ask_plain(self, "many", "ERROR: not a decimal number below 2^64");
    s_ask_plain(self, "12345678901234567890123456789012345678901234567890123456789012345",
        "ERROR: not a decimal number below 2^64");
}

static void should_serve_on_plain_libzmq(void) {
    fake_broker_t broker;
    char rest[256];
    fake_start(&broker, s_script_plain);
    s_process_t process = s_start_worker("zmq_worker", &broker);
    s_expect_line(&process, "ready");
    fake_wait(&broker);
    CHECK_INT(kill(process.pid, SIGTERM), 0);
    CHECK_INT(s_end(&process, rest, sizeof rest), 0);
    fake_end(&broker);
}

/* ---- jf_call ---- */

static void s_script_call(fake_broker_t *self) {
    fake_accept(self);
    fake_message_t *request = fake_expect(self, 3);
    CHECK_STR((char *)request->frame[1], "upper");
    CHECK_STR((char *)request->frame[3], "body");
    fake_reply(self, request->id, 0, "BODY");
    fake_accept(self);
    fake_failure(self, fake_expect(self, 3)->id, JF_ERROR_NO_SUCH_SERVICE, 0, "hint:list them\n", "service: lower");
}

static void should_call_from_the_command_line(void) {
    fake_broker_t broker;
    char text[512];
    fake_start(&broker, s_script_call);
    const char *const good[] = {"--connect", broker.endpoint, "upper", "body", NULL};
    s_process_t process = s_start("jf_call", good);
    CHECK_INT(s_end(&process, text, sizeof text), 0);
    CHECK_STR(text, "BODY");
    const char *const failing[] = {"lower", "--connect", broker.endpoint, NULL};
    process = s_start("jf_call", failing);
    CHECK_INT(s_end(&process, text, sizeof text), 1);
    CHECK_STR(text, "lower: NO_SUCH_SERVICE: service: lower (list them)\n");
    const char *const wrong[] = {"--timeout", "x", "lower", NULL};
    process = s_start("jf_call", wrong);
    CHECK_INT(s_end(&process, text, sizeof text), 2);
    fake_join(&broker);
}

static void should_say_what_is_wrong_in_one_line(void) {
    char text[512];
    const char *const help[] = {"--help", NULL};
    s_process_t process = s_start("is_prime_worker", help);
    CHECK_INT(s_end(&process, text, sizeof text), 0);
    CHECK(strstr(text, "--connect") != NULL);
    const char *const wrong[] = {"--connect", "5555", NULL};
    process = s_start("is_prime_worker", wrong);
    CHECK_INT(s_end(&process, text, sizeof text), 2);
    CHECK_STR(text, "5555: not an endpoint (expected: tcp://HOST:PORT or ipc://PATH)\n");
}

int main(int argc, char **argv) {
    CHECK(argc >= 2);
    s_folder = argv[1];
    RUN(should_find_primes_stop_when_cancelled_and_drain);
    RUN(should_call_from_the_command_line);
    RUN(should_say_what_is_wrong_in_one_line);
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "zstd_worker") == 0) RUN(should_compress_within_limits_and_say_why_it_ends);
        if (strcmp(argv[i], "sodium_worker") == 0) RUN(should_encrypt_with_the_key_of_a_file);
        if (strcmp(argv[i], "zmq_worker") == 0) RUN(should_serve_on_plain_libzmq);
    }
    return 0;
}
