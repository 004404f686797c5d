"""The feature specs this app uses, by name, and the words for any other."""

from urbansound.errors import BadConfig
from urbansound.files import digest_of
from urbansound.records import CLIP_S, FeatureSpec, to_json

MFCC40 = FeatureSpec()
"""The article's feature: the mean over time of 40 MFCCs at 22,050 Hz."""

MFCC_STATISTICS = FeatureSpec(pooling="statistics")
"""How 40 MFCCs lie and move over time: 160 numbers, see features.statistics."""

LOGMEL_STATISTICS = FeatureSpec(kind="logmel", n_mels=64, pooling="statistics")
"""How the levels of 64 mel bands lie and move over time: 256 numbers."""

LOGMEL = FeatureSpec(kind="logmel", n_fft=1024, n_mels=64, pooling="none")
"""A log-mel spectrogram of 64 bands over 4 s at 22,050 Hz, for convolutional networks."""

SPECS: dict[str, FeatureSpec] = {
    "mfcc": MFCC40,
    "mfcc-statistics": MFCC_STATISTICS,
    "logmel-statistics": LOGMEL_STATISTICS,
    "logmel": LOGMEL,
}
"""The specs that have a name, the article's first."""


def find_spec(name: str) -> FeatureSpec:
    """The spec of that name in SPECS; BadConfig names those there are."""
    if name not in SPECS:
        raise BadConfig(f"There are no features '{name}'. Choose one of {', '.join(SPECS)}.")
    return SPECS[name]


def spec_name(spec: FeatureSpec) -> str:
    """The spec's name in SPECS; another's is its kind and digest: "logmel-0123456789abcdef"."""
    names = [name for name, known in SPECS.items() if known == spec]
    return names[0] if names else f"{spec.kind}-{spec_digest(spec)}"


def spec_title(spec: FeatureSpec) -> str:
    """What the features are, in plain words: "mean of 40 MFCCs"."""
    parts = f"{spec.n_mfcc} MFCCs" if spec.kind == "mfcc" else f"{spec.n_mels} mel bands"
    if spec.pooling == "none":
        return f"spectrogram of {parts} over {CLIP_S:.0f} s"
    if spec.pooling == "statistics":
        return f"mean, deviation and deltas of {parts}"
    return f"mean of {parts}"


def spec_digest(spec: FeatureSpec) -> str:
    """Sixteen hex characters that differ whenever a number of the spec does."""
    return digest_of(to_json(spec))[:16]
