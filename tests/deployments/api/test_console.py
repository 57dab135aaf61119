import re

import httpx
import pytest


async def test_the_console_is_a_page_that_needs_no_key(client: httpx.AsyncClient) -> None:
    page = await client.get("/console", headers={"Authorization": ""})

    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_every_file_that_the_page_and_its_modules_name_is_there(
    client: httpx.AsyncClient,
) -> None:
    page = (await client.get("/console")).text
    waiting = re.findall(r'(?:src|href)="console/([^"]+)"', page)
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        file = await client.get(f"/console/{name}")
        assert file.status_code == 200, name
        seen.add(name)
        waiting += set(re.findall(r'from "\./([^"]+)"', file.text)) - seen

    assert "main.js" in seen
    assert "events.js" in seen


@pytest.mark.parametrize("path", ["/console/", "/"])
async def test_the_page_has_one_address(client: httpx.AsyncClient, path: str) -> None:
    moved = await client.get(path, follow_redirects=True)

    assert moved.status_code == 200
    assert moved.url.path == "/console"


@pytest.mark.parametrize("path", ["/console//", "/console/../app.py", "/console/none.js"])
async def test_nothing_else_is_below_it(client: httpx.AsyncClient, path: str) -> None:
    refused = await client.get(path)

    assert refused.status_code == 404
    assert refused.json()["error"]["code"] == "unknown_path"
