"""What was measured, kept so that a kill loses nothing and a verdict can be replayed.

codec        one item result as one JSON line; manifests and verdicts as JSON documents
journal      an append-only file per run; a torn last line is healed, other damage is refused
gate_folder  manifest, journals, server evidence, verdict and completion marker of one gate
reads        what people said of a gate's replies, a file a reader
judgements   what a judge said of them
headed       files of both kinds: a head, then lines
lines        JSON lines that are only ever added to
warehouse    the DuckDB file, derived from the gate folders and rebuilt from them at will
columns      what a run recorded as arrays, straight from its journal
duckdb_file  a DuckDB file opened so that no statement reaches beyond it
schema.sql   its tables
atomic       files that are either whole or absent
lock         one writer at a time
"""
