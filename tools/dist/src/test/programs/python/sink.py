"""The article's sink: sink.py ADDRESS. It binds, and waits for the start of the batch and 100 results."""

import sys

import zmq

context = zmq.Context()
receiver = context.socket(zmq.PULL)
receiver.bind(sys.argv[1])
receiver.recv()
for _ in range(100):
    receiver.recv()
print("100 results", flush=True)
