"""Whether to train at all: facts in, a checklist out, and a recipe where every answer is yes.

Facts come from the store, the task and the data; this room reads no store.  An answer that
is missing is never a yes.
"""
