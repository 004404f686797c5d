"""The decoders that soundfile and av bring along, and the oldest that may read untrusted files.

They are what a crafted file is aimed at, and what Python's own package versions say little of.
The floors are what the oldest packages that requirements.txt allows bring: libsndfile 1.2.2
and FFmpeg 7.1.
"""

import re

Version = tuple[int, ...]

FLOORS: dict[str, Version] = {
    "libsndfile": (1, 2, 2),
    "libavcodec": (61, 19),
    "libavformat": (61, 7),
}
_BROUGHT_BY = {"libsndfile": "soundfile", "libavcodec": "av", "libavformat": "av"}


def decoder_versions() -> dict[str, Version]:
    """The versions at hand of those in FLOORS."""
    import av
    import soundfile

    found = re.findall(r"\d+", str(soundfile.__libsndfile_version__))
    of_av = av.library_versions
    return {
        "libsndfile": tuple(map(int, found)),
        **{name: tuple(of_av[name]) for name in FLOORS if name in of_av},
    }


def too_old(versions: dict[str, Version]) -> list[str]:
    """A sentence for each decoder that is older than its floor, or does not say how old it is."""
    return [
        f"{name} is {version_text(versions.get(name, ()))}; {version_text(floor)} or newer is "
        f"needed to read files of others. Install a newer {_BROUGHT_BY[name]}."
        for name, floor in FLOORS.items()
        if versions.get(name, ()) < floor
    ]


def version_text(version: Version) -> str:
    """ "1.2.2"."""
    return ".".join(map(str, version)) or "of no known version"
