from __future__ import annotations

import types

import jackfield


def test_all_lists_exactly_the_public_names_in_order() -> None:
    public = [
        name
        for name, value in vars(jackfield).items()
        if name == "__version__" or not (name.startswith("_") or isinstance(value, types.ModuleType))
    ]

    assert jackfield.__all__ == sorted(public)


def test_every_public_class_and_method_says_what_it_does() -> None:
    for name in jackfield.__all__:
        value = getattr(jackfield, name)
        if isinstance(value, type):
            assert value.__doc__, name
            for member, function in vars(value).items():
                if isinstance(function, types.FunctionType) and not member.startswith("_"):
                    assert function.__doc__, f"{name}.{member}"
