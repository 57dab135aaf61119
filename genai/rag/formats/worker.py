"""Reads one file in its own process, with limited memory and time, and without secrets.

    python -m genai.rag.formats.worker MEDIA_TYPE MAX_SECONDS MAX_MEMORY_BYTES MAX_CHARS < file

Parsers of untrusted files are an attack surface: this process has nothing to steal and may crash. It
writes one JSON object: ``title`` and ``text`` as Markdown, or ``refused`` with the reason.
"""

import json
import resource
import sys

from genai.rag.formats.blocks import to_markdown
from genai.rag.formats.media_types import reader_of
from genai.rag.formats.refusals import NO_READER, Unreadable

_OPEN_FILES = 64


def main(argv: list[str]) -> int:
    media_type, seconds, memory, chars = argv[0], *map(int, argv[1:4])
    try:
        read = reader_of(media_type)
    except ImportError:
        return NO_READER
    limit(seconds, memory)
    try:
        content = read(sys.stdin.buffer.read())
        text = to_markdown(content.blocks)
        answer = _answer(content.title, text, chars)
    except Unreadable as refusal:
        answer = {"refused": refusal.reason}
    except MemoryError:
        answer = {"refused": "too_large"}
    except RecursionError:
        answer = {"refused": "too_deep"}
    sys.stdout.write(json.dumps(answer))
    return 0


def limit(seconds: int, memory: int) -> None:
    """Limits this process: CPU time, memory, and no file may be written."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(title: str, text: str, chars: int) -> dict[str, str]:
    if len(text) > chars:
        return {"refused": "too_large"}
    return {"title": title, "text": text} if text.strip() else {"refused": "empty"}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
