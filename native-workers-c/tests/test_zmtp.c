/* The ZMTP decoder: every cut of a stream, hostile lengths, seeded mutations. Argument: the folder protocol/data. */
#include <errno.h>

#include "bytes.h"
#include "check.h"
#include "message.h"
#include "vectors.h"
#include "zmtp.h"

#define STREAM_BYTES_MAX (1u << 18)
#define MUTATIONS 50000

const char *check_context;

typedef struct stream {
    uint8_t bytes[STREAM_BYTES_MAX];
    size_t len;
} stream_t;

static void s_put(stream_t *stream, const void *bytes, size_t len) {
    CHECK(len <= sizeof stream->bytes - stream->len);
    if (len > 0) memcpy(stream->bytes + stream->len, bytes, len);
    stream->len += len;
}

static void s_put_frame(stream_t *stream, unsigned flags, const void *bytes, size_t len) {
    uint8_t header[9] = {(uint8_t)(len > 255 ? flags | 2u : flags), (uint8_t)len};
    if (len > 255) jf_put_u64(header + 1, len);
    s_put(stream, header, len > 255 ? 9 : 2);
    s_put(stream, bytes, len);
}

static void s_put_greeting(stream_t *stream) {
    uint8_t greeting[64] = {0xFF, [9] = 0x7F, [10] = 3, [11] = 1, [12] = 'N', 'U', 'L', 'L'};
    s_put(stream, greeting, sizeof greeting);
}

/* Feeds bytes; those that do not fit are left: how many were taken. */
static size_t s_feed(jf_zmtp_t *zmtp, const uint8_t *bytes, size_t len) {
    struct iovec space[2];
    int pieces = jf_zmtp_space(zmtp, space);
    size_t fed = 0;
    CHECK(pieces >= 1);
    for (int i = 0; i < pieces && fed < len; i++) {
        size_t step = len - fed < space[i].iov_len ? len - fed : space[i].iov_len;
        memcpy(space[i].iov_base, bytes + fed, step);
        fed += step;
    }
    CHECK(fed > 0);
    jf_zmtp_filled(zmtp, fed);
    return fed;
}

/* Adds what an event says to a log that two runs can compare. */
static void s_log(stream_t *log, jf_zmtp_t *zmtp, jf_zmtp_event_t *event) {
    uint8_t kind = (uint8_t)event->kind;
    s_put(log, &kind, 1);
    if (event->kind == JF_ZMTP_EVENT_COMMAND) {
        s_put(log, event->name, event->name_len);
        s_put(log, event->data, event->data_len);
    }
    if (event->kind != JF_ZMTP_EVENT_MESSAGE) return;
    for (size_t i = 0; i < event->frames->count; i++) {
        uint8_t len[8];
        jf_put_u64(len, event->frames->frame[i].len);
        s_put(log, len, 8);
        s_put(log, event->frames->frame[i].bytes, event->frames->frame[i].len);
        CHECK_INT(event->frames->frame[i].bytes[event->frames->frame[i].len], 0);
    }
    jf_zmtp_recycle(zmtp, &event->frames);
}

/* Decodes a stream cut at one place, or into steps of a size; gives 0 or the errno. */
static int s_decode(const stream_t *stream, size_t cut, size_t step, stream_t *log) {
    jf_zmtp_t zmtp;
    jf_zmtp_event_t event;
    int result = 0;
    log->len = 0;
    CHECK_INT(jf_zmtp_init(&zmtp), 0);
    for (size_t at = 0; at < stream->len && result == 0;) {
        size_t end = at < cut ? cut : stream->len;
        if (step > 0 && at + step < end) end = at + step;
        at += s_feed(&zmtp, stream->bytes + at, end - at);
        int found = 1;
        while ((found = jf_zmtp_next(&zmtp, &event)) == 1) s_log(log, &zmtp, &event);
        if (found == -1) result = errno;
    }
    jf_zmtp_term(&zmtp);
    return result;
}

static void s_put_example(stream_t *stream) {
    static uint8_t large[3000];
    for (size_t i = 0; i < sizeof large; i++) large[i] = (uint8_t)(i * 7);
    s_put_greeting(stream);
    s_put_frame(stream, 4, "\5READY\13Socket-Type\0\0\0\6ROUTER", 28);
    s_put_frame(stream, 0, "one", 3);
    s_put_frame(stream, 1, "", 0);
    s_put_frame(stream, 1, large, 255);
    s_put_frame(stream, 1, large, 256);
    s_put_frame(stream, 1, large, sizeof large);
    s_put_frame(stream, 4, "\4PING\0\0ctx", 10);
    s_put_frame(stream, 0, "", 0);
    uint8_t long_but_small[] = {2, 0, 0, 0, 0, 0, 0, 0, 2, 'h', 'i'};
    s_put(stream, long_but_small, sizeof long_but_small);
    s_put_frame(stream, 4, large, 0);
    stream->len -= 2; /* that one only proves that the helper writes headers alone */
}

static void should_decode_alike_however_the_stream_is_cut(void) {
    static stream_t stream, whole, log;
    s_put_example(&stream);
    CHECK_INT(s_decode(&stream, 0, 0, &whole), 0);
    CHECK(whole.len > 3000);
    for (size_t cut = 1; cut < stream.len; cut++) {
        CHECK_INT(s_decode(&stream, cut, 0, &log), 0);
        CHECK(log.len == whole.len && memcmp(log.bytes, whole.bytes, whole.len) == 0);
    }
    for (size_t step = 1; step < 70; step++) {
        CHECK_INT(s_decode(&stream, 0, step, &log), 0);
        CHECK(log.len == whole.len && memcmp(log.bytes, whole.bytes, whole.len) == 0);
    }
}

static int s_after_greeting(const void *bytes, size_t len) {
    static stream_t stream, log;
    stream.len = 0;
    s_put_greeting(&stream);
    s_put(&stream, bytes, len);
    return s_decode(&stream, 0, 0, &log);
}

static void should_refuse_hostile_lengths_and_flags(void) {
    static stream_t many, log;
    uint8_t over[9] = {2}, command[9] = {6}, body_max[9] = {2};
    jf_put_u64(over + 1, UINT64_MAX);
    CHECK_INT(s_after_greeting(over, 9), EMSGSIZE);
    jf_put_u64(over + 1, (uint64_t)1 << 63);
    CHECK_INT(s_after_greeting(over, 9), EMSGSIZE);
    jf_put_u64(over + 1, JF_BODY_BYTES_MAX + JF_ENVELOPE_BYTES_MAX + 1u);
    CHECK_INT(s_after_greeting(over, 9), EMSGSIZE);
    jf_put_u64(body_max + 1, JF_BODY_BYTES_MAX + JF_ENVELOPE_BYTES_MAX);
    CHECK_INT(s_after_greeting(body_max, 9), 0);
    jf_put_u64(command + 1, JF_COMMAND_BYTES_MAX + 1u);
    CHECK_INT(s_after_greeting(command, 9), EMSGSIZE);
    CHECK_INT(s_after_greeting("\x04\x00", 2), EPROTO);     /* a command without a name */
    CHECK_INT(s_after_greeting("\x04\x02\x05X", 4), EPROTO); /* a name longer than the command */
    CHECK_INT(s_after_greeting("\x05\x02", 2), EPROTO);     /* a command with MORE */
    for (unsigned flag = 8; flag < 256; flag *= 2) {
        uint8_t frame[2] = {(uint8_t)flag, 0};
        CHECK_INT(s_after_greeting(frame, 2), EPROTO);
    }
    s_put_greeting(&many);
    for (unsigned i = 0; i < JF_FRAMES_MAX; i++) s_put_frame(&many, 1, "x", 1);
    CHECK_INT(s_decode(&many, 0, 0, &log), 0);
    s_put_frame(&many, 0, "x", 1);
    CHECK_INT(s_decode(&many, 0, 0, &log), EMSGSIZE);
}

/* Feeds all of it and gives the next event, which must be there. */
static int s_next(jf_zmtp_t *zmtp, const stream_t *stream, jf_zmtp_event_t *event) {
    int found = 0;
    for (size_t at = 0; found == 0;) {
        at += s_feed(zmtp, stream->bytes + at, stream->len - at);
        found = jf_zmtp_next(zmtp, event);
        CHECK(found != 0 || at < stream->len);
    }
    return found;
}

static void s_greeted(jf_zmtp_t *zmtp, size_t frame_bytes_max, size_t message_bytes_max) {
    static stream_t greeting;
    jf_zmtp_event_t event;
    greeting.len = 0;
    CHECK_INT(jf_zmtp_init(zmtp), 0);
    zmtp->frame_bytes_max = frame_bytes_max;
    zmtp->message_bytes_max = message_bytes_max;
    s_put_greeting(&greeting);
    CHECK_INT(s_next(zmtp, &greeting, &event), 1);
}

/* A first frame over the limit is refused by its header alone: there is nothing that could be answered. */
static void should_refuse_a_first_frame_over_the_limit(void) {
    jf_zmtp_t zmtp;
    jf_zmtp_event_t event;
    static stream_t stream;
    uint8_t header[9] = {2};
    stream.len = 0;
    s_greeted(&zmtp, 500, 1000);
    jf_put_u64(header + 1, 501);
    s_put(&stream, header, sizeof header);
    CHECK_INT(s_next(&zmtp, &stream, &event), -1);
    CHECK_INT(errno, EMSGSIZE);
    CHECK_STR(zmtp.fault, "frame of 501 bytes: over the limit");
    jf_zmtp_term(&zmtp);
}

/* A message over the limit is read past and told, and what follows it is whole. */
static void should_read_past_a_message_that_is_too_large(void) {
    static const size_t sizes[][2] = {{501, 10}, {500, 500}, {10, 501}};
    static uint8_t body[1000];
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        jf_zmtp_t zmtp;
        jf_zmtp_event_t event;
        static stream_t stream;
        stream.len = 0;
        s_greeted(&zmtp, 500, 900);
        s_put_frame(&stream, 1, "first", 5);
        s_put_frame(&stream, 1, body, sizes[i][0]);
        s_put_frame(&stream, 1, body, sizes[i][1]);
        s_put_frame(&stream, 1, "", 0);
        s_put_frame(&stream, 0, "last", 4);
        s_put_frame(&stream, 0, "next", 4);
        CHECK_INT(s_next(&zmtp, &stream, &event), 1);
        CHECK(event.frames->too_large);
        CHECK_STR((char *)event.frames->frame[0].bytes, "first");
        jf_frames_destroy(&event.frames);
        CHECK_INT(jf_zmtp_next(&zmtp, &event), 1);
        CHECK(!event.frames->too_large);
        CHECK_STR((char *)event.frames->frame[0].bytes, "next");
        jf_frames_destroy(&event.frames);
        jf_zmtp_term(&zmtp);
    }
}

static void should_refuse_other_greetings_as_early_as_possible(void) {
    static stream_t stream, log;
    static const struct {
        const char *bytes;
        size_t len;
        int error;
    } cases[] = {{"\xFF\0\0\0\0\0\0\0\1\x7F\3\0NULL", 16, 0}, {"H", 1, EPROTO},
        {"\xFF\0\0\0\0\0\0\0\1\x00", 10, EPROTO},
        {"\xFF\0\0\0\0\0\0\0\1\x7F\1", 11, EPROTO}, {"\xFF\0\0\0\0\0\0\0\1\x7F\2", 11, EPROTO},
        {"\xFF\0\0\0\0\0\0\0\1\x7F\4", 11, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        stream.len = 0;
        s_put(&stream, cases[i].bytes, cases[i].len);
        CHECK_INT(s_decode(&stream, 0, 0, &log), cases[i].error);
    }
}

static void should_read_metadata_within_their_bounds(void) {
    const uint8_t *value = NULL;
    size_t len = 0;
    const uint8_t good[] = "\1A\0\0\0\0\13socket-TYPE\0\0\0\3SUB";
    CHECK_INT(jf_zmtp_property(good, sizeof good - 1, "Socket-Type", &value, &len), 1);
    CHECK(len == 3 && memcmp(value, "SUB", 3) == 0);
    CHECK_INT(jf_zmtp_property(good, sizeof good - 1, "Identity", &value, &len), 0);
    for (size_t cut = 1; cut < sizeof good - 1; cut++) {
        uint8_t *exact = malloc(cut); /* exact: a sanitiser sees a byte read too far */
        memcpy(exact, good, cut);
        CHECK_INT(jf_zmtp_property(exact, cut, "Socket-Type", &value, &len), cut == 6 ? 0 : -1);
        free(exact);
    }
    CHECK_INT(jf_zmtp_property((const uint8_t *)"\1A\xFF\xFF\xFF\xFF", 6, "A", &value, &len), -1);
    CHECK_INT(jf_zmtp_property((const uint8_t *)"\0\0\0\0\0", 5, "A", &value, &len), -1);
}

/* ---- mutations ---- */

static uint64_t s_random_state;

static size_t s_random(size_t below) {
    s_random_state ^= s_random_state << 13;
    s_random_state ^= s_random_state >> 7;
    s_random_state ^= s_random_state << 17;
    return (size_t)(s_random_state % below);
}

static void s_mutate(stream_t *stream) {
    for (size_t changes = 1 + s_random(4); changes > 0; changes--) {
        size_t at = s_random(stream->len);
        switch (s_random(4)) {
        case 0: stream->bytes[at] ^= (uint8_t)(1u << s_random(8)); break;
        case 1: stream->bytes[at] = (uint8_t)s_random(256); break;
        case 2: stream->len = at + 1; break;
        default: /* a piece comes twice */
            memmove(stream->bytes + at / 2, stream->bytes + at, stream->len - at);
            break;
        }
    }
}

/* Runs a stream through the ZMTP decoder and the JF1 decoder, in random steps; only the absence of harm is checked. */
static int s_survive(const stream_t *stream) {
    jf_zmtp_t zmtp;
    jf_zmtp_event_t event;
    int messages = 0, found = 1;
    CHECK_INT(jf_zmtp_init(&zmtp), 0);
    for (size_t at = 0; at < stream->len && found != -1;) {
        size_t step = 1 + s_random(stream->len - at);
        at += s_feed(&zmtp, stream->bytes + at, step);
        while ((found = jf_zmtp_next(&zmtp, &event)) == 1) {
            if (event.kind != JF_ZMTP_EVENT_MESSAGE) continue;
            jf_message_t *message = jf_message_new(&event.frames);
            CHECK((message->wrong_code == 0) == (message->wrong == NULL));
            if (message->wrong_code == 0) CHECK_INT(jf_message_open(message), 0);
            if (message->wrong_code == 0) messages++;
            jf_message_destroy(&message);
        }
    }
    jf_zmtp_term(&zmtp);
    return messages;
}

#define SEED_MESSAGES_MAX 200

/* Valid messages as they go over the wire. */
static stream_t s_messages[SEED_MESSAGES_MAX];
static size_t s_message_count;

static void s_load(const char *folder) {
    static vector_t vector;
    char path[4096];
    snprintf(path, sizeof path, "%s/vectors/jf1-raw.txt", folder);
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    while (vector_next(file, &vector)) {
        if (strcmp(vector.framing, "raw") != 0 || vector.frame_count > 10) continue;
        CHECK(s_message_count < SEED_MESSAGES_MAX);
        stream_t *message = &s_messages[s_message_count++];
        for (size_t i = 0; i < vector.frame_count; i++) {
            s_put_frame(message, i + 1 < vector.frame_count, vector.frame[i].bytes, vector.frame[i].len);
        }
    }
    fclose(file);
}

static int s_try(uint64_t seed) {
    static stream_t stream;
    char context[64];
    s_random_state = seed;
    snprintf(context, sizeof context, "JF_FUZZ_SEED=%llu", (unsigned long long)seed);
    check_context = context;
    stream.len = 0;
    s_put_greeting(&stream);
    for (size_t count = 1 + s_random(6); count > 0; count--) {
        const stream_t *message = &s_messages[s_random(s_message_count)];
        s_put(&stream, message->bytes, message->len);
    }
    s_mutate(&stream);
    int messages = s_survive(&stream);
    check_context = NULL;
    return messages;
}

/* JF_FUZZ_SEED in the environment tries that one alone. */
static void should_survive_mutations(void) {
    const char *fixed = getenv("JF_FUZZ_SEED");
    long messages = 0;
    if (fixed) {
        s_try(strtoull(fixed, NULL, 10));
        return;
    }
    for (uint64_t i = 0; i < MUTATIONS; i++) messages += s_try(i * 0x9E3779B97F4A7C15u + 1);
    printf("%d mutated streams, %ld good messages left in them\n", MUTATIONS, messages);
    CHECK(messages > MUTATIONS / 10);
}

int main(int argc, char **argv) {
    CHECK_INT(argc, 2);
    RUN(should_decode_alike_however_the_stream_is_cut);
    RUN(should_refuse_hostile_lengths_and_flags);
    RUN(should_refuse_a_first_frame_over_the_limit);
    RUN(should_read_past_a_message_that_is_too_large);
    RUN(should_refuse_other_greetings_as_early_as_possible);
    RUN(should_read_metadata_within_their_bounds);
    s_load(argv[1]);
    RUN(should_survive_mutations);
    return 0;
}
