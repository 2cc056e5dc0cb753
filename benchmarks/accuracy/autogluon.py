"""AutoGluon on the same tables, in an environment of its own; its figures go into the kept file.

python3 -m venv /tmp/ag && /tmp/ag/bin/pip install "autogluon.tabular[lightgbm,catboost,xgboost]"
python -m benchmarks.accuracy.autogluon /tmp/ag/bin/python TABLE … [--way WAY] [--seeds N] [--seconds S] [--kept FILE]
"""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.accuracy.figures import figures
from benchmarks.accuracy.kept import Kept, Line
from benchmarks.accuracy.made import made
from benchmarks.accuracy.protocols import protocols
from benchmarks.accuracy.tables import ID, Table

NAME = "AutoGluon"
ROW = "row_in_time"
IN_ORDER = {"time_on": ROW, "temporal_forward_only": True}
WAYS: dict[str, dict[str, object]] = {
    NAME: {"presets": "best_quality"},
    "AutoGluon v150": {"presets": "best_quality_v150"},
    "AutoGluon, told the order": {
        "presets": "best_quality",
        "validation_structure": IN_ORDER,
        "num_stack_levels": 0,
        "dynamic_stacking": False,
    },
}
"""What each way gives to `fit`; the one with the order has the number of the row as a field, and one layer."""
FIT = """
import json, sys
import pandas as pd
from autogluon.tabular import TabularPredictor

train, test = pd.read_csv("train.csv"), pd.read_csv("test.csv")
predictor = TabularPredictor("won", eval_metric="log_loss", path="models", verbosity=1)
predictor.fit(train, time_limit=float(sys.argv[1]), num_cpus=2, **json.loads(sys.argv[2]))
predictor.predict_proba(test)[["yes"]].to_csv("scored.csv", index=False)
print(predictor.leaderboard().to_string())
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("python", help="the interpreter of AutoGluon's environment")
    parser.add_argument("tables", nargs="+")
    parser.add_argument("--way", choices=WAYS, default=NAME)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=240)
    parser.add_argument("--kept", type=Path, default=Path("accuracy.jsonl"))
    options = parser.parse_args()
    kept = Kept(options.kept)
    for kind in (kind for kind in [*protocols(), *made()] if kind.name in options.tables):
        for seed in range(1, options.seeds + 1):
            if kept.has(kind.name, options.way, seed):
                continue
            started, table = time.monotonic(), kind.make(seed)
            probability = _probability(options.python, table, options.seconds, options.way)
            measured = figures(probability, table.won)
            kept.add(Line(kind.name, options.way, seed, measured, {"seconds": time.monotonic() - started}))
            print(f"{kind.name:15} seed {seed} {options.way} {measured['log_loss']:.4f}", flush=True)


def _probability(python: str, table: Table, seconds: int, way: str) -> NDArray[np.float64]:
    train, test = table.train.drop(columns=ID), table.test.drop(columns=ID)
    if "validation_structure" in WAYS[way]:
        train[ROW], test[ROW] = np.arange(len(train)), np.arange(len(train), len(train) + len(test))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        train.to_csv(folder / "train.csv", index=False)
        test.to_csv(folder / "test.csv", index=False)
        command = [python, "-c", FIT, str(seconds), json.dumps(WAYS[way])]
        with (folder / "told").open("w") as told:
            done = subprocess.run(command, cwd=folder, stdout=told, stderr=told)
        if done.returncode:
            raise SystemExit((folder / "told").read_text()[-3_000:])
        return pd.read_csv(folder / "scored.csv")["yes"].to_numpy(np.float64)


if __name__ == "__main__":
    main()
