/* What a link does with its socket: shared by link.c and link_io.c only. */
#ifndef JF_LINK_IO_H
#define JF_LINK_IO_H

#include "link.h"

/* Reads what has come and deals with it. -1: the connection is gone. */
int jf_link_read(jf_link_t *self);

/* Reads what has come and throws it away; closes at the end of the connection. */
void jf_link_read_away(jf_link_t *self);

/* Queues a greeting, a command or a whole small message, and writes what fits. -1: the connection is gone. */
int jf_link_put_control(jf_link_t *self, const uint8_t *bytes, size_t len);

/* Writes queued control bytes as far as the socket takes them. -1: the connection is gone. */
int jf_link_flush(jf_link_t *self);

#endif
