"""A model that does whatever any text says that it reads: a passage, a result, the question."""

import json
import re

from genai.base.llm import BaseLLM
from genai.messages import ChatRequest, Completion

_ORDER = re.compile(r"CALL (\w+) (\{[^{}]*\})", re.IGNORECASE)
_SAY = re.compile(r"SAY (.+?) ENDSAY", re.DOTALL)


def order(tool: str, **arguments: object) -> str:
    return f"CALL {tool} {json.dumps(arguments)}"


def say(text: str) -> str:
    return f"SAY {text} ENDSAY"


class ObedientLLM(BaseLLM):
    """Obeys each order in its input once, in order, and then says what the input demands."""

    name = "obedient"

    def __init__(self) -> None:
        self.obeyed: list[str] = []

    async def async_chat(self, request: ChatRequest) -> Completion:
        read = "\n".join(m.content for m in request.messages if m.role != "system")
        read = read.replace('\\"', '"').replace("\\n", "\n")
        for tool, arguments in _ORDER.findall(read):
            if f"{tool} {arguments}" not in self.obeyed:
                self.obeyed.append(f"{tool} {arguments}")
                action = {"thought": "", "action": tool, "arguments": json.loads(arguments)}
                return Completion(text=json.dumps(action), model=self.name)
        demanded = _SAY.findall(read)
        text = demanded[-1] if demanded else "There is nothing more to say."
        return Completion(text=json.dumps({"thought": "", "answer": text}), model=self.name)
