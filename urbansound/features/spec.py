"""The two feature specs this app uses, and the name a spec's cache goes by."""

from urbansound.files import digest_of
from urbansound.records import FeatureSpec, to_json

MFCC40 = FeatureSpec()
"""The article's feature: the mean over time of 40 MFCCs at 22,050 Hz."""

LOGMEL = FeatureSpec(kind="logmel", pooling="none")
"""A log-mel spectrogram of 128 bands over 4 s at 22,050 Hz, for convolutional networks."""


def spec_digest(spec: FeatureSpec) -> str:
    """Sixteen hex characters that differ whenever a number of the spec does."""
    return digest_of(to_json(spec))[:16]
