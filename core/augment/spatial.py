"""Temporally consistent spatial augmentation: one draw for all frames of a view (CARL, section 3.2).

Steps, order and strengths are those of the released code: random resized crop, horizontal flip, colour jitter in random
order, Gaussian blur, grayscale (normalisation stands in the backbone). There they run through PIL frame by frame; here
a whole view is changed at once on the device where its uint8 frames lie. Each step is torchvision's on floats.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from core.settings.config import AugmentConfig

CHUNK = 32
"""Frames changed at once: bounds what is needed beside the result to some 40 MB at 224 pixels."""
_GPU_CHUNK = 256
"""On a GPU, where work on fewer is done before the next is launched: 300 MB."""

CROP_ATTEMPTS = 10

LUMA = (0.2989, 0.587, 0.114)
"""Weights of red, green and blue in a gray value (ITU-R BT.601, as PIL and torchvision round them)."""


@dataclass(frozen=True, slots=True)
class SpatialDraw:
    """The augmentation of every frame of one view. The defaults leave the frame unchanged."""

    crops: tuple[tuple[float, float], ...] = ((1.0, 1.0),)
    """Attempts of (share of the area, width / height): the first that fits the frame is taken (`crop_box`)."""
    across: float = 0.5
    """Where the crop lies between the left (0) and the right (1)."""
    down: float = 0.5
    """Where the crop lies between the top (0) and the bottom (1)."""
    flip: bool = False
    jitter: tuple[tuple[str, float], ...] = ()
    """(`brightness`, `contrast`, `saturation`: factor | `hue`: turns), in the order in which they are done."""
    blur_sigma: float = 0.0
    """Standard deviation of the blur in pixels of the result; 0: none."""
    grayscale: bool = False


def draw(config: AugmentConfig, generator: np.random.Generator) -> SpatialDraw:
    """Draw once for a whole view. It takes the same amount from `generator` whatever comes out."""
    shares = generator.uniform(config.min_scale, 1.0, CROP_ATTEMPTS)
    bound = math.log(config.max_aspect_ratio)
    ratios = np.exp(generator.uniform(-bound, bound, CROP_ATTEMPTS))
    across, down, flip, jitter, blur, gray = generator.random(6)
    jitters = [
        (name, float(generator.uniform(max(0.0, 1.0 - strength), 1.0 + strength)))
        for name, strength in (
            ("brightness", config.brightness),
            ("contrast", config.contrast),
            ("saturation", config.saturation),
        )
    ]
    jitters.append(("hue", float(generator.uniform(-config.hue, config.hue))))
    order = generator.permutation(len(jitters))
    sigma = float(generator.uniform(config.min_blur_sigma, config.max_blur_sigma))
    return SpatialDraw(
        crops=tuple(zip(shares.tolist(), ratios.tolist(), strict=True)),
        across=float(across),
        down=float(down),
        flip=bool(flip < config.flip_prob),
        jitter=tuple(jitters[i] for i in order) if jitter < config.jitter_prob else (),
        blur_sigma=sigma if blur < config.blur_prob else 0.0,
        grayscale=bool(gray < config.grayscale_prob),
    )


def apply(frames: Tensor, draw: SpatialDraw, image_size: int, poll: Callable[[], None] = lambda: None) -> Tensor:
    """Do `draw` to every frame, in bounded memory, on the frames' device; in float32 under autocast too.

    Args:
        frames: (T, H, W, 3) uint8 RGB, of any strides.
        image_size: side of the square result, in pixels.
        poll: called every `CHUNK` frames; what it raises ends the work.

    Returns:
        (T, 3, image_size, image_size) float32 in [0, 1].

    Raises:
        ValueError: frames of another shape or type.
    """
    if frames.ndim != 4 or frames.shape[3] != 3 or frames.dtype != torch.uint8 or 0 in frames.shape[1:]:
        raise ValueError(f"frames must be (T, H, W, 3) uint8, not {tuple(frames.shape)} {frames.dtype}")
    top, left, height, width = crop_box(draw, frames.shape[1], frames.shape[2])
    images = frames[:, top : top + height, left : left + width].permute(0, 3, 1, 2)  # (T, 3, h, w)
    result = torch.empty(len(frames), 3, image_size, image_size, device=frames.device)
    chunk = CHUNK if frames.device.type == "cpu" else _GPU_CHUNK
    blur = _blur_matrix(image_size, draw.blur_sigma, frames.device) if draw.blur_sigma else None
    with torch.no_grad(), torch.autocast(frames.device.type, enabled=False):
        for start in range(0, len(frames), chunk):
            poll()
            part = result[start : start + chunk]
            _resize(images[start : start + chunk], draw.flip, out=part)
            for name, amount in draw.jitter:
                _JITTERS[name](part, amount)
            if blur is not None:
                torch.matmul(blur, part @ blur.T, out=part)
            if draw.grayscale:
                part.copy_(_gray(part).expand_as(part))
    return result


def resize_whole(frames: Tensor, image_size: int) -> Tensor:
    """Return the whole frame resized to the square: what the encoder sees at test time. As `apply` with nothing
    drawn."""
    return apply(frames, SpatialDraw(), image_size)


def crop_box(draw: SpatialDraw, height: int, width: int) -> tuple[int, int, int, int]:
    """Return (top, left, height, width) in pixels of the crop of a height x width frame.

    Attempts, and what is done with them, are torchvision's, on the frame as the encoder sees it: squeezed to a square.
    So a crop's ratio is relative to the frame's. In pixels, no crop of 80 % of a 16:9 frame has a ratio within 4/3;
    torchvision then always takes the middle, the edges are never seen, and nothing is random. Where no attempt fits we
    keep the last one's area and come as near to its ratio as the frame permits.
    """
    for share, ratio in draw.crops:
        if share <= ratio <= 1 / share:
            break
    else:
        ratio = min(max(ratio, share), 1 / share)
    crop_width = min(width, max(1, round(width * math.sqrt(share * ratio))))
    crop_height = min(height, max(1, round(height * math.sqrt(share / ratio))))
    top = min(int(draw.down * (height - crop_height + 1)), height - crop_height)
    left = min(int(draw.across * (width - crop_width + 1)), width - crop_width)
    return top, left, crop_height, crop_width


def _resize(images: Tensor, flip: bool, *, out: Tensor) -> None:
    """Resize bilinearly with antialiasing: (N, 3, h, w) uint8 -> `out` (N, 3, S, S) float32 in [0, 1].

    On a CPU the work is done on bytes and rounded to them, as in PIL: five times as fast. A GPU has no such path.
    """
    source = images if images.device.type == "cpu" else images.float()
    small = F.interpolate(source, out.shape[2:], mode="bilinear", antialias=True)
    out.copy_(small.flip(3) if flip else small).mul_(1 / 255)
    if images.device.type != "cpu":
        out.clamp_(0.0, 1.0)


def _gray(images: Tensor) -> Tensor:
    """Map (N, 3, H, W) -> (N, 1, H, W)."""
    red, green, blue = _channels(images)
    return (red * LUMA[0]).add_(green, alpha=LUMA[1]).add_(blue, alpha=LUMA[2])


def _channels(images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return images[:, 0:1], images[:, 1:2], images[:, 2:3]


def _brightness(images: Tensor, factor: float) -> None:
    images.mul_(factor).clamp_(0.0, 1.0)


def _contrast(images: Tensor, factor: float) -> None:
    """Move colours away from (or towards) each frame's own mean gray."""
    mean = _gray(images).mean(dim=(1, 2, 3), keepdim=True)
    images.mul_(factor).add_(mean, alpha=1.0 - factor).clamp_(0.0, 1.0)


def _saturation(images: Tensor, factor: float) -> None:
    gray = _gray(images)
    images.mul_(factor).add_(gray, alpha=1.0 - factor).clamp_(0.0, 1.0)


def _hue(images: Tensor, turns: float) -> None:
    """Turn the hue of the HSV cylinder, keeping value and saturation.

    With M and m the largest and least channel, each channel is m + (M - m) * clamp(|k - 3| - 1, 0, 1), where k is the
    hue in sixths of a turn, plus 0, 4, 2 for red, green, blue, modulo 6.
    """
    red, green, blue = _channels(images)
    largest, least = images.amax(1, keepdim=True), images.amin(1, keepdim=True)
    chroma = largest - least  # (N, 1, H, W)
    sixths = torch.where(
        largest == red,
        green - blue,
        torch.where(largest == green, blue - red + 2 * chroma, red - green + 4 * chroma),
    )
    sixths.div_(chroma.clamp(min=torch.finfo(torch.float32).tiny)).add_(6.0 * turns)  # a gray pixel has any hue
    for channel, shift in zip(_channels(images), (0.0, 4.0, 2.0), strict=True):
        torch.add(sixths, shift, out=channel)
    images.remainder_(6.0).sub_(3.0).abs_().sub_(1.0).clamp_(0.0, 1.0).mul_(chroma).add_(least)


_JITTERS = {"brightness": _brightness, "contrast": _contrast, "saturation": _saturation, "hue": _hue}


def _blur_matrix(size: int, sigma: float, device: torch.device) -> Tensor:
    """Return (size, size) matrix that blurs a line of pixels: a Gaussian cut at 3 sigma, mirrored at the edges.

    As a matrix, since two products with it are simple, fast enough, and cost the same for any sigma.
    """
    radius = min(math.ceil(3.0 * sigma), size - 1)
    offsets = torch.arange(-radius, radius + 1, device=device)
    weights = torch.exp(-0.5 * (offsets / sigma) ** 2)
    weights /= weights.sum()
    sources = (torch.arange(size, device=device)[:, None] + offsets).abs()  # (size, taps), mirrored at 0
    sources = torch.where(sources < size, sources, 2 * (size - 1) - sources)
    return torch.zeros(size, size, device=device).scatter_add_(1, sources, weights.expand(size, -1))
