"""An answer's headers are believed only as far as they make sense."""

import httpx
import pytest

from convert.answers import LONGEST_PAUSE, asked_pause, part_begin, validator, whole_size


@pytest.mark.parametrize(
    ("given", "begin", "whole"),
    [
        ("bytes 10-19/20", 10, 20),
        ("bytes 10-19/*", 10, None),
        ("bytes */20", None, 20),
        ("items 10-19/20", None, None),
        ("bytes ten-19/20", None, None),
        (f"bytes 10-19/{'9' * 5000}", 10, None),
        ("", None, None),
    ],
)
def test_a_content_range_is_read_or_ignored(given, begin, whole):
    response = httpx.Response(206, headers={"Content-Range": given})
    assert (part_begin(response), whole_size(response)) == (begin, whole)


@pytest.mark.parametrize(("given", "size"), [("20", 20), ("-1", None), ("²", None), ("", None)])
def test_a_content_length_is_a_whole_number_or_unknown(given, size):
    response = httpx.Response(200, headers={"Content-Length": given.encode()})
    assert whole_size(response) == size


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ({"ETag": '"a"', "Last-Modified": "yesterday"}, '"a"'),
        ({"ETag": 'W/"a"', "Last-Modified": "yesterday"}, "yesterday"),
        ({"ETag": 'W/"a"'}, None),
        ({}, None),
    ],
)
def test_only_a_strong_version_is_named(headers, named):
    assert validator(httpx.Response(200, headers=headers)) == named


@pytest.mark.parametrize(("given", "pause"), [("2", 2), ("99999", LONGEST_PAUSE), ("soon", 0)])
def test_a_server_may_ask_for_a_pause_within_reason(given, pause):
    assert asked_pause(httpx.Response(503, headers={"Retry-After": given})) == pause
