"""The third article's worker: tu_worker.py REQUESTS REPLIES. What stands before the request goes back before the reply."""

import sys

import zmq

context = zmq.Context()
receiver = context.socket(zmq.PULL)
receiver.connect(sys.argv[1])
sender = context.socket(zmq.PUSH)
sender.connect(sys.argv[2])
while True:
    token, request = receiver.recv_multipart()
    sender.send_multipart([token, b"World from tu after " + request])
