"""Single answers of a server, and what the next request is; see faults/ for whole downloads."""

import json
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from faults.range_server import Answer, RangeServer, running
from urbansound.dataset import transfer
from urbansound.dataset.part_file import PartFile, Version
from urbansound.dataset.transfer import Source, fetch
from urbansound.errors import DownloadFailed

CONTENT = bytes(range(256)) * 1000


@pytest.fixture
def part(tmp_path: Path) -> PartFile:
    return PartFile(tmp_path / "a.part")


@pytest.fixture
def server(part: PartFile) -> Iterator[RangeServer]:
    with running(RangeServer(CONTENT, lambda: len(CONTENT))) as server:
        yield server


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between tries, which are noted down and not waited for."""
    pauses: list[float] = []
    monkeypatch.setattr(transfer, "_pause", lambda seconds, part, on_bytes: pauses.append(seconds))
    return pauses


def get(server: RangeServer, part: PartFile, timeout_s: float = 20.0) -> bytes:
    fetch(Source(server.url, len(CONTENT), timeout_s), part, lambda done: None)
    return part.path.read_bytes()


def break_off(answer: Answer) -> None:
    start = answer.begin()
    answer.send(start, start + 1000)


def test_the_rest_is_asked_for_only_if_it_is_of_the_same_version(
    server: RangeServer, part: PartFile, waited: list[float]
) -> None:
    server.acts = [break_off]
    assert get(server, part) == CONTENT
    assert [(visit.start, visit.condition) for visit in server.visits] == [(0, ""), (1000, '"one"')]


def test_another_version_begins_anew(
    server: RangeServer, part: PartFile, waited: list[float]
) -> None:
    part.begin(Version(etag='"older"'))
    part.path.write_bytes(b"?" * 5000)
    assert get(server, part) == CONTENT
    assert part.version() == Version(etag='"one"')
    assert [visit.served for visit in server.visits] == [len(CONTENT)]


@pytest.mark.parametrize(
    ("version", "condition"),
    [
        (Version('"a"', "Mon, 01 Jan 2024 00:00:00 GMT"), '"a"'),
        (Version('W/"a"', "Mon, 01 Jan 2024 00:00:00 GMT"), "Mon, 01 Jan 2024 00:00:00 GMT"),
        (Version('W/"a"'), ""),
        (Version(), ""),
    ],
)
def test_only_what_promises_the_same_bytes_is_a_condition(version: Version, condition: str) -> None:
    assert version.condition == condition


def test_a_date_tells_versions_apart_where_there_is_no_etag() -> None:
    assert Version(modified="a").is_another_than(Version(modified="b"))
    assert not Version('"x"', "a").is_another_than(Version('"x"', "b"))
    assert not Version('"x"').is_another_than(Version(modified="b"))


@pytest.mark.parametrize("note", ["", "{", "[]", '{"etag": 3}', '{"etag": null, "modified": []}'])
def test_a_damaged_note_of_the_version_is_as_none(part: PartFile, note: str) -> None:
    part.path.with_name("a.part.json").write_text(note)
    assert part.version() == Version()


def test_the_version_is_kept_beside_the_bytes_and_goes_with_them(part: PartFile) -> None:
    part.begin(Version('"a"'))
    assert json.loads(part.path.with_name("a.part.json").read_text())["etag"] == '"a"'
    part.remove()
    assert list(part.path.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        ("7", 7, 7),
        ("0", 1, 1),
        ("soon", 1, 1),
        ("-5", 1, 1),
        ("9" * 400, 1, 1),
        (formatdate(946684800, usegmt=True), 1, 1),
        ("Fri, 01 Jan 99999 00:00:00 GMT", 1, 1),
    ],
)
def test_a_server_is_left_alone_as_long_as_it_asks(
    server: RangeServer, part: PartFile, waited: list[float], asked: str, least: int, most: int
) -> None:
    server.acts = [lambda answer: answer.head(429, Retry_After=asked)]
    assert get(server, part) == CONTENT
    assert least <= waited[0] <= most


def test_a_server_that_asks_for_a_day_is_not_waited_for(
    server: RangeServer, part: PartFile, waited: list[float]
) -> None:
    server.acts = [lambda answer: answer.head(503, Retry_After=86400)]
    with pytest.raises(DownloadFailed, match="asks to wait 24 h 0 min"):
        get(server, part)
    assert waited == []


@pytest.mark.parametrize(
    "span", ["bytes 9-{last}/{n}", "bytes 0-{last}/{n}", "words", "", "bytes */*"]
)
def test_an_answer_with_another_part_begins_anew(
    server: RangeServer, part: PartFile, waited: list[float], span: str
) -> None:
    text = span.format(last=len(CONTENT) - 1, n=len(CONTENT))
    part.path.write_bytes(CONTENT[:500])
    server.acts = [lambda answer: answer.head(206, Content_Range=text, Content_Length=0)]
    assert get(server, part) == CONTENT
    assert [visit.start for visit in server.visits] == [500, 0]


@pytest.mark.parametrize(
    ("code", "headers"),
    [
        (202, {"Content_Length": 0}),
        (204, {}),
        (200, {"Content_Type": "text/html; charset=utf-8", "Connection": "close"}),
        (206, {"Content_Type": "TEXT/plain", "Content_Length": 0}),
    ],
)
def test_an_answer_that_says_nothing_of_the_file_costs_nothing_that_was_fetched(
    server: RangeServer, part: PartFile, waited: list[float], code: int, headers: dict[str, Any]
) -> None:
    part.path.write_bytes(CONTENT[:500])
    server.acts = [lambda answer: answer.head(code, **headers)]
    assert get(server, part) == CONTENT
    assert [visit.start for visit in server.visits] == [500, 500]


def test_a_file_of_another_size_is_refused_and_what_was_fetched_is_kept(
    server: RangeServer, part: PartFile, waited: list[float]
) -> None:
    part.path.write_bytes(CONTENT[:500])
    for code in (200, 206):
        headers = {"Content_Length": 99, "Content_Range": f"bytes 500-598/{599}"}
        server.acts = [lambda answer, code=code, h=headers: answer.head(code, **h)]
        with pytest.raises(DownloadFailed, match=f"the dataset has {len(CONTENT):,}"):
            get(server, part)
    assert part.path.read_bytes() == CONTENT[:500]


def test_a_server_whose_file_is_too_short_is_not_asked_for_ever(
    server: RangeServer, part: PartFile, waited: list[float]
) -> None:
    def too_short(answer: Answer) -> None:
        answer.head(200)
        answer.send(0, len(CONTENT) - 1)

    server.last = too_short
    with pytest.raises(DownloadFailed, match="could not be fetched"):
        get(server, part)
    assert len(server.visits) == 6


def test_a_silent_server_is_asked_again(
    server: RangeServer, part: PartFile, waited: list[float]
) -> None:
    server.acts = [lambda answer: answer.stall()]
    assert get(server, part, timeout_s=0.2) == CONTENT


@pytest.mark.parametrize("place", ["http://[nowhere", "file:///etc/passwd", "ftp://127.0.0.1/a"])
def test_a_redirect_to_no_web_address_ends_in_a_sentence(
    server: RangeServer, part: PartFile, waited: list[float], place: str
) -> None:
    server.last = lambda answer: answer.head(302, Location=place, Content_Length=0)
    with pytest.raises(DownloadFailed):
        get(server, part)
