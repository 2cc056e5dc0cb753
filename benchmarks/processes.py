"""What a process of the benchmarks has used."""

import os
from pathlib import Path


def processor_seconds(process: int) -> float:
    """The processor time of all its threads so far, with the kernel's work for them; NaN where it is not known."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
