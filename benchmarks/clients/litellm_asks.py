"""Calls the service with the client library of LiteLLM. Runs in its own environment.

    python litellm_asks.py http://127.0.0.1:PORT/v1 KEY NAME...

Prints a line of JSON for each error name, without and with streaming.
"""

import json
import sys

import litellm

litellm.suppress_debug_info = True
litellm.drop_params = False


def ask(base: str, key: str, text: str, stream: bool) -> dict[str, object]:
    try:
        said = litellm.completion(
            model="openai/bank",
            api_base=base,
            api_key=key,
            messages=[{"role": "user", "content": text}],
            stream=stream,
            max_retries=0,
            num_retries=0,
        )
        if stream:
            words = "".join(part.choices[0].delta.content or "" for part in said)
            return {"raised": None, "said": words}
        return {"raised": None, "said": said.choices[0].message.content}
    except Exception as error:
        headers = getattr(getattr(error, "response", None), "headers", None) or {}
        headers = {**headers, **(getattr(error, "litellm_response_headers", None) or {})}
        return {
            "raised": type(error).__name__,
            "status": getattr(error, "status_code", None),
            "message": str(error)[:300],
            "retry_after": headers.get("retry-after"),
            "limits": sum(name.startswith("x-ratelimit-") for name in headers),
        }


def main(base: str, key: str, *names: str) -> None:
    for name in names:
        for stream in (False, True):
            found = {"asked": name, "stream": stream, **ask(base, key, name, stream)}
            sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
