"""The article's last step, on PAIR sockets: step3.py ADDRESS. It binds."""

import sys

import zmq

context = zmq.Context()
receiver = context.socket(zmq.PAIR)
receiver.bind(sys.argv[1])
print("step3 recv: is", receiver.recv().decode())
