"""A matrix of checkpoints, arms and tasks, night after night: what is new or stale is measured, and judged.

    file -> cells -> recorded runs -> what is stale -> gates -> verdicts -> record

Every checkpoint is scored in gates of its own, so that a release is not asked again each night;
what is compared was asked the same items.
"""
