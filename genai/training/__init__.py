"""Fine-tunes language models with LoRA."""
