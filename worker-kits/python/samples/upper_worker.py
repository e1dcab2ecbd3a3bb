"""A worker that turns text into capital letters.

    python3 upper_worker.py --connect tcp://127.0.0.1:5555 --service upper

Prints ``ready`` when the broker has registered it. SIGTERM: it finishes what it has, and ends with exit code 0.
"""

import argparse
import logging
import os

from jackfield import Reply, Request, Worker


def upper(request: Request) -> Reply:
    return Reply(request.text.upper(), content_type="text/plain; charset=utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve text in capital letters.")
    broker = os.environ.get("JACKFIELD_CONNECT", "tcp://127.0.0.1:5555")
    parser.add_argument("--connect", default=broker, help="the broker's endpoint (%(default)s)")
    parser.add_argument("--service", default="upper", help="the name to serve under (%(default)s)")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO)  # to stderr: stdout has the one line `ready`

    worker = Worker(options.connect)
    worker.add(options.service, upper, idempotent=True)
    worker.run(on_ready=lambda: print("ready", flush=True))


if __name__ == "__main__":
    main()
