"""Clips on a plane: the same picture each time, kept on disk, believed only when whole and true."""

import os
import subprocess
import sys

import numpy as np
import pytest

from tests.conftest import write_small_dataset
from urbansound.dataset.index import load_dataset
from urbansound.errors import BadConfig, RunFailed
from urbansound.experiment import layout as layouts
from urbansound.experiment.fitting import train_material
from urbansound.experiment.layout import (
    Layout,
    find_layout,
    lay_out,
    layout_file,
    load_layout,
    parse_kind,
)
from urbansound.experiment.material import features_for, load_material
from urbansound.experiment.placing import nearest, principal, standardised
from urbansound.records import Protocol, RunSpec, TrainConfig
from urbansound.runs.weights import replace_saved

KINDS = ("pca:statistics", "tsne:statistics")


@pytest.fixture(scope="module")
def shared_index(tmp_path_factory):
    return load_dataset(write_small_dataset(tmp_path_factory.mktemp("set") / "UrbanSound8K"))


@pytest.fixture
def index(shared_index):
    for path in shared_index.root.parent.glob("layout_*.bin"):
        path.unlink()
    return shared_index


def clusters(n_each=40, n_groups=4, d=20):
    """Rows of groups far apart from each other, and the group of each."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(n_groups), n_each)
    middles = 20 * rng.standard_normal((n_groups, d))
    return (middles[groups] + rng.standard_normal((len(groups), d))).astype(np.float32), groups


def is_same(one, other):
    return all(np.array_equal(value, getattr(other, name)) for name, value in vars(one).items())


@pytest.mark.parametrize("kind", KINDS)
def test_all_clips_lie_in_the_square_and_the_same_clips_give_the_same_picture(index, kind):
    made = load_layout(index, kind)
    assert made.positions.shape == (40, 2)
    assert made.positions.dtype == np.float32
    assert np.abs(made.positions).max() == pytest.approx(1, abs=1e-5)
    assert made.clip_numbers.tolist() == list(range(40))
    layout_file(index, kind).unlink()
    assert is_same(load_layout(index, kind), made)


def test_another_process_draws_the_same_picture(index):
    made = load_layout(index, "tsne:statistics")
    layout_file(index, "tsne:statistics").unlink()
    script = (
        "import sys; from pathlib import Path\n"
        "from urbansound.dataset.index import load_dataset\n"
        "from urbansound.experiment.layout import load_layout\n"
        "load_layout(load_dataset(Path(sys.argv[1])), 'tsne:statistics')"
    )
    subprocess.run(
        [sys.executable, "-c", script, str(index.root)],
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    found = find_layout(index, "tsne:statistics")
    assert found is not None
    assert is_same(found, made)


@pytest.mark.parametrize("kind", KINDS)
def test_a_layout_is_found_once_it_was_made_and_not_made_again(index, kind, monkeypatch):
    assert find_layout(index, kind) is None
    made = load_layout(index, kind)
    monkeypatch.setattr(layouts, "lay_out", None)
    told = []
    again = load_layout(index, kind, on_progress=lambda *now: told.append(now))
    found = find_layout(index, kind)
    assert found is not None
    assert is_same(made, again)
    assert is_same(made, found)
    assert told == [(1000, 1000)]


def test_progress_rises_to_the_end(tmp_path):
    index = load_dataset(write_small_dataset(tmp_path / "UrbanSound8K"))
    told = []
    load_layout(index, "tsne:statistics", on_progress=lambda *now: told.append(now))
    assert {total for _, total in told} == {1000}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert (500, 1000) in told
    assert told[-1] == (1000, 1000)


def test_a_changed_clip_gives_another_picture(tmp_path):
    index = load_dataset(write_small_dataset(tmp_path / "UrbanSound8K"))
    before = load_layout(index, "pca:statistics")
    path = index.audio_path(index.clips[0])
    path.write_bytes(index.audio_path(index.clips[39]).read_bytes())
    after = load_layout(index, "pca:statistics")
    assert not is_same(before, after)
    found = find_layout(index, "pca:statistics")
    assert found is not None
    assert is_same(found, after)
    # The clip is now the same sound as the last one, and so lies upon it.
    np.testing.assert_allclose(after.positions[0], after.positions[39], atol=1e-5)


def test_a_clip_that_cannot_be_read_is_left_out(tmp_path):
    index = load_dataset(write_small_dataset(tmp_path / "UrbanSound8K"))
    index.audio_path(index.clips[3]).write_bytes(b"no sound")
    made = load_layout(index, "pca:statistics")
    assert made.clip_numbers.tolist() == [number for number in range(40) if number != 3]


@pytest.mark.parametrize("damage", ["first", "last", "cut", "empty"])
def test_a_damaged_file_is_not_found_and_made_again(index, damage):
    made, path = load_layout(index, "pca:statistics"), layout_file(index, "pca:statistics")
    data = bytearray(path.read_bytes())
    if damage in ("first", "last"):
        data[0 if damage == "first" else -1] ^= 1
    path.write_bytes(data[: {"cut": 100, "empty": 0}.get(damage, len(data))])
    assert find_layout(index, "pca:statistics") is None
    assert is_same(load_layout(index, "pca:statistics"), made)
    assert find_layout(index, "pca:statistics") is not None


def test_a_model_lays_clips_out_and_other_weights_do_so_anew(index, tmp_path, monkeypatch):
    monkeypatch.setenv("URBANSOUND_OUTPUTS", str(tmp_path))
    teach(index, tmp_path, seed=0)
    first = load_layout(index, "tsne:mlp")
    assert find_layout(index, "tsne:mlp") is not None
    teach(index, tmp_path, seed=1)
    assert find_layout(index, "tsne:mlp") is None
    assert not is_same(first, load_layout(index, "tsne:mlp"))


def teach(index, folder, seed):
    config = TrainConfig(epochs=2, batch_size=16, device="cpu", seed=seed)
    spec = RunSpec(
        str(index.root), "mlp", features_for("mlp", index), config, Protocol("official", (2,), (1,))
    )
    result = train_material(spec, load_material(spec))
    replace_saved(folder / "mlp.pth", result.data, result.card)


def test_a_dataset_of_numbers_alone_is_laid_out_too(tmp_path):
    import torch

    rng = np.random.default_rng(0)
    features = rng.standard_normal((30, 40)).astype(np.float32)
    torch.save(torch.from_numpy(features), tmp_path / "features_mfccs.pt")
    torch.save(torch.arange(30) % 3, tmp_path / "labels.pt")
    torch.save(1 + torch.arange(30) // 10, tmp_path / "folds.pt")
    index = load_dataset(tmp_path)
    made = load_layout(index, "tsne:statistics")
    found = find_layout(index, "tsne:statistics")
    assert found is not None
    assert is_same(found, made)
    assert len(made.positions) == 30


@pytest.mark.parametrize("kind", ["", "pca", "pca:", "umap:cnn", "statistics"])
def test_an_unknown_kind_is_refused_and_what_was_expected_is_said(kind):
    with pytest.raises(BadConfig, match="Name one as 'pca:statistics'"):
        parse_kind(kind)


@pytest.mark.parametrize("method", ["pca", "tsne"])
@pytest.mark.parametrize(
    "rows",
    [
        np.ones((1, 40)),
        np.arange(120).reshape(3, 40),
        np.ones((50, 8)),
        np.column_stack([np.full(60, 7.3), np.arange(60), np.arange(60) % 7]),
        np.arange(30).reshape(30, 1),
        np.repeat(np.eye(2), 30, axis=0),
    ],
    ids=["one clip", "three clips", "all equal", "one constant", "one number", "two places"],
)
def test_sets_with_little_in_them_can_be_laid_out(rows, method):
    rows = rows.astype(np.float32)
    made = lay_out(rows, np.arange(len(rows)), method)
    assert made.positions.shape == (len(rows), 2)
    assert np.isfinite(made.positions).all()
    assert np.abs(made.positions).max() <= 1.001
    assert (made.nearest != made.asked).all()
    assert len(made.asked) == (0 if len(rows) == 1 else len(rows))


def test_groups_stay_together_where_neighbours_are_kept():
    rows, groups = clusters()
    positions = lay_out(rows, np.arange(len(rows)), "tsne").positions
    beside = nearest(positions, np.arange(len(rows)))
    assert (groups[beside] == groups).mean() > 0.99


def test_the_axes_are_those_of_a_singular_value_decomposition():
    rows, _ = clusters()
    even = standardised(rows)
    u, s, _ = np.linalg.svd(even, full_matrices=False)
    np.testing.assert_allclose(np.abs(principal(even)), np.abs(u[:, :2] * s[:2]), atol=1e-3)


def test_the_nearest_is_looked_for_in_all_numbers():
    rows, _ = clusters()
    even = standardised(rows)
    far = np.square(even[:, None] - even[None]).sum(axis=2)
    np.fill_diagonal(far, np.inf)
    assert nearest(even, np.arange(len(even))).tolist() == far.argmin(axis=1).tolist()


def test_of_very_many_clips_a_sample_is_placed(monkeypatch):
    monkeypatch.setattr(layouts, "MOST_PLACED", 60)
    rows, _ = clusters()
    numbers = np.arange(1000, 1000 + len(rows))
    made, again = (lay_out(rows, numbers, "tsne") for _ in range(2))
    assert len(made.positions) == len(set(made.clip_numbers.tolist())) == 60
    assert (np.diff(made.clip_numbers) > 0).all()
    assert set(made.clip_numbers.tolist()) <= set(numbers.tolist())
    assert is_same(made, again)
    assert len(lay_out(rows, numbers, "pca").positions) == len(rows)


def test_a_folder_that_cannot_be_written_to_costs_the_cache_alone(index, monkeypatch):
    def refuse(path, data):
        raise RunFailed("The folder is read-only.")

    monkeypatch.setattr("urbansound.kept_arrays.write_bytes", refuse)
    assert isinstance(load_layout(index, "pca:statistics"), Layout)
    assert find_layout(index, "pca:statistics") is None
