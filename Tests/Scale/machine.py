"""Where and when the figures of a chart were measured."""

from __future__ import annotations

import os
import time


def machine() -> dict[str, object]:
    """Where and when it was measured."""
    model = next(
        (line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown processor")
    return {"processor": model, "cores": len(os.sched_getaffinity(0)), "load": round(os.getloadavg()[0], 1),
            "date": time.strftime("%Y-%m-%d", time.gmtime())}
