"""The interfaces: LLM, agent, tool, memory, prompt, answerer, evaluator, tracker."""
