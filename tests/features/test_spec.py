import re
from dataclasses import fields, replace

from urbansound.features.spec import LOGMEL, MFCC40, spec_digest
from urbansound.records import FeatureSpec


def test_the_digest_differs_whenever_a_number_does() -> None:
    others = {
        replace(MFCC40, **{field.name: getattr(MFCC40, field.name) + 1})
        for field in fields(FeatureSpec)
        if field.name not in ("kind", "pooling")
    }
    digests = {spec_digest(spec) for spec in (MFCC40, LOGMEL, *others)}
    assert len(digests) == len(others) + 2


def test_the_digest_is_the_same_on_every_day_and_machine() -> None:
    assert spec_digest(FeatureSpec()) == spec_digest(MFCC40)
    assert re.fullmatch("[0-9a-f]{16}", spec_digest(MFCC40))


def test_the_article_spec_is_the_article_s() -> None:
    assert (MFCC40.sample_rate, MFCC40.n_mfcc, MFCC40.pooling) == (22050, 40, "mean")
