"""The command ``genai``, for operators."""
