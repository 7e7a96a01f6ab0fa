"""A restricted license is accepted before anything is fetched."""

import pytest

from convert.errors import UsageError

from .wanted import CONTENT, RESTRICTED, bring, recipe


def test_a_restricted_license_is_asked_about_before_any_byte_is_fetched(site, raw):
    wanted = recipe(site.page("/model.pb", CONTENT), license=RESTRICTED)
    with pytest.raises(UsageError, match="2024-05-06"):
        bring(wanted, raw)
    assert not site.requests
    assert bring(wanted, raw, accepted=["CC-BY-NC-4.0"]).license == RESTRICTED


def test_a_restricted_license_is_asked_about_even_if_the_file_is_there(site, raw):
    wanted = recipe(site.page("/model.pb", CONTENT), license=RESTRICTED)
    bring(wanted, raw, accepted=["all"])
    with pytest.raises(UsageError, match="CC-BY-NC"):
        bring(wanted, raw)
