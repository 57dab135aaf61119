"""The image's ``HEALTHCHECK``: whether the proxy of this container answers. Kubernetes has its own probes.

python -m cluster.docker.health [http://127.0.0.1:8000/-/healthz]
"""

import sys
import urllib.request

PROXY = "http://127.0.0.1:8000/-/healthz"
WITHIN_S = 4.0


def healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=WITHIN_S) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(0 if healthy(*sys.argv[1:] or [PROXY]) else 1)
