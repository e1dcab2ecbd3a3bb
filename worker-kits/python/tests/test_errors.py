from __future__ import annotations

import pytest

import jackfield
from jackfield import ErrorCode, Failure, JackfieldError, RequestFailed
from jackfield._errors import request_failed
from vectors import DATA


def test_the_registry_is_the_one_that_all_languages_share() -> None:
    lines = (DATA / "error-codes.tsv").read_text(encoding="utf-8").splitlines()
    shared = [line.split("\t") for line in lines if line and not line.startswith("#")]

    assert [
        [str(int(c)), c.name, c.category, "yes" if c.retryable else "no", str(c.http_status), c.text] for c in ErrorCode
    ] == shared


def test_a_known_code_gives_its_own_exception_and_all_that_the_broker_said() -> None:
    failed = request_failed(7, "the queue is full", hint="try later", retry_after_ms=100)

    assert type(failed) is jackfield.Overloaded
    assert (failed.code, failed.name, failed.cause) == (7, "OVERLOADED", "the queue is full")
    assert (failed.hint, failed.retry_after_ms, failed.retryable) == ("try later", 100, True)
    assert str(failed) == "7 OVERLOADED: the queue is full (try later)"


def test_a_code_newer_than_the_kit_is_a_plain_request_failed() -> None:
    failed = request_failed(60000, "something new")

    assert type(failed) is RequestFailed
    assert (failed.code, failed.name, failed.retryable) == (60000, "CODE_60000", False)


def test_a_handler_can_fail_only_with_a_code_of_the_registry() -> None:
    with pytest.raises(ValueError, match="60000"):
        Failure(60000, "no such code")


def test_every_exception_has_the_one_root() -> None:
    exceptions = [e for e in vars(jackfield).values() if isinstance(e, type) and issubclass(e, Exception)]

    assert len(exceptions) > 10
    assert all(issubclass(e, JackfieldError) for e in exceptions)
