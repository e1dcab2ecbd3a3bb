"""Reads the golden vectors that the Java, C and Python codecs share; their README gives the format."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

DATA = Path(__file__).resolve().parents[3] / "protocol" / "data"


@dataclass
class Vector:
    name: str
    fields: dict[str, str] = field(default_factory=dict)
    many: dict[str, list[str]] = field(default_factory=dict)

    def number(self, key: str) -> int:
        return int(self.fields[key])

    def text(self, key: str) -> str:
        return empty_if_dash(self.fields[key])

    def bytes_list(self, key: str) -> list[bytes]:
        return [bytes.fromhex(empty_if_dash(value)) for value in self.many.get(key, [])]

    def headers(self) -> dict[str, str]:
        pairs = [line.partition(" ") for line in self.many.get("header", [])]
        return {name: empty_if_dash(value) for name, _, value in pairs}


def empty_if_dash(value: str) -> str:
    return "" if value == "-" else value


_MANY = {"header", "body", "frame", "raw-frame", "problem"}


def read_vectors(file: str, framing: str | None = None) -> list[Vector]:
    vectors: list[Vector] = []
    current: Vector | None = None
    # Lines end in a line feed only: a value may hold characters at which splitlines() would break.
    for line in (DATA / "vectors" / file).read_bytes().decode().split("\n"):
        key, _, value = line.partition(" ")
        if key == "vector":
            assert current is None, f"{file}: {value} begins before the one before it ends"
            current = Vector(value)
        elif current is None:
            assert not line or line.startswith("#"), f"{file}: not understood: {line}"
        elif key == "end":
            vectors.append(current)
            current = None
        elif key in _MANY:
            current.many.setdefault(key, []).append(value)
        elif not line.startswith("#"):
            assert key not in current.fields, f"{file}: {current.name} says {key} twice"
            current.fields[key] = value
    assert current is None, f"{file}: the last vector does not end"
    found = [v for v in vectors if framing is None or v.fields["framing"] == framing]
    assert found, f"{file}: no vectors"
    return found
