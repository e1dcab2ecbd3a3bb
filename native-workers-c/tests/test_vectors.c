/* The golden vectors in raw framing, in both directions. Argument: the folder protocol/data. */
#include "check.h"
#include "fault.h"
#include "message.h"
#include "raw.h"
#include "vectors.h"

const char *check_context;

static const char *const s_commands[] = {
    [JF_READY] = "READY", [JF_WELCOME] = "WELCOME", [JF_REQUEST] = "REQUEST", [JF_REPLY] = "REPLY",
    [JF_FAILURE] = "FAILURE", [JF_CANCEL] = "CANCEL", [JF_HEARTBEAT] = "HEARTBEAT", [JF_DRAIN] = "DRAIN",
    [JF_DISCONNECT] = "DISCONNECT"};

static jf_message_t *s_decode(const vector_t *vector) {
    jf_frames_t *frames = jf_frames_new();
    for (size_t i = 0; i < vector->frame_count; i++) {
        uint8_t *to = jf_frames_add(frames, vector->frame[i].len);
        memcpy(to, vector->frame[i].bytes, vector->frame[i].len);
    }
    jf_message_t *message = jf_message_new(&frames);
    CHECK(message != NULL);
    return message;
}

static void s_check_fixed(const jf_fixed_t *fixed, const vector_t *vector) {
    CHECK_STR(s_commands[fixed->command], vector->command);
    CHECK_INT(fixed->flags, vector->flags);
    CHECK_INT(fixed->code, vector->code);
    CHECK(fixed->id == vector->id);
    CHECK(fixed->time_ms == vector->time_ms);
    CHECK_INT(fixed->count, vector->count);
}

static void s_check_failure(const jf_message_t *message, const vector_t *vector) {
    const jf_error_t *failure = jf_message_failure(message);
    size_t cause_len = vector->body[0].len > JF_CAUSE_BYTES_MAX ? JF_CAUSE_BYTES_MAX : vector->body[0].len;
    CHECK(failure != NULL);
    CHECK_INT(failure->code, vector->code);
    CHECK(strlen(failure->cause) <= cause_len);
    CHECK(strlen(failure->cause) + 3 >= strnlen((char *)vector->body[0].bytes, cause_len));
    CHECK(memcmp(failure->cause, vector->body[0].bytes, strlen(failure->cause)) == 0);
}

static void s_check_valid(const vector_t *vector) {
    jf_message_t *message = s_decode(vector);
    if (message->wrong) fprintf(stderr, "%s\n", message->wrong);
    CHECK_INT(message->wrong_code, 0);
    s_check_fixed(&message->fixed, vector);
    CHECK_INT(message->headers.count, vector->headers_count);
    CHECK_INT(jf_message_part_count(message), vector->body_count);
    for (size_t i = 0; i < vector->body_count; i++) {
        jf_part_t part = jf_message_part(message, i);
        CHECK_INT(part.len, vector->body[i].len);
        CHECK(part.len == 0 || memcmp(part.bytes, vector->body[i].bytes, part.len) == 0);
    }
    CHECK_INT(jf_message_open(message), 0);
    CHECK_STR(jf_message_service(message), vector->service);
    char *block = vector->headers;
    for (size_t i = 0; i < jf_message_header_count(message); i++) {
        const char *name = NULL, *value = jf_message_header_at(message, i, &name);
        CHECK(strncmp(block, name, strlen(name)) == 0);
        CHECK(strncmp(block + strlen(name) + 1, value, strlen(value)) == 0);
        CHECK_STR(jf_message_header(message, name), value);
        block += strlen(name) + strlen(value) + 2;
    }
    CHECK(block == vector->headers + vector->headers_len || vector->headers_len == 0);
    if (message->fixed.command == JF_FAILURE) s_check_failure(message, vector);
    jf_message_destroy(&message);
}

static unsigned s_command(const char *name) {
    for (unsigned i = JF_READY; i <= JF_DISCONNECT; i++) {
        if (strcmp(s_commands[i], name) == 0) return i;
    }
    CHECK_STR(name, "a command");
    return 0;
}

/* Reads the encoder's pieces with a few lines that know nothing of the codec: frame headers of RFC 37. */
static void s_check_stream(const uint8_t *at, const uint8_t *end, const vector_t *vector) {
    for (size_t i = 0; i < vector->frame_count; i++) {
        CHECK(end - at >= 2);
        unsigned flags = at[0];
        size_t len = at[1], header_len = 2;
        CHECK_INT(flags & 1u, i + 1 < vector->frame_count);
        if (flags & 2u) {
            len = 0;
            for (int b = 1; b <= 8; b++) len = len << 8 | at[b];
            header_len = 9;
            CHECK(len > 255);
        }
        CHECK_INT(flags & ~3u, 0);
        CHECK_INT(len, vector->frame[i].len);
        CHECK(len == 0 || memcmp(at + header_len, vector->frame[i].bytes, len) == 0);
        at += header_len + len;
    }
    CHECK(at == end);
}

static void s_check_encode(const vector_t *vector) {
    static jf_wire_t wire;
    jf_part_t parts[VECTOR_PARTS_MAX];
    for (size_t i = 0; i < vector->body_count; i++) {
        parts[i] = (jf_part_t){.bytes = vector->body[i].bytes, .len = vector->body[i].len};
    }
    jf_outgoing_t outgoing = {
        .fixed = {.command = (jf_command_t)s_command(vector->command), .flags = vector->flags, .code = vector->code,
            .id = vector->id, .time_ms = vector->time_ms, .count = vector->count},
        .service = vector->service, .headers = vector->headers, .headers_len = vector->headers_len,
        .parts = parts, .part_count = vector->body_count};
    jf_raw_encode(&outgoing, &wire);
    size_t len = 0, at = 0;
    for (int i = 0; i < wire.piece_count; i++) len += wire.piece[i].iov_len;
    uint8_t *stream = malloc(len);
    for (int i = 0; i < wire.piece_count; i++) {
        if (wire.piece[i].iov_len > 0) memcpy(stream + at, wire.piece[i].iov_base, wire.piece[i].iov_len);
        at += wire.piece[i].iov_len;
    }
    s_check_stream(stream, stream + len, vector);
    if (vector->frame_count == 1) {
        uint8_t alone[JF_RAW_ALONE_BYTES];
        jf_raw_put_alone(alone, &outgoing.fixed);
        CHECK_INT(len, sizeof alone);
        CHECK(memcmp(alone, stream, len) == 0);
    }
    free(stream);
}

static void s_check_invalid(const vector_t *vector) {
    jf_message_t *message = s_decode(vector);
    CHECK_STR(jf_error_code_name(message->wrong_code), vector->error);
    CHECK(message->wrong != NULL);
    CHECK(message->fixed.id == vector->id);
    jf_message_destroy(&message);
}

/* How many vectors of raw framing a file has. */
static int s_check_file(const char *folder, const char *name) {
    static vector_t vector;
    char path[4096];
    int count = 0;
    snprintf(path, sizeof path, "%s/vectors/%s", folder, name);
    FILE *file = fopen(path, "r");
    if (!file) perror(path);
    CHECK(file != NULL);
    while (vector_next(file, &vector)) {
        if (strcmp(vector.framing, "raw") != 0) continue;
        count++;
        if (vector.error[0]) {
            s_check_invalid(&vector);
            continue;
        }
        s_check_valid(&vector);
        if (vector.encode) s_check_encode(&vector);
    }
    fclose(file);
    return count;
}

/* The generated header against the registry, read here a second time. */
static int s_check_registry(const char *folder) {
    char path[4096], line[1024], name[64], category[32], retryable[8];
    int number = 0, status = 0, count = 0;
    snprintf(path, sizeof path, "%s/error-codes.tsv", folder);
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    while (fgets(line, sizeof line, file)) {
        if (line[0] == '#') continue;
        line[strcspn(line, "\n")] = '\0';
        check_context = line;
        CHECK_INT(sscanf(line, "%d\t%63s\t%31s\t%7s\t%d", &number, name, category, retryable, &status), 5);
        CHECK_STR(jf_error_code_name(number), name);
        CHECK_INT(jf_error_code_number(name), number);
        CHECK_INT(jf_error_code_retryable(number), strcmp(retryable, "yes") == 0);
        CHECK_STR(jf_error_code_text(number), strrchr(line, '\t') + 1);
        count++;
    }
    check_context = NULL;
    CHECK_STR(jf_error_code_name(number + 1), "UNKNOWN");
    CHECK_INT(jf_error_code_number("NO_SUCH_NAME"), 0);
    fclose(file);
    return count;
}

int main(int argc, char **argv) {
    CHECK_INT(argc, 2);
    int codes = s_check_registry(argv[1]);
    int valid = s_check_file(argv[1], "jf1-raw.txt");
    int invalid = s_check_file(argv[1], "jf1-invalid.txt");
    CHECK(codes >= 34 && valid >= 30 && invalid >= 100);
    printf("%d codes, %d valid and %d invalid vectors\n", codes, valid, invalid);
    return 0;
}
