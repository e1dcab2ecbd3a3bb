"""The article's weather server: weather_publisher.py ADDRESS. It binds, and publishes until it is stopped."""

import random
import sys
import time

import zmq

context = zmq.Context()
publisher = context.socket(zmq.PUB)
publisher.bind(sys.argv[1])
while True:
    for zipcode in ("10001", "20002"):
        publisher.send(f"{zipcode} {random.randint(-80, 135)} {random.randint(10, 60)}".encode())
    time.sleep(0.005)
