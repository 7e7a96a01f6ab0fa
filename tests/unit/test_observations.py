"""What was seen is read back as it was written, one picture at a time."""

import numpy as np
import pytest

from convert.observations import Observations, label_writer, load_labels, stacked


def seen(pictures: int = 3) -> Observations:
    numbers = np.arange(pictures * 6, dtype=np.float64).reshape(pictures, 3, 2)
    return Observations(
        statistics=numbers, agreed=np.arange(pictures), counted=np.arange(pictures) + 5
    )


def test_what_was_seen_is_read_back(tmp_path):
    seen().save(tmp_path / "seen.npz")
    found = Observations.load(tmp_path / "seen.npz")
    for name in ("statistics", "agreed", "counted"):
        wanted = getattr(seen(), name)
        assert getattr(found, name).dtype == wanted.dtype
        np.testing.assert_array_equal(getattr(found, name), wanted)


def test_labels_of_any_size_come_back_in_their_order(tmp_path):
    maps = [np.full((1, side), side, np.uint8) for side in range(1, 13)]
    with label_writer(tmp_path / "labels.npz") as keep:
        for labels in maps:
            keep(labels)
    found = list(load_labels(tmp_path / "labels.npz"))
    assert [labels.shape for labels in found] == [(1, side) for side in range(1, 13)]
    assert all(labels.dtype == np.uint8 for labels in found)


def test_lone_classes_are_labels_too(tmp_path):
    with label_writer(tmp_path / "labels.npz") as keep:
        for label in (7, 0, 1000):
            keep(np.asarray(label))
    assert [int(label) for label in load_labels(tmp_path / "labels.npz")] == [7, 0, 1000]


def test_labels_are_read_one_at_a_time(tmp_path):
    with label_writer(tmp_path / "labels.npz") as keep:
        for label in range(3):
            keep(np.full((4, 4), label, np.uint8))
    stream = load_labels(tmp_path / "labels.npz")
    assert next(stream).max() == 0
    assert next(stream).max() == 1
    stream.close()


def test_label_maps_are_kept_small(tmp_path):
    with label_writer(tmp_path / "labels.npz") as keep:
        keep(np.zeros((1000, 1000), np.uint8))
    assert (tmp_path / "labels.npz").stat().st_size < 10_000


def test_files_with_objects_in_them_are_not_trusted(tmp_path):
    np.savez(tmp_path / "bad.npz", a=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="pickle"):
        list(load_labels(tmp_path / "bad.npz"))


def test_statistics_of_different_lengths_are_filled_up_with_nan() -> None:
    short, long = np.ones((1, 2)), np.full((3, 2), 2.0)
    whole = stacked([short, long, short[:0]])
    assert whole.shape == (3, 3, 2)
    assert [int((~np.isnan(each[:, 0])).sum()) for each in whole] == [1, 3, 0]
    assert np.array_equal(whole[1], long)


def test_statistics_of_one_shape_are_stacked_as_they_are() -> None:
    assert np.array_equal(stacked([np.ones(4), np.zeros(4)]), [[1] * 4, [0] * 4])
