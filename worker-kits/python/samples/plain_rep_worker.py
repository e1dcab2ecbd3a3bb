"""A worker without the kit: a REP socket that connects, receives and sends. Any ZeroMQ program will do.

    python3 plain_rep_worker.py --connect tcp://127.0.0.1:5560 --service upper

A plain worker cannot say what it serves: the broker's endpoint has a ``service``, and ``--service`` is only what this
program writes in its log. Prints ``ready`` when the connection stands. SIGTERM: it answers the request that it has, and
ends with exit code 0. It has no way to tell the broker before, so a request that is on its way then is lost, or is
given to another worker where its service is idempotent.
"""

import argparse
import logging
import signal
import socket

import zmq

log = logging.getLogger("plain-rep-worker")

GOODBYE_MS = 1000


def serve(requests: zmq.Socket[bytes], monitor: zmq.Socket[bytes], stop: socket.socket) -> None:
    poller = zmq.Poller()
    for source in (requests, monitor, stop):
        poller.register(source, zmq.POLLIN)
    while True:
        readable = dict(poller.poll())
        if requests in readable:
            requests.send_multipart([part.upper() for part in requests.recv_multipart()])
        if monitor in readable:
            monitor.recv_multipart()
            poller.unregister(monitor)
            print("ready", flush=True)
        if stop.fileno() in readable:
            return


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve text in capital letters, over a REP socket.")
    parser.add_argument("--connect", default="tcp://127.0.0.1:5560", help="the broker's endpoint (%(default)s)")
    parser.add_argument("--service", default="upper", help="what the log calls it; the endpoint decides (%(default)s)")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO)  # to stderr: stdout has the one line `ready`

    # A signal writes a byte here, so that poll wakes up and a request is never cut in two.
    stop, wake = socket.socketpair()
    wake.setblocking(False)
    signal.set_wakeup_fd(wake.fileno())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)

    with zmq.Context() as context, context.socket(zmq.REP) as requests:
        requests.setsockopt(zmq.LINGER, GOODBYE_MS)
        monitor = requests.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
        requests.connect(options.connect)
        log.info("serving %s at %s", options.service, options.connect)
        serve(requests, monitor, stop)
        requests.disable_monitor()
        monitor.close(0)
    log.info("done")


if __name__ == "__main__":
    main()
