import re
from dataclasses import fields, replace

import pytest

from urbansound.errors import BadConfig
from urbansound.features.spec import (
    LOGMEL,
    MFCC40,
    SPECS,
    find_spec,
    spec_digest,
    spec_name,
    spec_title,
)
from urbansound.records import FeatureSpec


def test_the_digest_differs_whenever_a_number_does() -> None:
    others = {
        replace(MFCC40, **{field.name: getattr(MFCC40, field.name) + 1})
        for field in fields(FeatureSpec)
        if field.name not in ("kind", "pooling")
    }
    digests = {spec_digest(spec) for spec in (*SPECS.values(), *others)}
    assert len(digests) == len(others) + len(SPECS)


def test_the_digest_is_the_same_on_every_day_and_machine() -> None:
    assert spec_digest(FeatureSpec()) == spec_digest(MFCC40)
    assert re.fullmatch("[0-9a-f]{16}", spec_digest(MFCC40))


def test_the_article_spec_is_the_article_s() -> None:
    assert (MFCC40.sample_rate, MFCC40.n_mfcc, MFCC40.pooling) == (22050, 40, "mean")


def test_every_named_spec_is_found_and_named() -> None:
    assert list(SPECS) == ["mfcc", "mfcc-statistics", "logmel-statistics", "logmel"]
    for name, spec in SPECS.items():
        assert find_spec(name) == spec
        assert spec_name(spec) == name


def test_a_name_that_there_is_not_gets_those_there_are() -> None:
    with pytest.raises(BadConfig, match="no features 'chroma'.*mfcc, mfcc-statistics, logmel"):
        find_spec("chroma")


def test_a_spec_without_a_name_goes_by_its_digest() -> None:
    spec = replace(LOGMEL, n_mels=96)
    assert spec_name(spec) == f"logmel-{spec_digest(spec)}"
    assert spec_name(replace(MFCC40, n_mfcc=20)).startswith("mfcc-")


def test_a_title_says_what_the_numbers_are() -> None:
    assert [spec_title(spec) for spec in SPECS.values()] == [
        "mean of 40 MFCCs",
        "mean, deviation and deltas of 40 MFCCs",
        "mean, deviation and deltas of 64 mel bands",
        "spectrogram of 64 mel bands over 4 s",
    ]
