"""The data room: steps from raw examples to a training set, each leaving a manifest.

    audit  ->  dedup  ->  decontaminate  ->  mix  ->  review
    synthesize and raft make examples where there are too few

A step reads a file and writes a file and, beside it, what it did: digests and counts.
"""
