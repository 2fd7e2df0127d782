"""Landscapes as a scenario describes them. Each table of scenarios.files.schema states its formula."""

from __future__ import annotations

from typing import assert_never

from engine.model import landscape_shapes, landscapes
from scenarios.files import schema


def build(description: schema.Landscape) -> landscapes.Landscape:
    """The landscape, to be trained on; the same description gives the same bits."""
    if isinstance(description, schema.TwoMinimaLandscape):
        return landscapes.two_minima(description.examples)
    return landscapes.tilted(
        _surface(description), noise=description.noise, examples=description.examples, seed=description.seed
    )


def _surface(description: schema.TiltedLandscape) -> landscape_shapes.Surface:
    surface: landscape_shapes.Surface
    match description:
        case schema.QuadraticLandscape():
            first, second = (*description.eigenvalues, *description.eigenvalues)[:2]
            surface = landscape_shapes.Quadratic((first, second), description.rotation)
        case schema.RavineLandscape():
            surface = landscape_shapes.Ravine(description.steepness, description.scale)
        case schema.SaddleLandscape():
            surface = landscape_shapes.Saddle(description.curvature)
        case schema.PlateauLandscape():
            surface = landscape_shapes.Plateau(description.width)
        case schema.PotholesLandscape():
            surface = landscape_shapes.Potholes(description.depth, description.spacing)
        case schema.HimmelblauLandscape():
            surface = landscape_shapes.Himmelblau(description.scale)
        case schema.HyperbolaLandscape():
            surface = landscape_shapes.Hyperbola()
        case _:
            assert_never(description)
    return surface if description.num_weights(0) == 2 else landscape_shapes.Slice(surface)
