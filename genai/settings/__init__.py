"""The settings of the application, as in ``serve_config.yaml``."""
