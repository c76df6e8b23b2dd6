"""Sends a gate to where a team keeps its experiments: MLflow and Weights & Biases.

Each tracker is one function that takes plain figures and files and says where they went; the
libraries are optional and imported there.
"""
