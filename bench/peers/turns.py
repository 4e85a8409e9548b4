"""What every peer's half shares: it says that it is ready, then measures once for each line it reads."""
import json
import resource
import sys
import time

GIBIBYTE_IN_KIBIBYTES = 1 << 20


def serve(measure):
    """Answers each line with the seconds that measure() returns, as a line of JSON."""
    print(json.dumps({"ready": True}), flush=True)
    for _ in sys.stdin:
        seconds = measure()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIBIBYTE_IN_KIBIBYTES
        print(json.dumps({"seconds": seconds, "peak_rss_gib": round(peak, 3)}), flush=True)


def clock(threads):
    """This thread's processor time if there is no other, otherwise the time on the wall."""
    return time.thread_time if threads == 1 else time.perf_counter


def seconds(work, threads, at_least=0.0):
    """Seconds of one run of work, repeated for so long."""
    now = clock(threads)
    start, runs, elapsed = now(), 0, 0.0
    while runs == 0 or elapsed < at_least:
        work()
        runs += 1
        elapsed = now() - start
    return elapsed / runs
