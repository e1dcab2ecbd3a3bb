"""The articles' server in Python: hello_worker.py connect|bind ADDRESS NAME."""

import sys

import zmq

context = zmq.Context()
socket = context.socket(zmq.REP)
if sys.argv[1] == "bind":
    socket.bind(sys.argv[2])
else:
    socket.connect(sys.argv[2])
while True:
    socket.recv()
    socket.send(b"World from " + sys.argv[3].encode())
