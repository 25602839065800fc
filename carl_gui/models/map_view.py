"""The visible part of a map, panned and zoomed. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from core.map.drawing import Window

_MARGIN = 0.06
"""Around all points, as a share of the room."""
_DEEPEST, _HIGHEST = 2000.0, 0.5
"""How many times larger than the whole, and smaller, a map can be seen."""

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class MapWindow:
    """Conversion between points of a map and of a widget; on the map y grows upwards."""

    x: float
    """Of the middle, on the map."""
    y: float
    scale: float
    """Widget's pixels for a unit of the map."""
    width: float
    """Of the widget."""
    height: float

    @staticmethod
    def of_all(bounds: Bounds, width: float, height: float) -> MapWindow:
        """Everything between these least and greatest x and y is seen."""
        wide, high = bounds[2] - bounds[0], bounds[3] - bounds[1]
        room = 1 - 2 * _MARGIN
        scales = [side * room / extent for side, extent in ((width, wide), (height, high)) if extent > 0]
        return MapWindow(
            (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2, min(scales, default=1.0), width, height
        )

    def to_widget(self, x: float, y: float) -> tuple[float, float]:
        """Where a place of the map is in the widget."""
        return self.width / 2 + (x - self.x) * self.scale, self.height / 2 - (y - self.y) * self.scale

    def to_map(self, x: float, y: float) -> tuple[float, float]:
        """Return which place of the map is there in the widget."""
        return self.x + (x - self.width / 2) / self.scale, self.y - (y - self.height / 2) / self.scale

    def moved(self, x: float, y: float) -> MapWindow:
        """What is seen goes so many pixels to the right and down."""
        return MapWindow(self.x - x / self.scale, self.y + y / self.scale, self.scale, self.width, self.height)

    def zoomed(self, times: float, x: float, y: float, whole: MapWindow) -> MapWindow:
        """Larger so many times around a place in the widget; not without end, measured by how all is seen."""
        scale = min(max(self.scale * times, whole.scale * _HIGHEST), whole.scale * _DEEPEST)
        held = self.to_map(x, y)
        middle_x = held[0] - (x - self.width / 2) / scale
        middle_y = held[1] + (y - self.height / 2) / scale
        return MapWindow(middle_x, middle_y, scale, self.width, self.height)

    def resized(self, width: float, height: float, whole: MapWindow) -> MapWindow:
        """In a widget of that size; `whole` is how all was seen before: as much of it is seen as was."""
        if whole.width <= 0 or whole.height <= 0:
            return MapWindow(self.x, self.y, self.scale, width, height)
        grown = min(width / whole.width, height / whole.height)
        return MapWindow(self.x, self.y, self.scale * grown, width, height)

    def showing(self, x: float, y: float) -> MapWindow:
        """Moved as little as is needed to see that place well."""
        at_x, at_y = self.to_widget(x, y)
        edge_x, edge_y = 0.1 * self.width, 0.1 * self.height
        by_x = min(max(at_x, edge_x), self.width - edge_x) - at_x
        by_y = min(max(at_y, edge_y), self.height - edge_y) - at_y
        return self.moved(by_x, by_y) if by_x or by_y else self

    def drawn_at(self, ratio: float) -> Window:
        """As it is drawn on a screen with so many pixels for one of the widget's."""
        size = max(round(self.width * ratio), 1), max(round(self.height * ratio), 1)
        return Window(self.x, self.y, self.scale * ratio, *size)
