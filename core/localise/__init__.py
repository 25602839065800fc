"""Temporal action localisation on frozen embeddings: where each kind of segment begins and ends in a video.

Two light detectors learn from labelled segments, on what an encoder said of each frame; the encoder stays as it is.

* `points` (`points.py`): anchor-free, as AFSD (Lin et al., CVPR 2021) and ActionFormer (Zhang, Wu, Li, ECCV 2022)
  define it, with convolutions for a backbone.
* `graph` (`graph.py`): G-TAD (Xu et al., "G-TAD: Sub-Graph Localization for Temporal Action Detection", CVPR 2020),
  which CARL's Table 12 uses, made small.

docs/decisions/0021-localisation.md says what of G-TAD is reproduced and what is not, and how both compare with
simple baselines.
"""
