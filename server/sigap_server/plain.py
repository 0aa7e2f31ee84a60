"""Dataclasses as JSON types and back, strictly: what was written is what is read, anything else is an error.

Fields may be int, float, bool, str, a StrEnum, dict[str, int], another dataclass, a tuple of one of these, or None.
"""

import math
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
Reader = Callable[[str, object], object]


class PlainError(ValueError):
    """Names the field, what was found and what was expected."""


def to_plain(value: object) -> Any:
    """The value in types that JSON has."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, dict):
        return dict(value)
    if is_dataclass(value):
        return {name: to_plain(getattr(value, name)) for name in _names(cast(Any, type(value)))}
    return value


def from_plain(cls: type[T], data: object, what: str = "") -> T:
    """The dataclass that `to_plain` took. A field with a default may be missing: it is younger than the record.

    Raises PlainError; `what` names the record in its message.
    """
    prefix = what + "." if what else ""
    if not isinstance(data, dict):
        raise PlainError(f"{what or cls.__name__} is {data!r:.80}, expected an object")
    readers = _readers(cast(Any, cls))
    for name in data:
        if name not in readers:
            raise PlainError(f"{prefix}{name} is unknown, expected one of: {', '.join(readers)}")
    values = {}
    for name, (reader, required) in readers.items():
        if name in data:
            values[name] = reader(prefix + name, data[name])
        elif required:
            raise PlainError(f"{prefix}{name} is missing")
    return cls(**values)


@cache
def _names(cls: type[object]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(cast(Any, cls)))


@cache
def _readers(cls: type[object]) -> dict[str, tuple[Reader, bool]]:
    hints = get_type_hints(cls)
    return {field.name: (_reader(hints[field.name]), _required(field)) for field in fields(cast(Any, cls))}


def _required(field: "Field[object]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _reader(hint: Any) -> Reader:
    if isinstance(hint, UnionType):
        (inner,) = (part for part in get_args(hint) if part is not NoneType)
        read = _reader(inner)
        return lambda name, value: None if value is None else read(name, value)
    if get_origin(hint) is tuple:
        return _tuple_reader(_reader(get_args(hint)[0]))
    if get_origin(hint) is dict:
        return _counts
    if hint is float:
        return _number
    if hint in (int, bool, str):
        return _exactly(hint)
    if issubclass(hint, StrEnum):
        return _member_of(hint)
    return lambda name, value: from_plain(hint, value, name)


def _exactly(cls: type[object]) -> Reader:
    def read(name: str, value: object) -> object:
        if type(value) is not cls:
            raise PlainError(f"{name} is {value!r:.80}, expected {cls.__name__}")
        return value

    return read


def _number(name: str, value: object) -> float:
    if type(value) not in (int, float) or not math.isfinite(cast(float, value)):
        raise PlainError(f"{name} is {value!r:.80}, expected a number")
    return float(cast(float, value))


def _member_of(cls: type[StrEnum]) -> Reader:
    def read(name: str, value: object) -> StrEnum:
        if type(value) is str and value in cls.__members__.values():
            return cls(value)
        raise PlainError(f"{name} is {value!r:.80}, expected one of: {', '.join(cls)}")

    return read


def _tuple_reader(reader: Reader) -> Reader:
    def read(name: str, value: object) -> tuple[object, ...]:
        if not isinstance(value, list):
            raise PlainError(f"{name} is {value!r:.80}, expected a list")
        return tuple(reader(f"{name}[{i}]", item) for i, item in enumerate(value))

    return read


def _counts(name: str, value: object) -> dict[str, int]:
    if not isinstance(value, dict) or any(type(k) is not str or type(n) is not int for k, n in value.items()):
        raise PlainError(f"{name} is {value!r:.80}, expected an object of whole numbers")
    return dict(value)
