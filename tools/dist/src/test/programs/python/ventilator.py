"""The article's ventilator: ventilator.py ADDRESS. It binds, and ends when its tasks have gone."""

import sys

import zmq

context = zmq.Context()
sender = context.socket(zmq.PUSH)
sender.bind(sys.argv[1])
sender.send(b"0")  # the start of the batch
for task in range(1, 101):
    sender.send(str(task).encode())
sender.close()
context.term()
