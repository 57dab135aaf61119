"""Language models in a vLLM engine, with LoRA adapters that can be loaded while it serves."""
