"""A restricted license is asked about once, with all that is needed to decide."""

import pytest

from convert.errors import UsageError
from convert.licensing import require_accepted
from convert.recipe import License

FREE = License(id="Apache-2.0", evidence="LICENSE")
RESTRICTED = License(
    id="CC-BY-NC-SA-4.0",
    evidence="the authors' README",
    dated="2024-05-06",
    restricted=True,
    instead="deeplab-mnv2",
)


def test_a_free_license_needs_no_word():
    require_accepted(FREE, (), "r")


@pytest.mark.parametrize("accepted", [["CC-BY-NC-SA-4.0"], ["x", " CC-BY-NC-SA-4.0 "], ["all"]])
def test_a_restricted_license_is_accepted_by_its_id_or_with_all_others(accepted):
    require_accepted(RESTRICTED, accepted, "cartoon")


@pytest.mark.parametrize("accepted", [[], ["Apache-2.0"], ["CC-BY-NC"]])
def test_a_restricted_license_is_refused_with_evidence_and_ways_on(accepted):
    with pytest.raises(UsageError) as refusal:
        require_accepted(RESTRICTED, accepted, "cartoon")
    assert refusal.value.exit_code == 2
    for word in ("CC-BY-NC-SA-4.0", "the authors' README", "2024-05-06", "deeplab-mnv2"):
        assert word in refusal.value.message
    for way in ("--accept-license CC-BY-NC-SA-4.0", "CONVERT_ACCEPT_LICENSES=CC-BY-NC-SA-4.0"):
        assert way in refusal.value.hint


def test_an_id_with_spaces_is_given_as_a_shell_takes_it():
    spaced = RESTRICTED.model_copy(update={"id": "Google Terms of Service"})
    with pytest.raises(UsageError) as refusal:
        require_accepted(spaced, (), "meet")
    assert "--accept-license 'Google Terms of Service'" in refusal.value.hint
