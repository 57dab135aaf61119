"""Finds orders to a machine in data, such as passages and results of tools."""
