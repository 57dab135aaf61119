"""Asks the questions of a data set and reports the scores of the answers."""
