"""Colours with the same meaning in the window and in all exports, films included."""

from __future__ import annotations

ON_LIGHT = ("#1f6fd6", "#b35c00")
"""Video A, and video B, on white and other light grounds: blue and orange, which the colour-blind tell apart."""
ON_DARK = ("#4f9bff", "#f59f3b")
"""The same two on dark grounds."""
TINTS = (0.0, 0.45, 1.0), (1.0, 0.55, 0.0)
"""The same two as light, RGB from 0 to 1: together they are white."""
PHASES = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#999933", "#882255", "#44aa99", "#ee8866")
"""For phases in turn, unless somebody chose others; told apart by colour-blind people too (Paul Tol's `bright` and
`muted`)."""
MORE_PHASES = ("#77aadd", "#bbcc33", "#ffaabb", "#99ddff", "#44bb99", "#aaaa00", "#eedd88")
"""Tol's `light`, once those are used: alike to some of them, but never the same."""
