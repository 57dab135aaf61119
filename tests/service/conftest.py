from collections.abc import Iterator
from pathlib import Path

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
    with running_service(tmp_path_factory.mktemp("var")) as started:
        yield started


@pytest.fixture
def client(service: Service) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{service.url}/v1", api_key=service.key, max_retries=0) as sdk:
        yield sdk
