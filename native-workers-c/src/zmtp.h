/*
 * ZMTP 3.x (RFC 23 and 37), NULL mechanism, as a codec without a socket: the caller reads bytes into the space
 * that the decoder names and takes events out.
 *
 *   greeting   FF | 8 bytes | 7F | major | minor | mechanism, 20 bytes | as-server | 31 zero bytes
 *   frame      flags | length, 1 byte or (flag LONG) 8 bytes, big-endian | bytes
 *   command    a frame with flag COMMAND: name length, 1 byte | name | data
 */
#ifndef JF_ZMTP_H
#define JF_ZMTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "frames.h"

#define JF_ZMTP_GREETING_BYTES 64u
#define JF_ZMTP_MORE 0x01u
#define JF_ZMTP_LONG 0x02u
#define JF_ZMTP_COMMAND 0x04u
#define JF_ZMTP_FRAME_HEADER_BYTES_MAX 9u
#define JF_ZMTP_READY_BYTES_MAX 64u
#define JF_ZMTP_PING_CONTEXT_BYTES_MAX 16u

typedef enum jf_zmtp_kind { JF_ZMTP_EVENT_GREETING, JF_ZMTP_EVENT_COMMAND, JF_ZMTP_EVENT_MESSAGE } jf_zmtp_kind_t;

/* What was decoded. Pointers are valid until the next call to the decoder. */
typedef struct jf_zmtp_event {
    jf_zmtp_kind_t kind;
    unsigned major;      /* GREETING: version of the peer */
    unsigned minor;      /* GREETING */
    char mechanism[21];  /* GREETING: without the padding */
    const uint8_t *name; /* COMMAND */
    size_t name_len;     /* COMMAND, in bytes */
    const uint8_t *data; /* COMMAND: what follows the name */
    size_t data_len;     /* COMMAND, in bytes */
    jf_frames_t *frames; /* MESSAGE: belongs to the caller now */
} jf_zmtp_event_t;

typedef struct jf_zmtp {
    uint8_t *in;             /* bytes read and not yet decoded: in[start] to in[end - 1] */
    size_t start;            /* offset of the first of them */
    size_t end;              /* offset behind the last of them */
    bool greeted;            /* the greeting was decoded */
    size_t frame_bytes_max;  /* limit of one frame */
    size_t message_bytes_max; /* limit of all frames of one message */
    jf_frames_t *partial;    /* the message that is being received; NULL: none begun */
    bool in_frame;           /* a frame of it is not whole yet */
    uint8_t *tail;           /* where the next bytes of that frame go */
    size_t tail_left;        /* bytes of it that are still to come */
    uint64_t skip_left;      /* the same of a frame that is not kept: its message is too large */
    bool more;               /* that frame is not the message's last */
    jf_frames_t *spare;      /* an empty one to use next; may be NULL */
    char fault[96];          /* why jf_zmtp_next gave -1 */
} jf_zmtp_t;

/* -1 and ENOMEM. */
int jf_zmtp_init(jf_zmtp_t *self);
/* Forgets all that was read; limits stay. */
void jf_zmtp_reset(jf_zmtp_t *self);
void jf_zmtp_term(jf_zmtp_t *self);

/* Where to read the next bytes: 1 or 2 pieces, together never empty. After it, jf_zmtp_filled says how many came. */
int jf_zmtp_space(jf_zmtp_t *self, struct iovec space[2]);
void jf_zmtp_filled(jf_zmtp_t *self, size_t len);

/*
 * 1: an event. 0: more bytes are needed. -1 and EPROTO, EMSGSIZE (a limit) or ENOMEM: the connection is lost.
 * A message that is too large because of a frame behind its first is read to its end, so that it can be answered: its
 * frames are too_large then, and lack those that did not fit.
 */
int jf_zmtp_next(jf_zmtp_t *self, jf_zmtp_event_t *event);

/* Gives frames back for the next message, or frees them. */
void jf_zmtp_recycle(jf_zmtp_t *self, jf_frames_t **frames_p);

/* A frame header at to: 2 or 9 bytes, which is the result. flags: MORE, COMMAND or 0. */
size_t jf_zmtp_put_frame_header(uint8_t *to, unsigned flags, size_t len);

/* The greeting of a NULL client. */
void jf_zmtp_put_greeting(uint8_t to[JF_ZMTP_GREETING_BYTES]);

/* The READY command of a DEALER; gives its length. */
size_t jf_zmtp_put_ready(uint8_t to[JF_ZMTP_READY_BYTES_MAX]);

/*
 * The value of a property of READY metadata. 1: found. 0: not there. -1: the metadata are malformed.
 * Property names are compared without regard to case.
 */
int jf_zmtp_property(const uint8_t *data, size_t len, const char *name, const uint8_t **value_p, size_t *value_len_p);

bool jf_zmtp_command_is(const jf_zmtp_event_t *event, const char *name);

#endif
