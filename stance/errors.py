"""What can go wrong, as types.

    StanceError
    ├── InputError     a file, table or argument that cannot be read as a debate
    ├── ModelError     a model folder that is missing, altered or of another make
    └── JobError       a job that cannot begin or go on: its output is taken, full, damaged, or of another job

Every message says what came, what was expected, where, and what to do.
"""


class StanceError(Exception):
    """Base of every error this library raises on purpose."""


class InputError(StanceError, ValueError):
    """The data handed in cannot be read as comments, threads or sides."""


class ModelError(StanceError):
    """A model folder cannot be used: missing, damaged, or not made for stance."""


class JobError(StanceError):
    """A job cannot begin or go on as it stands. What it has written by then stays as it is."""
