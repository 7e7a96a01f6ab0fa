"""A mirror holds each URL's file where wget and curl users would look for it."""

from pathlib import Path

import pytest

from convert.errors import UsageError
from convert.mirror import file_name, mirror_path, mirrored, printable


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://example.org/a/model.pb", "example.org/a/model.pb"),
        ("https://example.org/InputSize%20513px/model.pb", "example.org/InputSize 513px/model.pb"),
        ("http://Example.ORG:8080/model.pb?raw=1#top", "example.org:8080/model.pb"),
        ("http://user:secret@example.org//a//model.pb", "example.org/a/model.pb"),
    ],
)
def test_the_path_in_a_mirror_is_host_and_decoded_path(url, path):
    assert mirror_path(url) == path


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/../../etc/passwd",
        "https://example.org/a/%2e%2e/%2e%2e/etc/passwd",
        "https://example.org/a%2f..%2f..%2f..%2fetc/passwd",
        "https://../etc/passwd",
        "https://example.org/a\\..\\b",
        "https://example.org/a%00b",
    ],
)
def test_a_url_that_would_leave_the_mirror_is_refused(url, tmp_path):
    with pytest.raises(UsageError, match="leads outside"):
        mirrored(str(tmp_path), url)


def test_a_folder_gives_paths_and_a_url_gives_urls(tmp_path):
    url = "https://example.org/a%20b/model.pb"
    assert mirrored(str(tmp_path), url) == tmp_path.resolve() / "example.org/a b/model.pb"
    assert mirrored("http://mirror/x/", url) == "http://mirror/x/example.org/a%20b/model.pb"


def test_a_mirror_under_the_home_folder_may_be_given_with_a_tilde(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert mirrored("~", "http://h/f") == tmp_path.resolve() / "h/f"


@pytest.mark.parametrize("mirror", ["/no/such/folder", "ftp://example.org", "file:///tmp"])
def test_a_mirror_that_is_none_is_a_mistake_that_is_named(mirror):
    with pytest.raises(UsageError, match=mirror):
        mirrored(mirror, "http://h/f")


def test_a_file_is_called_as_its_url_ends():
    assert file_name("http://h/a/My%20model.pb?download=true") == "My model.pb"


def test_names_and_passwords_are_not_shown():
    assert printable("https://me:secret@h:1/f?x=1") == "https://h:1/f?x=1"
    assert printable(Path("/a/b")) == "/a/b"
