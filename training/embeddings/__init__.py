"""Trains the embedder that finds gold examples for rag-K.

    gold pool or pairs file -> pairs -> hard negatives -> training -> recall before and after

What makes an example a good one to find is said by a file of pairs, by the task's own
`near`, or, where neither does, by how many input fields are equal; the certificate says which.
"""
