"""The article's worker of a pipeline: task_worker.py TASKS RESULTS."""

import sys
import time

import zmq

context = zmq.Context()
receiver = context.socket(zmq.PULL)
receiver.connect(sys.argv[1])
sender = context.socket(zmq.PUSH)
sender.connect(sys.argv[2])
while True:
    task = receiver.recv()
    time.sleep(int(task) / 100_000)
    sender.send(b"")
