"""`torchrun … -m urbansound train`: several processes, one answer, one run."""

import json
import time

import numpy as np
import pytest
import torch

from urbansound.article_tensors import write_tensors
from urbansound.cli.main import main
from urbansound.evaluation.protocol import crossval_protocol
from urbansound.experiment import execute
from urbansound.features.spec import find_spec
from urbansound.records import RunSpec, TrainConfig
from urbansound.runs.folder import RunFolder
from urbansound.runs.store import create_run, list_runs

TIMEOUT_S = 300
# Plain gradient descent, which does not enlarge the rounding of sums in another order.
PLAIN = ("--optimizer", "sgd", "--lr", "0.05", "--json")
TOLERANCE = 1e-4


@pytest.fixture
def numbers(tmp_path):
    """The article's tensors: 497 clips train, so that the last batch of 32 has 17."""
    rng = np.random.default_rng(0)
    labels = (np.arange(617) % 10).astype(np.int64)
    folds = np.maximum(1, (np.arange(617) - 17) // 60 + 1).astype(np.int64)
    centres = rng.normal(size=(10, 40)) * 20
    features = (centres[labels] + rng.normal(size=(617, 40)) * 30).astype(np.float32)
    write_tensors(tmp_path / "numbers", features, labels, folds)
    return tmp_path / "numbers"


def ended(process):
    """(exit code, stdout, stderr) of a launcher, once it has ended."""
    out, words = process.communicate(timeout=TIMEOUT_S)
    return process.returncode, out, words


def wait_for(is_true, process):
    until = time.monotonic() + TIMEOUT_S
    while not is_true():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < until
        time.sleep(0.05)


def answer_of(capsys):
    return json.loads(capsys.readouterr().out)


def weights_of(outputs):
    return torch.load(outputs / "model1.pth", weights_only=True)


def assert_same_weights(one, other):
    for name, weights in weights_of(one).items():
        torch.testing.assert_close(weights, weights_of(other)[name], atol=TOLERANCE, rtol=0)


def test_two_processes_train_what_one_does(torchrun, numbers, tmp_path, capsys):
    command = ("train", "--data", str(numbers), "--epochs", "6", *PLAIN)
    pair = torchrun(2, "urbansound", *command, "--outputs", tmp_path / "two")
    assert main([*command, "--outputs", str(tmp_path / "one")]) == 0
    alone = answer_of(capsys)
    code, out, words = ended(pair)
    assert code == 0, words
    together = json.loads(out)
    for part in ("validation", "test"):
        assert together[part] == pytest.approx(alone[part], abs=TOLERANCE)
    assert_same_weights(tmp_path / "one", tmp_path / "two")
    (run,) = list_runs(tmp_path / "two")
    assert run.id == together["run"]
    assert [epoch["epoch"] for epoch in run.epochs()] == [1, 2, 3, 4, 5, 6]
    assert words.count(run.id) == 1, "only process 0 speaks"
    (started,) = (event for event in run.events() if event["event"] == "started")
    assert started["device"].endswith(", 2 processes")


def test_a_wish_to_stop_ends_both_and_leaves_a_run_to_go_on_with(torchrun, numbers, tmp_path):
    outputs = tmp_path / "outputs"
    pair = torchrun(
        *(2, "urbansound", "train", "--data", numbers, "--outputs", outputs),
        *("--epochs", 90_000, "--json"),
    )
    wait_for(lambda: [run for run in list_runs(outputs) if run.checkpoint_path.exists()], pair)
    (run,) = list_runs(outputs)
    run.request_stop()
    code, out, words = ended(pair)
    assert code != 0
    assert json.loads(out)["status"] == "stopped", words
    assert run.status() == "stopped"


def test_two_processes_go_on_with_a_run_that_one_began(torchrun, numbers, tmp_path, monkeypatch):
    command = ["train", "--data", str(numbers), "--epochs", "60", "--batch-size", "128", *PLAIN]
    assert main([*command, "--outputs", str(tmp_path / "whole")]) == 0
    outputs = tmp_path / "half"
    with monkeypatch.context() as patched:
        patched.setattr(execute, "throttled", lambda check: check)
        patched.setattr(RunFolder, "is_stop_requested", property(lambda run: len(run.epochs()) > 2))
        assert main([*command, "--outputs", str(outputs)]) == 1
    (run,) = list_runs(outputs)
    assert run.status() == "stopped"
    n_before = len(run.epochs())
    code, out, words = ended(
        torchrun(2, "urbansound", "runs", "resume", run.id, "--outputs", outputs, "--json")
    )
    assert code == 0, words
    assert json.loads(out)["run"] == run.id
    started = [event for event in run.events() if event["event"] == "started"]
    assert [event["from_epoch"] for event in started] == [0, n_before]
    assert len(run.epochs()) == 60
    assert_same_weights(tmp_path / "whole", outputs)


def test_what_cannot_work_ends_both_with_the_words_of_one(torchrun, numbers, tmp_path):
    process = torchrun(
        *(2, "urbansound", "train", "--data", numbers, "--outputs", tmp_path / "outputs"),
        *("--model", "mlp", "--batch-size", 3, "--json"),
    )
    code, out, words = ended(process)
    assert code != 0
    assert "at least 4 clips" in json.loads(out)["error"]["message"]
    assert words.count("at least 4 clips") == 1


@pytest.fixture
def be_one_of_two(monkeypatch):
    """Take this process for one that torchrun started."""

    def be(rank):
        told = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": 2, "LOCAL_WORLD_SIZE": 2}
        for name, value in told.items():
            monkeypatch.setenv(name, str(value))
        monkeypatch.setenv("MASTER_ADDR", "localhost")

    return be


@pytest.mark.parametrize(
    "command", [("crossval",), ("features",), ("runs", "list"), ("train", "--epochs", "many")]
)
def test_what_cannot_be_shared_is_refused_by_one_and_the_other_is_silent(
    command, be_one_of_two, numbers, capsys
):
    be_one_of_two(rank=1)
    assert main([*command]) == 0
    assert capsys.readouterr() == ("", "")
    be_one_of_two(rank=0)
    if command[0] == "train":
        with pytest.raises(SystemExit):
            main([*command])
    else:
        assert main([*command]) == 2
        assert "without torchrun" in capsys.readouterr().err


def test_several_processes_do_not_go_on_with_a_cross_validation(
    be_one_of_two, numbers, tmp_path, capsys
):
    outputs = tmp_path / "outputs"
    folds = crossval_protocol(range(1, 11), (1, 2), with_validation=True, seed=0)
    spec = RunSpec(str(numbers), "model1", find_spec("mfcc"), TrainConfig(), folds, folds=(1, 2))
    run = create_run(outputs, spec)
    be_one_of_two(rank=0)
    assert main(["runs", "resume", run.id, "--outputs", str(outputs)]) == 2
    assert "one process" in capsys.readouterr().err
    assert not run.events()
