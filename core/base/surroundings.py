"""What the environment says to the libraries before they are imported: report nothing, and write in our folders."""

from __future__ import annotations

import os
from pathlib import Path

_NO_REPORTS = {
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime writes a device id and sends events, whatever its own functions say
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
}


def forbid_reports() -> None:
    """Set that no library reports its use, in this process and its children."""
    os.environ.update(_NO_REPORTS)


def keep_caches() -> None:
    """Let matplotlib keep its list of fonts in our cache, and numba its code where it cannot lie beside the sources.

    For processes of ours: in a notebook matplotlib has the settings of its user.
    """
    from core.base.files import cache_folder  # `import core` in a notebook needs none of it

    os.environ.setdefault("MPLCONFIGDIR", str(cache_folder("matplotlib")))
    if not os.access(Path(__file__).parents[1], os.W_OK):
        os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder("compiled")))
