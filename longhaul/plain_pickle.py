"""Reads and writes pickles of plain values, without Python's module that runs them.

A pickle is a program for a small machine of a stack and a memo. The machine here knows only the
steps that build numbers, text, bytes, tuples, lists and dicts, as protocols 2 to 5 write them. A
name in the file stays a name: whoever reads says what it stands for, and nothing is imported.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Call = Callable[[str, tuple[Any, ...]], Any]
"""Returns what a name of the file, called with arguments, stands for."""


MOST_NAME_BYTES = 512
"""The size limit of a module's name and of a name in it, in bytes."""


class PickleError(ValueError):
    """The bytes are no pickle of plain values."""


@dataclass(frozen=True)
class Name:
    """A name in a pickle, such as numpy.dtype; it is never looked up, and is text alone."""

    text: str


class Unfinished:
    """What a called name stands for until the file has given its state."""

    def finish(self, state: Any) -> Any:
        """Return the value for a state. Raises PickleError for a state that can't be."""
        raise PickleError(f"a state of {type(self).__name__}")


def loads(data: bytes, call: Call, persistent: Callable[[Any], Any] | None = None) -> Any:
    """Return the value of a pickle. Raises PickleError for anything but plain values.

    `call` says what a name of the file stands for, and raises PickleError for one that it does not
    admit; `persistent` says so of a reference to what lies beside the pickle.
    """
    return loads_first(data, 0, call, persistent)[0]


def loads_first(
    data: bytes, start: int, call: Call, persistent: Callable[[Any], Any] | None = None
) -> tuple[Any, int]:
    """Return the value of the pickle that begins at byte `start`, and the byte behind its end.

    What lies behind it is not looked at. Arguments and errors are those of `loads`.
    """
    try:
        machine = _Machine(data, call, persistent, start)
        return machine.run(), machine.at
    except PickleError:
        raise
    except (IndexError, struct.error, TypeError, ValueError, OverflowError, MemoryError) as error:
        cause = f"{type(error).__name__}: {' '.join(str(error).split())}"
        raise PickleError(f"no whole pickle ({cause})") from None


_MARK = object()
_CONSTANTS = {b"N": None, b"\x88": True, b"\x89": False}
_EMPTY: Mapping[bytes, Callable[[], Any]] = {b"}": dict, b"]": list, b")": tuple}
_NUMBERS = {b"J": "<i", b"K": "<B", b"M": "<H", b"G": ">d"}
_TEXTS = {b"X": "<I", b"\x8c": "<B", b"\x8d": "<Q"}
_BYTES = {b"B": "<I", b"C": "<B", b"\x8e": "<Q", b"\x96": "<Q"}
_OLD_TEXTS = {b"T": "<i", b"U": "<B"}
_PUTS, _GETS = {b"q": "<B", b"r": "<I"}, {b"h": "<B", b"j": "<I"}
_LONGS = {b"\x8a": "<B", b"\x8b": "<i"}
_TUPLES = {b"\x85": 1, b"\x86": 2, b"\x87": 3}
_SKIPPED = {b"\x80": 1, b"\x95": 8}
"""How many bytes follow the number of the protocol and the start of a frame."""
_MADE = {b"\x81": 2, b"\x92": 3}
"""How deep on the stack the class lies of which a step makes an object."""
_OTHER_BUILTINS = {b"\x8f": "builtins.set", b"\x91": "builtins.frozenset"}
"""What other steps would build."""


class _Machine:
    def __init__(
        self,
        data: bytes,
        call: Call,
        persistent: Callable[[Any], Any] | None = None,
        start: int = 0,
    ) -> None:
        self._data, self.at = data, start
        self._call, self._persistent = call, persistent
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def run(self) -> Any:
        while True:
            step = self._take(1)
            if step == b".":
                if len(self._stack) != 1:
                    raise PickleError(f"it ends with {len(self._stack)} values")
                return _settled(self._stack)[0]
            if not (self._pushed(step) or self._built(step)):
                raise PickleError(self._refused(step))

    def _refused(self, step: bytes) -> str:
        """Return what a step that the machine does not know would build, as far as it tells."""
        depth = _MADE.get(step, len(self._stack) + 1)
        made = self._stack[-depth] if depth <= len(self._stack) else None
        known = _OTHER_BUILTINS.get(step) or (made.text if isinstance(made, Name) else None)
        return f"it holds {known}" if known else f"step {step!r} at byte {self.at - 1}"

    def _take(self, count: int) -> bytes:
        if count < 0 or self.at + count > len(self._data):
            raise PickleError("it ends too early")
        self.at += count
        return self._data[self.at - count : self.at]

    def _number(self, form: str) -> Any:
        return struct.unpack(form, self._take(struct.calcsize(form)))[0]

    def _pushed(self, step: bytes) -> bool:
        """Do a step that puts a value on the stack; return False for any other step."""
        value: Any
        if step in _CONSTANTS:
            value = _CONSTANTS[step]
        elif step in _EMPTY:
            value = _EMPTY[step]()
        elif step in _NUMBERS:
            value = self._number(_NUMBERS[step])
        elif step in _TEXTS:
            value = self._take(self._number(_TEXTS[step])).decode("utf-8", "surrogatepass")
        elif step in _BYTES:
            value = self._take(self._number(_BYTES[step]))
        elif step in _OLD_TEXTS:
            value = self._take(self._number(_OLD_TEXTS[step])).decode("ascii")
        elif step in _LONGS:
            value = int.from_bytes(self._take(self._number(_LONGS[step])), "little", signed=True)
        elif step in _GETS:
            value = self._recalled(self._number(_GETS[step]))
        elif step == b"c":
            value = Name(f"{self._line()}.{self._line()}")
        elif step == b"(":
            value = _MARK
        else:
            return False
        self._stack.append(value)
        return True

    def _built(self, step: bytes) -> bool:
        """Do a step that changes the stack or the memo; return False for an unknown step."""
        stack = self._stack
        if step in _SKIPPED:
            self._take(_SKIPPED[step])
        elif step in _PUTS:
            self._memo[self._number(_PUTS[step])] = stack[-1]
        elif step == b"\x94":
            self._memo[len(self._memo)] = stack[-1]
        elif step in _TUPLES:
            stack[-_TUPLES[step] :] = [tuple(_settled(stack[-_TUPLES[step] :]))]
        elif step == b"t":
            stack.append(tuple(self._since_mark()))
        elif step in (b"a", b"e"):
            items = _settled([stack.pop()]) if step == b"a" else self._since_mark()
            self._top(list).extend(items)
        elif step in (b"s", b"u"):
            items = _settled([stack.pop(-2), stack.pop()]) if step == b"s" else self._since_mark()
            self._top(dict).update(zip(items[::2], items[1::2], strict=True))
        elif step == b"\x93":
            name, module = stack.pop(), stack.pop()
            stack.append(Name(f"{module}.{name}"))
        elif step == b"R":
            arguments, name = stack.pop(), self._popped(Name)
            if not isinstance(arguments, tuple):
                raise PickleError("arguments that are no tuple")
            stack.append(self._call(name.text, arguments))
        elif step == b"b":
            state = stack.pop()
            if type(stack[-1]) is not dict:  # of a dict these are attributes, which are no items
                self._finish(state, self._popped(Unfinished))
        elif step == b"Q" and self._persistent is not None:
            stack.append(self._persistent(stack.pop()))
        else:
            return False
        return True

    def _line(self) -> str:
        """Return the text up to the line's end, which a name has. Raises PickleError without it."""
        length = self._data[self.at : self.at + MOST_NAME_BYTES].find(b"\n")
        text = self._take(length).decode()
        self._take(1)
        return text

    def _popped(self, kind: type) -> Any:
        value = self._stack.pop()
        if not isinstance(value, kind):
            raise PickleError(f"{type(value).__name__} in place of {kind.__name__}")
        return value

    def _top(self, kind: type) -> Any:
        if type(self._stack[-1]) is not kind:
            raise PickleError(f"{type(self._stack[-1]).__name__} in place of {kind.__name__}")
        return self._stack[-1]

    def _since_mark(self) -> list[Any]:
        items: list[Any] = []
        while (item := self._stack.pop()) is not _MARK:
            items.append(item)
        return _settled(items[::-1])

    def _recalled(self, number: int) -> Any:
        if number not in self._memo:
            raise PickleError(f"no value {number} in the memo")
        value = self._memo[number]
        if isinstance(value, Unfinished):
            raise PickleError("a value that contains itself")
        return value

    def _finish(self, state: Any, begun: Unfinished) -> None:
        value = begun.finish(state)
        self._stack.append(value)
        for number, held in self._memo.items():
            if held is begun:
                self._memo[number] = value


def _settled(items: list[Any]) -> list[Any]:
    """Return values. Raises PickleError for one whose state the file has not given."""
    for item in items:
        if item is _MARK or isinstance(item, Unfinished):
            raise PickleError("a value without its state")
    return items


def dumps(value: Any) -> bytes:
    """Return a pickle (protocol 3, as numpy.save writes) of dicts, lists, tuples, text, ints,
    floats, bools and None. Raises PickleError for anything else."""
    return b"\x80\x03" + _encoded(value) + b"."


def _encoded(value: Any) -> bytes:
    if value is None or isinstance(value, bool):
        return {None: b"N", True: b"\x88", False: b"\x89"}[value]
    if type(value) is int and -(2**31) <= value < 2**31:
        return b"J" + struct.pack("<i", value)
    if type(value) is float:
        return b"G" + struct.pack(">d", value)
    if type(value) is str:
        text = value.encode("utf-8", "surrogatepass")
        return b"X" + struct.pack("<I", len(text)) + text
    if type(value) is bytes:
        return b"B" + struct.pack("<I", len(value)) + value
    if type(value) is tuple:
        return b"(" + b"".join(map(_encoded, value)) + b"t"
    if type(value) is list:
        return b"](" + b"".join(map(_encoded, value)) + b"e"
    if type(value) is dict:
        pairs = b"".join(_encoded(item) for pair in value.items() for item in pair)
        return b"}(" + pairs + b"u"
    if isinstance(value, Name):
        module, _, name = value.text.rpartition(".")
        return f"c{module}\n{name}\n".encode()
    if isinstance(value, Called):
        state = b"" if value.state is None else _encoded(value.state) + b"b"
        return _encoded(value.name) + _encoded(value.arguments) + b"R" + state
    raise PickleError(f"{type(value).__name__} is no plain value")


@dataclass(frozen=True)
class Called:
    """A value that a reader makes by calling a name of its own, such as an array of numpy's."""

    name: Name
    arguments: tuple[Any, ...]
    state: tuple[Any, ...] | None = None
