"""A question the gate asks of every checkpoint."""

from enum import StrEnum


class Suite(StrEnum):
    """What is asked: is it as good, is it machine-readable, what did it lose, what does it cost in time.

    What people and a judge make of the replies is asked afterwards, where the policy wants it.
    """

    TARGET_METRIC = "target-metric"
    SCHEMA_VALIDITY = "schema-validity"
    FORGETTING = "forgetting"
    LATENCY = "latency"
    HUMAN_READS = "human-reads"
    JUDGED = "judged"


MEASURED = (Suite.TARGET_METRIC, Suite.SCHEMA_VALIDITY, Suite.FORGETTING, Suite.LATENCY)
"""The suites that are answered by asking the checkpoints."""
