"""Event logs in XES (IEEE 1849), plain or gzip-compressed, as input formats.

| format | one row per | columns |
| --- | --- | --- |
| `xes` | trace | the trace's attributes |
| `xes-events` | event | the event's attributes, and the trace's with `case:` before them |

The log is parsed as a stream, so its size does not matter. A document type declaration is
refused at its first character: XES has none, and it is where XML hides entities that
expand without bound or name other files. For the same reason no single value may be
larger than `LARGEST_VALUE`. Attributes of attributes are left out.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from kaocheng.errors import InputError
from kaocheng.journal.files import opened
from kaocheng.journal.formats import InputFormat, Progress, Row
from kaocheng.journal.texts import Message, Text
from kaocheng.model.events import Unreadable

LARGEST_VALUE = 16 * 1024 * 1024
CASE_PREFIX = "case:"

NOT_XML = Message(
    "not_xml", "the log is not well-formed XML: {why}", "日志不是格式良好的 XML：{why}"
)
OTHER_ENCODING = Message(
    "other_encoding",
    "the log declares an encoding that is not read here; save it as UTF-8",
    "日志声明的编码无法读取，请另存为 UTF-8",
)
CUT_SHORT = Message("cut_short", "the log ends before it is complete", "日志内容不完整，中途结束")
NOT_GZIP = Message(
    "not_gzip",
    "the file is named `.gz`, but is not compressed with gzip",
    "文件名为 `.gz`，但并非 gzip 压缩文件",
)
BROKEN_GZIP = Message(
    "broken_gzip",
    "the compressed data are damaged from here on",
    "自此处起压缩数据已损坏",
)
NOT_A_LOG = Message(
    "not_a_log",
    "the file is not an XES log: its first element is `{seen}`, not `log`",
    "文件不是 XES 日志：首个元素为 `{seen}`，而非 `log`",
)
HAS_DOCTYPE = Message(
    "has_doctype",
    "the log has a document type declaration, which XES does not allow and which is not safe",
    "日志含文档类型声明，XES 不允许且不安全",
)
TOO_LARGE = Message(
    "value_too_large",
    "one value of the log is larger than {most} MB",
    "日志中有单个值超过 {most} MB",
)
TOO_DEEP = Message(
    "elements_too_deep",
    "the elements of the log are nested more than {most} levels deep",
    "日志元素嵌套超过 {most} 层",
)
SAME_ATTRIBUTE = Message(
    "same_attribute",
    "the {element} has the attribute `{key}` twice",
    "`{element}` 的属性 `{key}` 重复出现",
)
NO_KEY = Message(
    "no_attribute_key",
    "an attribute of the {element} has no key or no value",
    "`{element}` 有属性缺少键或值",
)

# What the parser says is wrong, as a person would.
_SAID: Mapping[str, Text] = {
    "not well-formed (invalid token)": Text("invalid character", "此处有无效的字符"),
    "mismatched tag": Text("mismatched tag", "起止标签不匹配"),
    "junk after document element": Text("junk after the log", "日志结束之后还有内容"),
    "undefined entity": Text("undefined entity", "引用了未定义的实体"),
    "duplicate attribute": Text("duplicate attribute", "同一属性写了两次"),
    "reference to invalid character number": Text(
        "reference to an invalid character", "引用了无效的字符"
    ),
    "encoding specified in XML declaration is incorrect": Text(
        "it is not in the encoding that it declares", "与所声明的编码不符"
    ),
    "XML or text declaration not at start of entity": Text(
        "something stands before the XML declaration", "XML 声明之前还有内容"
    ),
}

_GZIP_START = b"\x1f\x8b"
_CHUNK = 64 * 1024
_ATTRIBUTES = frozenset({"string", "date", "int", "float", "boolean", "id"})
_MOST_LEVELS = 100
_ENDED_EARLY = frozenset(
    {
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    }
)


def read_traces(path: Path, on_progress: Progress) -> Iterator[Row | Unreadable]:
    """A row per trace, with its attributes; progress is in bytes of the file."""
    for trace in _traces(path, on_progress):
        yield _row(trace)


def read_events(path: Path, on_progress: Progress) -> Iterator[Row | Unreadable]:
    """A row per event, with its own attributes and those of its trace."""
    for trace in _traces(path, on_progress):
        if trace.wrong is not None:
            yield trace.wrong
            continue
        shared = {f"{CASE_PREFIX}{key}": value for key, value in trace.attributes.items()}
        for event in trace.events:
            yield event.wrong or (event.place, {**shared, **event.attributes})


def _row(element: _Element) -> Row | Unreadable:
    return element.wrong or (element.place, element.attributes)


class _Element:
    """A trace or an event: where it begins, its attributes, and what is wrong with them."""

    __slots__ = ("attributes", "events", "name", "place", "wrong")

    def __init__(self, name: str, place: str) -> None:
        self.name = name
        self.place = place
        self.attributes: dict[str, str] = {}
        self.events: list[_Element] = []
        self.wrong: Unreadable | None = None

    def add(self, attribute: Mapping[str, str]) -> None:
        """Keep one attribute."""
        key, value = attribute.get("key"), attribute.get("value")
        if key is None or value is None:
            self.wrong = NO_KEY.unreadable(self.place, element=self.name)
        elif key in self.attributes:
            self.wrong = SAME_ATTRIBUTE.unreadable(self.place, element=self.name, key=key)
        else:
            self.attributes[key] = value


class _Log:
    """Takes the elements of a log as the parser meets them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stack: list[str] = []
        self._open: list[_Element] = []
        self._done: list[_Element] = []
        self._fed = 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, chunk: bytes) -> list[_Element]:
        """The traces that end in the next piece of the log; an empty piece is its end."""
        try:
            self._parser.Parse(chunk, not chunk)
        except expat.ExpatError as error:
            raise self._not_xml(error) from error
        except InputError:
            raise
        except (LookupError, ValueError) as error:
            raise self.refusal(OTHER_ENCODING) from error
        self._fed += len(chunk)
        if self._fed - max(self._parser.CurrentByteIndex, 0) > LARGEST_VALUE:
            raise self.refusal(TOO_LARGE, most=str(LARGEST_VALUE // 1024**2))
        done, self._done = self._done, []
        return done

    def refusal(self, message: Message, **values: str) -> InputError:
        """The message about the whole log, at the place that the parser has reached."""
        return message.refusal(self._place(column=True), **values)

    def _place(self, *, column: bool = False) -> str:
        line = f"{self._path}:{self._parser.CurrentLineNumber}"
        return f"{line}:{self._parser.CurrentColumnNumber + 1}" if column else line

    def _not_xml(self, error: expat.ExpatError) -> InputError:
        place = f"{self._path}:{error.lineno}:{error.offset + 1}"
        why = expat.ErrorString(error.code)
        if why in _ENDED_EARLY:
            return CUT_SHORT.refusal(place)
        return NOT_XML.refusal(place, why=_SAID.get(why, Text(why, why)))

    def _doctype(self, *_declared: object) -> None:
        raise self.refusal(HAS_DOCTYPE)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        stack = self._stack
        name = tag.rpartition(":")[2]
        if not stack and name != "log":
            raise self.refusal(NOT_A_LOG, seen=name)
        if len(stack) == _MOST_LEVELS:
            raise self.refusal(TOO_DEEP, most=str(_MOST_LEVELS))
        parent = stack[-1] if stack else ""
        stack.append(name)
        if (parent, name) in {("log", "trace"), ("trace", "event")}:
            self._open.append(_Element(name, self._place()))
        elif name in _ATTRIBUTES and self._open and parent == self._open[-1].name:
            self._open[-1].add(attributes)

    def _end(self, _tag: str) -> None:
        name = self._stack.pop()
        if not self._open or len(self._stack) != len(self._open) or name != self._open[-1].name:
            return
        element = self._open.pop()
        if self._open:
            self._open[-1].events.append(element)
        else:
            self._done.append(element)


def _traces(path: Path, on_progress: Progress) -> Iterator[_Element]:
    log = _Log(path)
    total = path.stat().st_size if path.exists() else None
    with opened(path) as file:
        stream = _unpacked(path, file)
        while chunk := _next_chunk(log, stream):
            yield from log.feed(chunk)
            on_progress(file.tell(), total)
        yield from log.feed(b"")


def _unpacked(path: Path, file: BinaryIO) -> BinaryIO | gzip.GzipFile:
    is_gzip = file.read(len(_GZIP_START)) == _GZIP_START
    file.seek(0)
    if is_gzip:
        return gzip.GzipFile(fileobj=file)
    if path.suffix.lower() == ".gz":
        raise NOT_GZIP.refusal(str(path))
    return file


def _next_chunk(log: _Log, stream: BinaryIO | gzip.GzipFile) -> bytes:
    try:
        return stream.read(_CHUNK)
    except EOFError as error:
        raise log.refusal(CUT_SHORT) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise log.refusal(BROKEN_GZIP) from error


XES = InputFormat(name="xes", suffixes=(".xes", ".xes.gz"), read_rows=read_traces)
XES_EVENTS = InputFormat(name="xes-events", suffixes=(), read_rows=read_events)
