"""Everything that goes wrong on purpose: one tree, so that one `except NmtError` catches it all."""


class NmtError(Exception):
    """A mistake that the caller can mend. The message says what was wrong, where, and what was expected."""


class ConfigError(NmtError):
    """An option that is unknown, out of range, or contradicts another one.

    Attributes: `key` the dotted name of the option (`model.cell`), `got` its value as given, `allowed` what it may be.
    """

    def __init__(self, key: str, got: object, allowed: str) -> None:
        super().__init__(key, got, allowed)
        self.key, self.got, self.allowed = key, got, allowed

    def __str__(self) -> str:
        return f"{self.key}: got {self.got!r}, expected {self.allowed}"


class DataError(NmtError):
    """A corpus file that is missing, unreadable, not UTF-8, or does not line up with its partner."""


class DamagedError(DataError):
    """What `nmt prepare` has written is no longer whole."""


class ArtifactError(NmtError):
    """A model folder that is missing, incomplete, damaged, or of a version that this release can't read."""


class InputError(NmtError):
    """A text or a request that can't be translated as asked."""


class DirectionError(InputError):
    """A language, or a pair of languages, that the model doesn't serve."""


class TrainingError(NmtError):
    """Training that can't start or go on. What was saved before stays as it is."""


class CheckpointError(TrainingError):
    """A checkpoint that can't be written, read, or used with this configuration."""


class NonFiniteLossError(TrainingError):
    """A loss or gradient that is not a finite number, found before the weights were touched."""
