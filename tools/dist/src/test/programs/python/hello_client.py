"""The articles' client in Python: hello_client.py COUNT ADDRESS..., one REQ socket connected to each address."""

import sys

import zmq

context = zmq.Context()
socket = context.socket(zmq.REQ)
for address in sys.argv[2:]:
    socket.connect(address)
for request in range(int(sys.argv[1])):
    socket.send(b"Hello")
    message = socket.recv()
    print(f"Received reply {request}: [{message.decode()}]")
