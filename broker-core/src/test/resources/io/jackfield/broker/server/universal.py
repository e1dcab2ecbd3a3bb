"""Every libzmq socket type on one port of a broker: universal.py ADDRESS. Exits with 0 if all is as it should be."""

import sys
import threading
import time

import zmq

WAIT_S = 20
address = sys.argv[1]
context = zmq.Context()


def connected(kind, **options):
    socket = context.socket(kind)
    socket.RCVTIMEO = socket.SNDTIMEO = WAIT_S * 1000
    socket.LINGER = 0
    for name, value in options.items():
        setattr(socket, name, value)
    socket.connect(address)
    return socket


def expect(what, found, wanted):
    if found != wanted:
        sys.exit("%s: %r (expected: %r)" % (what, found, wanted))


def requests():
    req, dealer = connected(zmq.REQ), connected(zmq.DEALER)
    rep, router = connected(zmq.REP), connected(zmq.ROUTER)
    req.send(b"question")
    dealer.send_multipart([b"question", b"in two parts"])
    poller = zmq.Poller()
    poller.register(rep, zmq.POLLIN)
    poller.register(router, zmq.POLLIN)
    answered = 0
    while answered < 2:
        ready = poller.poll(WAIT_S * 1000)
        if not ready:
            sys.exit("no worker was given a request")
        for worker, _ in ready:
            message = worker.recv_multipart()
            worker.send_multipart([frame.replace(b"question", b"answer") for frame in message])
            answered += 1
    expect("REQ", req.recv_multipart(), [b"answer"])
    expect("DEALER", dealer.recv_multipart(), [b"answer", b"in two parts"])
    for socket in (req, dealer, rep, router):
        socket.close()


def publish(subscriber_first):
    if subscriber_first:
        sub, xsub = connected(zmq.SUB, SUBSCRIBE=b"news"), connected(zmq.XSUB)
        xsub.send(b"\1sport")
    pub, xpub = connected(zmq.PUB), connected(zmq.XPUB)
    if not subscriber_first:
        sub, xsub = connected(zmq.SUB, SUBSCRIBE=b"news"), connected(zmq.XSUB)
        xsub.send(b"\1sport")
    expect("asked of XPUB", sorted([xpub.recv(), xpub.recv()]), [b"\1news", b"\1sport"])

    xpub.send_multipart([b"news", b"from XPUB"])
    expect("SUB", sub.recv_multipart(), [b"news", b"from XPUB"])
    xpub.send_multipart([b"weather", b"nobody wants it"])
    xpub.send_multipart([b"sports", b"from XPUB"])
    expect("XSUB", xsub.recv_multipart(), [b"sports", b"from XPUB"])

    # A PUB does not say when it has been asked: it drops what it is given before.
    sub.RCVTIMEO = 50
    deadline = time.monotonic() + WAIT_S
    heard = None
    while heard is None and time.monotonic() < deadline:
        pub.send_multipart([b"news", b"from PUB"])
        try:
            heard = sub.recv_multipart()
        except zmq.Again:
            heard = None
    expect("SUB", heard, [b"news", b"from PUB"])

    sub.unsubscribe(b"news")
    expect("taken back", xpub.recv(), b"\0news")
    xsub.close()
    expect("taken back with its peer", xpub.recv(), b"\0sport")
    for socket in (sub, pub, xpub):
        socket.close()


def tasks(count, puller_first):
    taken = []
    done = threading.Event()

    def pull():
        sink = connected(zmq.PULL, RCVHWM=10)
        for _ in range(count):
            taken.append(int(sink.recv().split()[0]))
        sink.close()
        done.set()

    worker = threading.Thread(target=pull, daemon=True)
    if puller_first:
        worker.start()
    ventilator = connected(zmq.PUSH, SNDHWM=10)
    if not puller_first:
        # More than fits anywhere: it must be held back, and not be dropped.
        blocked = False
        ventilator.SNDTIMEO = 500
    sent = 0
    while sent < count:
        try:
            ventilator.send(b"%d %s" % (sent, b"x" * 10000))
            sent += 1
        except zmq.Again:
            if puller_first or blocked:
                sys.exit("the ventilator is held back at %d of %d" % (sent, count))
            blocked = True
            ventilator.SNDTIMEO = WAIT_S * 1000
            worker.start()
    if not puller_first:
        expect("the ventilator was held back", blocked, True)
    ventilator.close(linger=WAIT_S * 1000)
    if not done.wait(2 * WAIT_S):
        sys.exit("tasks taken: %d of %d" % (len(taken), count))
    expect("tasks", taken, list(range(count)))


def gone():
    """A ventilator that ends before anybody pulls; more than the queue takes, less than the sockets' buffers."""
    own = zmq.Context()
    ventilator = own.socket(zmq.PUSH)
    ventilator.connect(address)
    for i in range(1000):
        ventilator.send(b"%d" % i)
    ventilator.close(linger=WAIT_S * 1000)
    own.term()
    sink = connected(zmq.PULL)
    for i in range(1000):
        expect("task of one that is gone", sink.recv(), b"%d" % i)
    sink.close()


def pair():
    one = connected(zmq.PAIR)
    one.send(b"early")
    two = connected(zmq.PAIR)
    # Whichever came first, each gets what the other sent.
    expect("PAIR", two.recv(), b"early")
    two.send_multipart([b"back", b""])
    expect("PAIR", one.recv_multipart(), [b"back", b""])
    one.close()
    two.close()


requests()
publish(True)
publish(False)
tasks(2000, True)
tasks(5000, False)
gone()
pair()
context.destroy(linger=0)
print("all eleven with libzmq " + zmq.zmq_version())
