"""Experiments: a matrix of data sets, recipes, arms and decodings, from its file to its report.

    file -> cells -> (data sets -> adapters) -> gates -> measured cells -> differences -> report

What is made on the way is kept by digest, so that the same data set, training or question is
the same in every experiment.
"""
