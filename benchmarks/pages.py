"""What each page takes in a service that runs, beside its bar: the median by the clock and of the processor.

    python -m benchmarks.pages URL KEY [--rounds N]

KEY is an admin's. `leads demo` has some 2,000 leads waiting; a service with one worker on this machine is best, whose
time of the processor is read too, so that other work on the machine spoils less.
"""

import argparse
import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2

PAGES = (
    *("/queue", "/queue?order=wait", "/day", "/team", "/leads", "/definitions"),
    *("/search?q=L-1", "/search?q=ann", "/search?q=7946"),
    *("/model", "/model/grades?a=20", "/model/data", "/try", "/try/file"),
    *("/admin", "/admin/keys", "/admin/versions", "/admin/training", "/admin/webhooks", "/admin/targets"),
)
BAR_MS, REPORT_BAR_MS, REPORT_BAR_KIB = 50.0, 100.0, 60.0
MADE_WITHIN_S = 300
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("url")
    asked.add_argument("key")
    asked.add_argument("--rounds", type=int, default=30)
    given = asked.parse_args()
    headers = {"accept": "text/html", "accept-encoding": "gzip"}
    with httpx2.Client(base_url=given.url, headers=headers, timeout=60, follow_redirects=True) as client:
        client.post("/sign-in", data={"key": given.key, "next": "/queue"}).raise_for_status()
        lead = client.get("/leads").text.partition('href="/leads/')[2].partition('"')[0]
        pid = find_process(httpx2.URL(given.url).port or 80)
        print(f"{'page':24}{'median, ms':>12}{'processor, ms':>15}{'KiB sent':>10}{'bar':>8}")
        for path in (*PAGES, f"/leads/{lead}"):
            print_page(client, path, pid, given.rounds)
        wait_for_report(client)
        print_page(client, "/report", pid, given.rounds)


def print_page(client: httpx2.Client, path: str, pid: int | None, rounds: int) -> None:
    """Ask a page so often, after twice for its caches, and print what it took."""
    bar = REPORT_BAR_MS if path == "/report" else BAR_MS
    for _ in range(2):
        client.get(path).raise_for_status()
    worked = seconds_worked(pid)
    times, sizes = zip(*ask(client, path, rounds), strict=True)
    each = 1000 * (seconds_worked(pid) - worked) / rounds
    median, size = 1000 * statistics.median(times), statistics.median(sizes) / 1024
    is_over = min(median, each or median) > bar or (path == "/report" and size > REPORT_BAR_KIB)
    shown = path if not path.startswith("/leads/") else "/leads/{lead_id}"
    print(f"{shown:24}{median:12.1f}{each:15.1f}{size:10.1f}{bar:6.0f}{' !' if is_over else ''}", flush=True)


def ask(client: httpx2.Client, path: str, rounds: int) -> Iterator[tuple[float, int]]:
    """The seconds of each answer, and the bytes that were sent."""
    for _ in range(rounds):
        start = time.perf_counter()
        answer = client.get(path)
        yield time.perf_counter() - start, answer.num_bytes_downloaded


def wait_for_report(client: httpx2.Client) -> None:
    """Until it is made: the first time takes seconds."""
    until = time.monotonic() + MADE_WITHIN_S
    while 'class="report"' not in client.get("/report").text:
        if time.monotonic() > until:
            raise SystemExit("the report is not made")
        time.sleep(1)


def find_process(port: int) -> int | None:
    """The process on this machine that listens on the port; None where there is none to be seen."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inodes = {f"socket:[{line[9]}]" for line in lines if line[3] == "0A" and line[1].endswith(f":{port:04X}")}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if inodes & {str(file.readlink()) for file in (folder / "fd").iterdir()}:
                return int(folder.name)
        except OSError:
            continue
    return None


def seconds_worked(pid: int | None) -> float:
    """The processor's time of a process so far; 0 where it is not known."""
    if pid is None:
        return 0.0
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


if __name__ == "__main__":
    main()
