"""JSON with its own digest: what is changed in it is noticed, wherever."""

import json

import pytest

from urbansound.errors import BadConfig
from urbansound.sealed_json import read_sealed_json, write_sealed_json

VALUE = {"name": "a street", "seconds": 4.0, "folds": [1, 2, None]}


def test_what_was_sealed_is_read_back(tmp_path):
    write_sealed_json(tmp_path / "a.json", VALUE)
    assert read_sealed_json(tmp_path / "a.json", BadConfig) == VALUE


def test_no_single_bit_changes_what_is_read(tmp_path):
    path = tmp_path / "a.json"
    write_sealed_json(path, VALUE)
    data = path.read_bytes()
    n_refused = 0
    for bit in range(8 * len(data)):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        try:
            assert read_sealed_json(path, BadConfig) == VALUE
        except BadConfig:
            n_refused += 1
    assert n_refused > 4 * len(data)


@pytest.mark.parametrize("text", ["[]", "3", '{"a": 1}', '{"a": NaN, "digest": "x"}'])
def test_what_was_not_sealed_is_refused(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(BadConfig):
        read_sealed_json(tmp_path / "a.json", BadConfig)


def test_an_older_file_may_lack_its_seal_but_not_have_a_wrong_one(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(VALUE))
    assert read_sealed_json(path, BadConfig, may_lack_seal=True) == VALUE
    path.write_text(json.dumps({**VALUE, "digest": "0" * 64}))
    with pytest.raises(BadConfig, match="digest does not match"):
        read_sealed_json(path, BadConfig, may_lack_seal=True)
