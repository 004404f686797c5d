"""The errors a person can meet, by who can mend them.

Every message says what, which value, what was expected and what to do next,
in the user's words. Nothing else is raised on purpose.
"""


class UrbanSoundError(Exception):
    """The base of every error that the app raises on purpose."""

    code = "error"


class BadAudio(UrbanSoundError):
    """A sound that cannot be heard: unreadable, empty, too short, too long.

    `code` says which of these, in a word that programs can tell apart.
    """

    code = "bad_audio"

    def __init__(self, message: str, code: str = "bad_audio") -> None:
        super().__init__(message)
        self.code = code


class BadDataset(UrbanSoundError):
    """A dataset folder that is missing, incomplete or not what it claims to be."""

    code = "bad_dataset"


class BadConfig(UrbanSoundError):
    """A setting, name or combination of settings that cannot work."""

    code = "bad_config"


class BadWeights(UrbanSoundError):
    """Saved weights or their card that are missing, damaged or of another kind."""

    code = "bad_weights"


class DownloadFailed(UrbanSoundError):
    """A download that stopped; what was fetched so far is kept."""

    code = "download_failed"


class RunFailed(UrbanSoundError):
    """A training that could not start, go on or be saved."""

    code = "run_failed"


class NotHere(UrbanSoundError):
    """Something that cannot be done in an app that is shared to look only."""

    code = "not_here"
