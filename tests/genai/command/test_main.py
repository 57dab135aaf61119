import asyncio
import base64
import csv
import json
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from redis import Redis

from genai.access.admission import Admission
from genai.access.demand import Demand
from genai.access.keys import Keys
from genai.access.principal import Principal
from genai.access.usage import UsageLedger
from genai.command.main import main
from genai.errors import Unauthenticated
from genai.memory.connection import connect
from genai.memory.store import Store
from genai.messages import Bill, Usage
from genai.settings.access import BudgetSettings, LimitSettings, Spendable
from genai.settings.state import RedisSettings
from tests.support.limiters import limiter_on

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[3]

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(
    redis_socket: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Say:
    """Runs the command against the shared Redis: exit code, output, errors."""
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.chdir("/")
    Redis(unix_socket_path=str(redis_socket)).flushall()

    def say(*words: str) -> tuple[int, str, str]:
        code = main(["--socket", str(redis_socket), *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return say


def with_store(socket: Path, work: Callable[[Store], Coroutine[Any, Any, T]]) -> T:
    async def run() -> T:
        redis = RedisSettings(embedded_socket=str(socket))
        store = Store(connect(redis, environ={}), timeout_s=5.0)
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(run())


CREATE = ("keys", "create", "--tenant", "acme", "--user", "ann")


def test_a_created_key_has_the_requested_properties(say: Say, redis_socket: Path) -> None:
    wanted = ("--role", "user", "--role", "admin", "--usd-per-day", "2.5", "--expires-in", "90d")
    code, out, _ = say(*CREATE, *wanted, "--requests-per-minute", "7")

    principal = with_store(redis_socket, lambda s: Keys(s).async_authenticate(out.strip()))

    assert code == 0
    assert (principal.tenant, principal.user) == ("acme", "ann")
    assert principal.roles == ("user", "admin")
    assert principal.limits.requests_per_minute == 7
    assert principal.budget.micro_usd_per_day == 2_500_000


def test_the_columns_of_a_listing_are_aligned(say: Say) -> None:
    roles = [word for role in ("user", "operator", "admin", "auditor") for word in ("--role", role)]
    say("keys", "create", "--tenant", "acme", "--user", "a" * 30, *roles)

    header, line = say("keys", "list", "--tenant", "acme")[1].splitlines()

    assert line.split()[1:3] == ["a" * 30, "user,operator,admin,auditor"]
    assert line.index("user,") == header.index("ROLES")


def test_a_listing_shows_the_owners_of_keys_and_no_secret(say: Say) -> None:
    _, key, _ = say(*CREATE, "--name", "laptop")
    say("keys", "create", "--tenant", "other", "--user", "bob")

    _, out, _ = say("keys", "list", "--tenant", "acme")

    assert len(out.splitlines()) == 2
    assert {"ann", "laptop", "valid"} <= set(out.split())
    assert key.strip().split("_", 2)[2] not in out


def test_a_revoked_key_does_not_work(say: Say, redis_socket: Path) -> None:
    _, out, _ = say(*CREATE)
    key = out.strip()

    assert say("keys", "revoke", "--tenant", "other", key.split("_")[1])[0] == 1
    assert say("keys", "revoke", "--tenant", "acme", key.split("_")[1])[0] == 0

    with pytest.raises(Unauthenticated):
        with_store(redis_socket, lambda s: Keys(s).async_authenticate(key))
    assert "revoked" in say("keys", "list", "--tenant", "acme")[1]


def test_an_expired_key_does_not_work(redis_socket: Path, say: Say) -> None:
    _, out, _ = say(*CREATE, "--expires-in", "1h")
    late = 10**10

    with pytest.raises(Unauthenticated):
        with_store(
            redis_socket, lambda s: Keys(s, clock=lambda: late).async_authenticate(out.strip())
        )


def test_the_audit_log_is_checked(say: Say, redis_socket: Path, tmp_path: Path) -> None:
    anchor = str(tmp_path / "anchor")
    for _ in range(3):
        say(*CREATE)
    verify = ("audit", "verify", "--tenant", "acme", "--anchor", anchor)
    code, out, _ = say(*verify)
    assert (code, out.split()[0]) == (0, "3")

    redis = Redis(unix_socket_path=str(redis_socket))
    redis.lset("{acme}|audit", 1, redis.lindex("{acme}|audit", 1).replace(b"user", b"root"))
    code, _, err = say(*verify)

    assert code == 1
    assert "entry 2 of acme" in err


def test_the_audit_log_is_sealed_with_the_secret_that_the_config_names(
    say: Say, redis_socket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "serve_config.yaml"
    config.write_text("applications: [{args: {audit: {key_env: OUR_SEAL}}}]")
    monkeypatch.setenv("OUR_SEAL", "a secret")
    say("--config", str(config), *CREATE)

    entry = Redis(unix_socket_path=str(redis_socket)).lindex("{acme}|audit", 0)
    with_the_secret = say("--config", str(config), "audit", "verify", "--tenant", "acme")[0]
    without = say("audit", "verify", "--tenant", "acme")[0]

    assert b"hmac:" in entry
    assert (with_the_secret, without) == (0, 1)


def test_a_tenant_without_a_log_is_told(say: Say, tmp_path: Path) -> None:
    code, out, _ = say("audit", "verify", "--tenant", "nosuch")

    assert (code, out) == (0, "the tenant nosuch has no audit log\n")


def test_what_is_not_sealed_is_explained_with_how_to_seal_it(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(*CREATE)
    _, unsealed, _ = say("audit", "verify", "--tenant", "acme")
    monkeypatch.setenv("AUDIT_KEY", "a secret")
    say("keys", "create", "--tenant", "sealed", "--user", "ada")
    _, sealed, _ = say("audit", "verify", "--tenant", "sealed")

    assert "; 1 are not sealed\nAn entry without a seal proves nothing" in unsealed
    assert unsealed.endswith("environment variable AUDIT_KEY\n")
    assert "seal" not in sealed


def test_a_replaced_log_is_detected_by_the_anchor(
    say: Say, redis_socket: Path, tmp_path: Path
) -> None:
    verify = ("audit", "verify", "--tenant", "acme", "--anchor", str(tmp_path / "anchor"))
    say(*CREATE)
    say(*CREATE)
    assert say(*verify)[0] == 0
    Redis(unix_socket_path=str(redis_socket)).delete("{acme}|audit", "{acme}|audit|head")
    say(*CREATE)

    code, _, err = say(*verify)

    assert code == 1
    assert "seen before" in err


def test_reservations_of_a_dead_process_are_reconciled(
    say: Say, redis_socket: Path, tmp_path: Path
) -> None:
    async def die(store: Store) -> None:
        limiter = limiter_on(store, LimitSettings(lease_s=0.01))
        ann = Principal(key_id="k1", tenant="acme", user="ann")
        admission = Admission(limiter, UsageLedger(store))
        await admission.async_admit(ann, Demand("gpt", 10, 5000), request_id="r7")

    with_store(redis_socket, die)
    time.sleep(0.05)  # the lease has expired
    _, left, _ = say("budgets", "unsettled", "--tenant", "acme")
    bill = tmp_path / "bill.json"
    bill.write_text(json.dumps({"r7": {"model": "gpt", "usd": 0.0012}}))
    _, done, _ = say("budgets", "reconcile", "--tenant", "acme", str(bill))
    _, shown, _ = say("budgets", "show", "--tenant", "acme")

    assert "r7" in left
    assert "$0.005000" in left
    assert done.startswith("1 ")
    assert "$0.001200 spent, $0.000000 held" in shown


def test_the_ledger_of_a_month_is_a_table_of_what_each_model_was_paid_for(
    say: Say, redis_socket: Path
) -> None:
    async def spend(store: Store) -> None:
        admission = Admission(limiter_on(store, LimitSettings()), UsageLedger(store))
        ann = Principal(key_id="k1", tenant="acme", user="ann")
        permit = await admission.async_admit(ann, Demand("gpt", 10, 5000), request_id="r7")
        bill = Bill(
            model="gpt", prompt_tokens=9, cached_tokens=4, completion_tokens=2, cost_micro_usd=1200
        )
        await permit.async_settle(Usage(prompt_tokens=9, cost_micro_usd=1200, bills=(bill,)))
        await store.flush()

    with_store(redis_socket, spend)
    (ledger,) = Redis(unix_socket_path=str(redis_socket)).keys("{acme}|ledger|*")
    month = ledger.decode().rpartition("|")[2]
    code, said, _ = say("budgets", "ledger", "--tenant", "acme", "--month", month)

    (line,) = csv.DictReader(said.splitlines())
    assert code == 0
    assert line.pop("at").startswith(month)
    assert line == {
        "kind": "use",
        "request": "r7",
        "user": "ann",
        "key": "k1",
        "model": "gpt",
        "prompt": "9",
        "cached": "4",
        "completion": "2",
        "usd": "0.001200",
    }


def test_a_month_that_is_none_is_refused(say: Say, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        say("budgets", "ledger", "--tenant", "acme", "--month", "november")

    assert "2026-11" in capsys.readouterr().err


def test_a_session_is_shown_by_the_name_that_its_caller_gave_it(
    say: Say, redis_socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_KEY", base64.b64encode(bytes(32)).decode())

    async def spend(store: Store) -> None:
        budgets = BudgetSettings(per_session=Spendable(usd_per_day=1))
        admission = Admission(limiter_on(store, LimitSettings(), budgets), UsageLedger(store))
        ann = Principal(key_id="k1", tenant="acme", user="ann")
        demand = Demand("gpt", 10, 5000, session_id="holiday")
        permit = await admission.async_admit(ann, demand, request_id="r7")
        await permit.async_settle(Usage(prompt_tokens=1, cost_micro_usd=1200))
        await store.flush()

    with_store(redis_socket, spend)
    _, shown, _ = say(
        "budgets", "show", "--tenant", "acme", "--scope", "session", "--name", "holiday"
    )

    assert "$0.001200 spent" in shown


@pytest.mark.parametrize(
    "words",
    [
        ("keys", "create", "--tenant", "a b", "--user", "x"),
        ("keys", "revoke", "--tenant", "acme", "none"),
        ("budgets", "reconcile", "--tenant", "acme", "/nowhere.json"),
    ],
)
def test_errors_are_reported_in_one_line(say: Say, words: tuple[str, ...]) -> None:
    code, out, err = say(*words)

    assert (code, out, len(err.splitlines())) == (1, "", 1)


def test_without_redis_it_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)

    code = main(["--socket", "/nowhere", "keys", "list", "--tenant", "acme"])

    assert code == 1
    assert "unavailable" in capsys.readouterr().err


def test_it_starts_without_loading_anything_heavy() -> None:
    check = (
        "import sys, genai.command.main;"
        "assert not {'ray', 'torch', 'fastapi', 'openai', 'lancedb'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", check], check=True, cwd=ROOT)
