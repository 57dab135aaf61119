import json
from pathlib import Path

from genai.safety.toxicity import ToxicityCheck
from jobs.train_toxicity import main

CONFIG = """
labelled: [calm.jsonl, rude.jsonl]
harmless: {}
calibration: [calm.jsonl]
provoking: []
generated:
  - {rule: toxic, attack: true, count: 300}
  - {rule: civil, attack: false, count: 300}
epochs: 2
"""


async def test_the_job_writes_a_model_with_the_words_that_show_insults(tmp_path: Path) -> None:
    rows = {"calm": ("my card is lost", 0), "rude": ("what a blithering numpty", 1)}
    for name, (text, label) in rows.items():
        lines = [json.dumps({"text": f"{text} {n}", "label": label}) for n in range(30)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines))
    (tmp_path / "config.yaml").write_text(CONFIG)
    out = tmp_path / "model.npz"

    code = main(
        ["--data", str(tmp_path), "--config", str(tmp_path / "config.yaml"), "--out", str(out)]
    )

    assert code == 0
    assert set(json.loads(out.with_suffix(".json").read_text())) == {"calm.jsonl", "rude.jsonl"}
    check = ToxicityCheck("block", 0.2, out)
    assert (await check.async_scan("What a blithering numpty 4.", "output")).findings
    assert not (await check.async_scan("My card is lost 4.", "output")).findings
