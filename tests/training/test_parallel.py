"""Several processes train as one: shares of batches, and two real processes."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.training.pair import CASES, train_cases
from urbansound.errors import BadConfig
from urbansound.torchrun import Place
from urbansound.training.device import choose_device
from urbansound.training.parallel import ALONE, Group, check_shares, present_group

TIMEOUT_S = 300
# Sums in another order differ by 1e-7 a step; plain gradient descent does not enlarge that.
TOLERANCE = 1e-5


def groups(size):
    return [Group(Place(rank, size, rank, size)) for rank in range(size)]


@given(st.integers(1, 200), st.integers(2, 9))
def test_shares_are_the_whole_batch_and_nearly_equal(n_rows, size):
    shares = [group.share(n_rows) for group in groups(size)]
    rows = torch.arange(n_rows)
    assert torch.equal(torch.cat([share.of(rows)[: share.n] for share in shares]), rows)
    assert max(share.n for share in shares) - min(share.n for share in shares) <= 1


@given(st.integers(1, 40), st.integers(2, 9))
def test_the_mean_of_weighed_losses_is_the_whole_batchs(n_rows, size):
    losses = torch.rand(n_rows, dtype=torch.float64)
    shares = [group.share(n_rows) for group in groups(size)]
    weighed = [share.weigh(share.of(losses).mean()) for share in shares]
    assert sum(weighed) / size == pytest.approx(losses.mean().item())


def test_one_process_alone_takes_the_whole_batch_as_it_is():
    rows, loss = torch.arange(5), torch.tensor(1.5)
    share = ALONE.share(5)
    assert share.of(rows) is rows
    assert share.weigh(loss) is loss


def test_the_others_draw_other_noise_and_process_0_its_own():
    drawn = []
    for group in groups(3):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(7)
            group.part_noise()
            drawn.append(torch.rand(4))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        assert torch.equal(torch.rand(4), drawn[0])
    assert not torch.equal(drawn[1], drawn[0])
    assert not torch.equal(drawn[2], drawn[1])


def test_a_batch_too_small_for_statistics_is_refused_in_words():
    place = Place(0, 4, 0, 4)
    check_shares(place, 8, is_normalised=True)
    check_shares(place, 3, is_normalised=False)
    check_shares(Place(), 2, is_normalised=True)
    with pytest.raises(BadConfig, match="at least 8 clips"):
        check_shares(place, 7, is_normalised=True)


def test_torchruns_words_alone_make_no_group(monkeypatch):
    for name in ("RANK", "LOCAL_RANK"):
        monkeypatch.setenv(name, "0")
    for name in ("WORLD_SIZE", "LOCAL_WORLD_SIZE"):
        monkeypatch.setenv(name, "2")
    monkeypatch.setenv("MASTER_ADDR", "localhost")
    assert present_group() is ALONE


@pytest.mark.parametrize(
    ("n_gpus", "wanted", "expected"),
    [(0, "auto", "cpu"), (2, "cpu", "cpu"), (2, "auto", "cuda:1"), (2, "cuda", "cuda:1")],
)
def test_each_process_has_a_gpu_of_its_own(monkeypatch, n_gpus, wanted, expected):
    be_second_of_two(monkeypatch, n_gpus)
    assert choose_device(wanted) == torch.device(expected)


@pytest.mark.parametrize(
    ("n_gpus", "wanted", "words"),
    [(1, "auto", "this computer has 1"), (2, "cuda:1", "cuda:1"), (0, "mps", "mps")],
)
def test_a_device_that_cannot_be_shared_is_refused(monkeypatch, n_gpus, wanted, words):
    be_second_of_two(monkeypatch, n_gpus)
    with pytest.raises(BadConfig, match=words):
        choose_device(wanted)


def be_second_of_two(monkeypatch, n_gpus):
    monkeypatch.setattr("urbansound.training.device.find_place", lambda: Place(1, 2, 1, 2))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: n_gpus > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: n_gpus)


def test_two_processes_come_to_what_one_does(torchrun, tmp_path):
    process = torchrun(2, "tests.training.pair", tmp_path / "found.pt")
    alone = train_cases()
    _, words = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0, words
    found = torch.load(tmp_path / "found.pt", weights_only=True)
    assert found["agreed"], "the two processes ended differently"
    assert found["told"]
    assert found["refused"], "one clip is no number: both end in words"
    assert found["stopped"] >= 3
    for name in ("model1", "model2", "mixed", "one row left"):
        assert_same(found["cases"][name], alone[name])
    assert_alike(found["cases"], alone)


def assert_same(two, one):
    assert two["epoch"] == one["epoch"]
    assert len(two["epochs"]) == len(one["epochs"])
    for mine, theirs in zip(two["epochs"], one["epochs"], strict=True):
        for name in ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy"):
            assert mine[name] == pytest.approx(theirs[name], abs=TOLERANCE)
    for name, weights in two["weights"].items():
        torch.testing.assert_close(weights, one["weights"][name], atol=TOLERANCE, rtol=0)


def assert_alike(two, one):
    """Adam divides by gradients' size, and so makes one weight's rounding a whole step."""
    for name, weights in two["adam"]["weights"].items():
        assert (weights - one["adam"]["weights"][name]).abs().mean() < TOLERANCE
    patience = len(two["patience"]["epochs"])
    assert patience == two["patience"]["epoch"] + CASES["patience"][2].patience
    assert two["dropout"]["epochs"][-1]["validation_accuracy"] > 0.8
    assert one["dropout"]["epochs"][-1]["validation_accuracy"] > 0.8
