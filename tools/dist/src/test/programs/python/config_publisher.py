"""The article's configuration centre: config_publisher.py PUBLISH HELLO NAME... It binds both, waits until everybody named has said
hello, and publishes; again and again, for a subscription may take longer than a hello."""

import json
import sys
import time

import zmq

context = zmq.Context()
publisher = context.socket(zmq.PUB)
publisher.bind(sys.argv[1])
server = context.socket(zmq.REP)
server.bind(sys.argv[2])
clients = set(sys.argv[3:])
while clients:
    name = server.recv().decode()
    server.send(b"Version is 2.0" if name in clients else b"You are a stranger!")
    clients.discard(name)
while True:
    publisher.send_string(json.dumps({"taoke_bts": {"enable": True}, "qp_bts": {"enable": True, "tk_test": 13}}))
    time.sleep(0.02)
