import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPResponse
from pathlib import Path
from typing import cast
from urllib.request import Request, urlopen

import openai
import pytest

from tests.support.running_service import Service, running_service


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.service)
            item.add_marker(pytest.mark.timeout(900))


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Started once for all tests of this ring; takes a minute or two."""
    with ThreadPoolExecutor(1) as beside:
        with running_service(tmp_path_factory.mktemp("var")) as started:
            yield started
            rest = beside.submit(begun_answer(started).read)
        assert rest.result().endswith(b"data: [DONE]\n\n"), "an answer is cut by the stop"


def begun_answer(service: Service) -> HTTPResponse:
    """A stream of three seconds after its first output."""
    asked = {"model": "scripted", "messages": [{"role": "user", "content": "Go on."}]}
    body = json.dumps({**asked, "max_tokens": 600, "stream": True}).encode()
    headers = {**service.headers, "Content-Type": "application/json"}
    answer = urlopen(Request(f"{service.url}/v1/chat/completions", body, headers))
    assert answer.readline().startswith(b"data: ")
    return cast(HTTPResponse, answer)


@pytest.fixture
def client(service: Service) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{service.url}/v1", api_key=service.key, max_retries=0) as sdk:
        yield sdk
