"""A worker that says whether a number is prime: the number itself if it is, else its smallest divisor.

    python3 is_prime_worker.py --connect tcp://127.0.0.1:5555 --service is-prime-py

The request is a whole number in decimal digits, alone or as ``possible_prime=NUMBER``. Prints ``ready`` when the broker
has registered it. SIGTERM: it finishes what it has, and ends with exit code 0.
"""

import argparse
import logging
import os
import re

from jackfield import ErrorCode, Failure, Request, Worker

NUMBER_MIN = 2
NUMBER_MAX = 2**63 - 1
# Odd candidates tried between two looks at whether anybody still waits: some milliseconds.
TRIES_PER_LOOK = 50_000
# As bases of the Miller-Rabin test these decide every number below 3.3e24.
WITNESSES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)


def is_prime(request: Request) -> str:
    number = read_number(request.text)
    return str(number if passes_miller_rabin(number) else smallest_divisor(number, request))


def read_number(text: str) -> int:
    match = re.fullmatch(r"\s*(?:possible_prime=)?([0-9]{1,19})\s*", text, re.ASCII)
    if match is None or not NUMBER_MIN <= int(match[1]) <= NUMBER_MAX:
        raise Failure(
            ErrorCode.BAD_REQUEST,
            f"number: {text[:40]!r} (expected: {NUMBER_MIN} to {NUMBER_MAX})",
            hint="send decimal digits, for example 32416190071",
        )
    return int(match[1])


def passes_miller_rabin(number: int) -> bool:
    if number in WITNESSES:
        return True
    if number % 2 == 0:
        return False
    odd = number - 1
    halvings = (odd & -odd).bit_length() - 1
    odd >>= halvings
    return all(is_probable_prime_to(base, number, odd, halvings) for base in WITNESSES)


def is_probable_prime_to(base: int, number: int, odd: int, halvings: int) -> bool:
    power = pow(base, odd, number)
    if power in (1, number - 1):
        return True
    for _ in range(halvings - 1):
        power = power * power % number
        if power == number - 1:
            return True
    return False


def smallest_divisor(composite: int, request: Request) -> int:
    if composite % 2 == 0:
        return 2
    first = 3
    while True:
        for divisor in range(first, first + 2 * TRIES_PER_LOOK, 2):
            if composite % divisor == 0:
                return divisor
        first += 2 * TRIES_PER_LOOK
        if request.cancelled:
            raise Failure(ErrorCode.DEADLINE_EXCEEDED, f"no divisor of {composite} below {first} found in time")


def main() -> None:
    parser = argparse.ArgumentParser(description="Say whether a number is prime.")
    broker = os.environ.get("JACKFIELD_CONNECT", "tcp://127.0.0.1:5555")
    parser.add_argument("--connect", default=broker, help="the broker's endpoint (%(default)s)")
    parser.add_argument("--service", default="is-prime-py", help="the name to serve under (%(default)s)")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO)  # to stderr: stdout has the one line `ready`

    worker = Worker(options.connect)
    worker.add(options.service, is_prime, idempotent=True)
    worker.run(on_ready=lambda: print("ready", flush=True))


if __name__ == "__main__":
    main()
