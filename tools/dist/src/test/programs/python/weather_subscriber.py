"""The article's weather client: weather_subscriber.py ADDRESS. It takes 10 updates of one place."""

import sys

import zmq

context = zmq.Context()
subscriber = context.socket(zmq.SUB)
subscriber.connect(sys.argv[1])
subscriber.setsockopt(zmq.SUBSCRIBE, b"10001")
updates = [subscriber.recv().split() for _ in range(10)]
assert {update[0] for update in updates} == {b"10001"}, updates
print("Average temperature", sum(int(update[1]) for update in updates) // len(updates))
