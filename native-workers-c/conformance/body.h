/* How agents write bodies on a line: docs/CONFORMANCE.md. */
#ifndef BODY_H
#define BODY_H

#include <jackfield.h>

#define BODY_PARTS_MAX 16

typedef struct body {
    jf_part_t parts[BODY_PARTS_MAX];
    size_t count;
} body_t;

/* The parts that a line asks to send; changes the text. False when there is no memory or the text is wrong. */
bool body_parse(char *spec, body_t *body);
void body_free(body_t *body);

/* Prints what stands for the parts of a message. */
void body_tell(const jf_message_t *message);

#endif
