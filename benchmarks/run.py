"""`make bench`: speed beside the peers, as ratios of one run. No test: timings on a shared machine are noisy."""

import subprocess
import sys

PARTS = ("reasons", "serving", "million", "report", "gauges")
"""The last three make a million leads each, minutes of it; `make bench ARGS="reasons serving"` leaves them out."""


def main() -> None:
    for part in sys.argv[1:] or PARTS:
        print(f"\n{part}", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{part}"], check=True)


if __name__ == "__main__":
    main()
