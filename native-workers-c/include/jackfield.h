/* libjackfield: clients and workers of a Jackfield broker, in C11, over nothing but a socket. */
#ifndef JACKFIELD_H
#define JACKFIELD_H

#include "jackfield/client.h"
#include "jackfield/worker.h"

#endif
