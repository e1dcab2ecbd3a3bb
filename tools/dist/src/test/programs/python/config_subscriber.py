"""The article's subscriber of pushed configuration: config_subscriber.py PUBLISHED HELLO NAME."""

import json
import sys

import zmq

context = zmq.Context()
subscriber = context.socket(zmq.SUB)
subscriber.connect(sys.argv[1])
subscriber.setsockopt(zmq.SUBSCRIBE, b"")
client = context.socket(zmq.REQ)
client.connect(sys.argv[2])
client.send(sys.argv[3].encode())
print(client.recv().decode())
print("taoke_bts", str(json.loads(subscriber.recv())["taoke_bts"]["enable"]).lower())
