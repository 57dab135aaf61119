"""A model that calls tools in its own protocol waits, dies and goes on like any other."""

from collections.abc import Callable

from genai.base.llm import BaseLLM
from genai.messages import ChatRequest, Completion, ToolCall, Usage
from tests.support.runs import ChangeTool, RunWorker

Opening = Callable[..., RunWorker]


class CallingLLM(BaseLLM):
    """Calls the tool once, and then says that it is done. Stateless."""

    name = "calling"
    native_tools = True

    def __init__(self) -> None:
        self.spoken = 0

    async def async_chat(self, request: ChatRequest) -> Completion:
        self.spoken += 1
        usage = Usage(prompt_tokens=1)
        if request.messages[-1].role == "tool":
            return Completion(text="It is blocked.", model=self.name, usage=usage)
        assert [tool.name for tool in request.tools] == ["block"]
        call = ToolCall(id="c-1", name="block", arguments='{"card": 7}')
        return Completion(text="", model=self.name, tool_calls=(call,), usage=usage)


async def test_a_native_tool_call_waits_for_approval_and_is_done_once(opened: Opening) -> None:
    block, first = ChangeTool(), CallingLLM()
    worker = opened(first, block)
    who = await worker.ask("native-1")
    waiting = await worker.settled(who, "native-1")
    assert (waiting.state.status, block.done) == ("waiting", [])
    await worker.close()

    second = CallingLLM()
    other = opened(second, block)
    await other.decide(waiting.state.approval_id)
    view = await other.settled(await other.person("ann"), "native-1")

    assert view.answer is not None
    assert view.answer.text == "It is blocked."
    assert block.done == [7]
    assert (first.spoken, second.spoken) == (1, 1)


async def test_a_run_keeps_its_tool_protocol(opened: Opening) -> None:
    block = ChangeTool()
    worker = opened(CallingLLM(), block)
    worker.agent.voice.refuses_tools = False
    who = await worker.ask("native-2")
    waiting = await worker.settled(who, "native-2")

    worker.agent.voice.refuses_tools = True
    await worker.decide(waiting.state.approval_id)
    view = await worker.settled(who, "native-2")

    assert view.answer is not None
    assert view.answer.text == "It is blocked."
