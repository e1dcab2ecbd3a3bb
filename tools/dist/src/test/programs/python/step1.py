"""The article's first step of three, on PAIR sockets: step1.py ADDRESS."""

import sys

import zmq

context = zmq.Context()
sender = context.socket(zmq.PAIR)
sender.connect(sys.argv[1])
sender.send(b"hello ,i am step1")
sender.close()
context.term()
