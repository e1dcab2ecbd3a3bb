/*
 * JF1 in raw framing (docs/PROTOCOL.md, 4.1 and 4.4):
 *
 *   frame 1   "JF1R" | command 1 | flags 1 | code 2 | id 8 | time-ms 4 | count 2 | zero 2
 *   frame 2   service
 *   frame 3   header block
 *   frame 4.. body parts
 */
#ifndef JF_RAW_H
#define JF_RAW_H

#include <sys/uio.h>

#include "frames.h"
#include "headers.h"
#include "jackfield/client.h"
#include "zmtp.h"

#define JF_RAW_HEADER_BYTES 24u
#define JF_FLAG_OBJECT 0x04u

typedef enum jf_command {
    JF_READY = 1,
    JF_WELCOME = 2,
    JF_REQUEST = 3,
    JF_REPLY = 4,
    JF_FAILURE = 5,
    JF_CANCEL = 6,
    JF_HEARTBEAT = 7,
    JF_DRAIN = 8,
    JF_DISCONNECT = 9
} jf_command_t;

/* The fixed header. */
typedef struct jf_fixed {
    jf_command_t command;
    unsigned flags;
    unsigned code;    /* of the registry */
    uint64_t id;      /* of the request; 0: none */
    uint32_t time_ms; /* what it means depends on the command */
    unsigned count;   /* likewise */
} jf_fixed_t;

/* What is to be sent. Nothing in it is owned. */
typedef struct jf_outgoing {
    jf_fixed_t fixed;
    const char *service;     /* NULL: none */
    const char *headers;     /* a header block; NULL: none */
    size_t headers_len;      /* in bytes */
    const jf_part_t *parts;  /* body parts */
    size_t part_count;
} jf_outgoing_t;

/* A message as ZMTP bytes: pieces in the order of the wire, those that are not the caller's body lie in scratch. */
typedef struct jf_wire {
    struct iovec piece[2u * JF_FRAMES_MAX + 1u]; /* piece[0] is empty: room for what must go before the message */
    int piece_count;                             /* with piece[0] */
    size_t scratch_len;                          /* bytes of scratch in use */
    uint8_t scratch[JF_RAW_HEADER_BYTES + JF_SERVICE_NAME_BYTES_MAX + JF_HEADER_BLOCK_BYTES_MAX
        + JF_FRAMES_MAX * JF_ZMTP_FRAME_HEADER_BYTES_MAX];
} jf_wire_t;

/* A message received. */
struct jf_message {
    jf_message_t *next;       /* in a queue */
    jf_frames_t *frames;      /* what came */
    jf_fixed_t fixed;         /* from frame 1 */
    int wrong_code;           /* 0, or the code of the registry that decoding gave */
    const char *wrong;        /* why; a constant */
    uint64_t local_id;        /* what the program sees as the id */
    int64_t received_ms;      /* monotonic clock */
    jf_header_list_t headers; /* of frame 3; names and values end with a zero byte after jf_message_open */
    jf_error_t *failure;      /* of a FAILURE, after jf_message_open; else NULL */
    jf_reply_fn fn;           /* a client's callback for it; NULL: none */
    void *arg;                /* of fn */
};

/* A frame header and the fixed header. */
#define JF_RAW_ALONE_BYTES (JF_RAW_HEADER_BYTES + 2u)

/* 0, or -1 with EINVAL or EMSGSIZE: the service, the parts or their sizes are not allowed. */
int jf_raw_check(const jf_outgoing_t *outgoing, size_t body_bytes_max, jf_error_t *error);

/* Writes the pieces of a message that jf_raw_check lets pass. */
void jf_raw_encode(const jf_outgoing_t *outgoing, jf_wire_t *wire);

/* Writes a message that is nothing but its fixed header. */
void jf_raw_put_alone(uint8_t to[JF_RAW_ALONE_BYTES], const jf_fixed_t *fixed);

/* Reads self->frames into the other fields. A message that breaks the rules has wrong_code set, and the id if known. */
void jf_raw_decode(jf_message_t *self);

#endif
