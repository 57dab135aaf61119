"""The borders of the house: who may import what."""

import ast
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(
    path for folder in ("genai", "deployments", "jobs") for path in (ROOT / folder).rglob("*.py")
)

Package = tuple[str, ...]

HOME_OF = {  # heavy package -> the only places that may import it
    "ray": ("deployments/", "jobs/"),
    "fastapi": ("deployments/",),
    "starlette": ("deployments/",),
    "vllm": ("genai/llms/vllm",),
    "torch": (
        "genai/embeddings/minilm.py",
        "genai/llms/",
        "genai/safety/",
        "genai/training/",
        "genai/rag/retrieval/cross_encoder.py",
    ),
    "transformers": (
        "genai/llms/",
        "genai/safety/classifiers/hub.py",
        "genai/training/",
        "genai/rag/retrieval/cross_encoder.py",
    ),
    "peft": ("genai/training/lora.py", "genai/llms/sources.py"),
    "presidio_analyzer": ("genai/safety/",),
    "spacy": ("genai/safety/",),
    "mlflow": ("genai/tracking/",),
    "pandas": ("genai/tracking/",),
    "lancedb": ("genai/rag/storage/lancedb.py",),
    "pyarrow": ("genai/rag/storage/lancedb.py",),
    "bs4": ("genai/rag/formats/html.py",),
    "mammoth": ("genai/rag/formats/docx.py",),
    "pdfminer": ("genai/rag/formats/pdf.py",),
    "python_multipart": ("deployments/api/",),
    "openai": ("genai/llms/openai.py",),
    "redis": ("genai/memory/", "genai/access/"),
    "sqlglot": ("genai/tools/",),
    "opentelemetry": ("genai/observability/otlp.py",),
    "asyncpg": ("genai/tools/postgres.py", "genai/rag/storage/pgvector.py"),
    "mcp": ("genai/tools/mcp.py",),
}

LOWER = (
    "messages",
    "events",
    "errors",
    "section",
    *(f"settings/{path.stem}" for path in sorted((ROOT / "genai/settings").glob("[a-z]*.py"))),
)
"""Modules that everything may import, and that import nothing of ours but each other."""


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def here(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=here)
def test_heavy_packages_stay_at_home(path: Path) -> None:
    for module in imports_of(path):
        package = module.partition(".")[0]
        if package in HOME_OF:
            assert here(path).startswith(HOME_OF[package]), module


@pytest.mark.parametrize("path", [p for p in SOURCES if here(p).startswith("genai/")], ids=here)
def test_the_library_knows_nothing_of_those_who_use_it(path: Path) -> None:
    packages = {module.partition(".")[0] for module in imports_of(path)}

    assert not packages & {"deployments", "jobs", "sample_bank", "tests", "benchmarks"}


@pytest.mark.parametrize("path", [p for p in SOURCES if "/api/" in here(p)], ids=here)
def test_the_http_face_knows_nothing_of_ray(path: Path) -> None:
    assert "ray" not in {module.partition(".")[0] for module in imports_of(path)}


@pytest.mark.parametrize("name", LOWER)
def test_the_lowest_level_imports_nothing_above_it(name: str) -> None:
    ours = {m for m in imports_of(ROOT / f"genai/{name}.py") if m.startswith("genai")}

    assert ours <= {f"genai.{lower}".replace("/", ".") for lower in LOWER}


def test_no_module_imports_itself_in_a_circle() -> None:
    modules = {here(p).removesuffix(".py").replace("/", "."): p for p in SOURCES}
    edges = {
        name: {m for m in imports_of(path) if m in modules and m != name}
        for name, path in modules.items()
    }
    free: set[str] = set()
    while len(free) < len(edges):
        ready = {name for name, needs in edges.items() if name not in free and needs <= free}
        assert ready, f"a circle among {sorted(set(edges) - free)}"
        free |= ready


def neighbours(package: Sequence[str], module: Sequence[str]) -> Iterator[tuple[Package, Package]]:
    """The packages side by side that hold the one and the other, at the level where they part."""
    for level, (own, other) in enumerate(zip(package, module[:-1], strict=False), start=1):
        if own != other:
            yield tuple(package[:level]), tuple(module[:level])
            return


def test_no_two_packages_side_by_side_import_from_each_other() -> None:
    apart = "genai/tracking/predictor.py"  # nobody imports it: MLflow stores it with a model
    pairs = {
        pair
        for path in SOURCES
        if here(path).startswith("genai/") and here(path) != apart
        for module in imports_of(path)
        if module.startswith("genai.")
        for pair in neighbours(here(path).split("/")[:-1], module.split("."))
    }

    assert not {(a, b) for a, b in pairs if a < b and (b, a) in pairs}


def test_the_graph_is_drawn_without_loading_any_heavy_package() -> None:
    # Ray loads pyarrow and opentelemetry by itself.
    light = {"ray", "fastapi", "starlette", "redis", "pyarrow", "opentelemetry", "python_multipart"}
    heavy = sorted(set(HOME_OF) - light)
    check = (
        "import sys, deployments.app; "
        f"loaded = [name for name in {heavy!r} if name in sys.modules]; "
        "assert not loaded, loaded"
    )

    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, cwd=ROOT)

    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("path", SOURCES, ids=here)
def test_packages_are_entered_by_their_modules(path: Path) -> None:
    if path.name == "__init__.py":
        assert not list(imports_of(path))
