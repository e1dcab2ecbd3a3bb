/* The life of a received message. */
#ifndef JF_MESSAGE_H
#define JF_MESSAGE_H

#include "raw.h"

/* Takes the frames; frees them and gives NULL when there is no memory. */
jf_message_t *jf_message_new(jf_frames_t **frames_p);

/* Makes it ready for the program: headers become C strings, a FAILURE becomes a jf_error_t. -1 and ENOMEM. */
int jf_message_open(jf_message_t *self);

/* A failure that this side made, for a request that will get no other answer. NULL and ENOMEM. */
jf_message_t *jf_message_new_failure(uint64_t id, const jf_error_t *failure);

/* A queue of messages, first in, first out. All zero: empty. */
typedef struct jf_queue {
    jf_message_t *first;
    jf_message_t *last;
    size_t bytes; /* of all frames in it */
} jf_queue_t;

void jf_queue_push(jf_queue_t *self, jf_message_t *message);
/* At the front: it comes out next. */
void jf_queue_put_back(jf_queue_t *self, jf_message_t *message);
jf_message_t *jf_queue_pop(jf_queue_t *self);
void jf_queue_clear(jf_queue_t *self);

/* Takes out the message with that local id; NULL: it is not there. */
jf_message_t *jf_queue_take(jf_queue_t *self, uint64_t local_id);

#endif
