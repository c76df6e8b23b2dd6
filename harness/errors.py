"""The one tree of errors.

Every error says what happened, with which value, and what to do next, in one
sentence a user can act on.  Entry points catch `WeighbridgeError` and map it to
exit code 2; nothing else in the house decides exit codes.

    WeighbridgeError
    ├── UsageError               the request cannot be carried out as written
    │   ├── UnknownCheckpoint        no such alias, folder, adapter base or endpoint
    │   ├── UnknownArm               no prompting condition by that name
    │   ├── InvalidTask              a task folder that cannot be trusted
    │   ├── InvalidPolicy            a policy file that cannot be read as one
    │   ├── TooFewItems              fewer items than any verdict needs
    │   ├── ContaminatedItems        a checkpoint was trained on items it is asked
    │   ├── UnlikeTraining           a checkpoint would be asked unlike it was trained
    │   ├── InvalidDataset           training examples that cannot be read or trusted
    │   ├── InvalidRecipe            a recipe that cannot be trained as written
    │   ├── InvalidExperiment        an experiment file that no cell can be measured from
    │   └── InvalidNightly           a nightly file that no night can be run from
    ├── InvalidComparison        numbers that cannot be compared
    │   └── UnpairedRuns             items of one run are missing from the other
    ├── ServingError             a server did not start, died, or could not be reached
    │   ├── PortTaken                the asked-for port is in use
    │   ├── ServerDied               the server process ended while it was needed
    │   └── GoldStoreUnreachable     MongoDB does not answer
    ├── TrainingError            training stopped before it had a checkpoint worth keeping
    └── StoreError               results could not be written or read back
        ├── JournalError             the journal cannot be appended to or replayed
        └── WarehouseError           the DuckDB file is locked, foreign or too new
"""


class WeighbridgeError(Exception):
    """Root of everything the project raises on purpose."""


class UsageError(WeighbridgeError):
    """The request cannot be carried out as written."""


class UnknownCheckpoint(UsageError):
    """No checkpoint could be made of what was given."""


class UnknownArm(UsageError):
    """The prompting condition has no such name."""


class InvalidTask(UsageError):
    """A task folder is empty, contradictory or malformed."""


class InvalidPolicy(UsageError):
    """A policy file is malformed or asks for the impossible."""


class TooFewItems(UsageError):
    """Fewer items were asked for than any verdict needs."""


class ContaminatedItems(UsageError):
    """A checkpoint was trained on items that it is asked."""


class UnlikeTraining(UsageError):
    """A checkpoint would be asked unlike it was trained."""


class InvalidDataset(UsageError):
    """Training examples are malformed, empty, or not to be trusted."""


class InvalidRecipe(UsageError):
    """A recipe is malformed or asks for what its model or machine cannot do."""


class InvalidExperiment(UsageError):
    """An experiment file is malformed, contradictory or leaves nothing to measure."""


class InvalidNightly(UsageError):
    """A nightly file is malformed, contradictory or leaves nothing to measure."""


class InvalidComparison(WeighbridgeError):
    """The numbers at hand cannot be compared."""


class UnpairedRuns(InvalidComparison):
    """Items of one run have no partner in the other."""


class ServingError(WeighbridgeError):
    """A model server or gold store is not there when needed."""


class PortTaken(ServingError):
    """The asked-for port is already in use."""


class ServerDied(ServingError):
    """The server process ended while it was still needed."""


class GoldStoreUnreachable(ServingError):
    """MongoDB does not answer."""


class TrainingError(WeighbridgeError):
    """Training had to stop; the last good checkpoint is kept."""


class StoreError(WeighbridgeError):
    """Results could not be written or read back."""


class JournalError(StoreError):
    """A journal cannot be appended to or replayed."""


class WarehouseError(StoreError):
    """The DuckDB file is locked, foreign or newer than this program."""
