"""Experiment tracking and the model registry, with MLflow."""
