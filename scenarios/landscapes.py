"""Landscapes as a scenario describes them. Each table of scenarios.schema states its formula."""

from __future__ import annotations

from typing import assert_never

from engine import landscapes, surfaces
from scenarios import schema


def build(description: schema.Landscape) -> landscapes.Landscape:
    """The landscape, to be trained on; the same description gives the same bits."""
    if isinstance(description, schema.TwoMinimaLandscape):
        return landscapes.two_minima(description.examples)
    return landscapes.tilted(
        _surface(description), noise=description.noise, examples=description.examples, seed=description.seed
    )


def _surface(description: schema.TiltedLandscape) -> surfaces.Surface:
    surface: surfaces.Surface
    match description:
        case schema.QuadraticLandscape():
            first, second = (*description.eigenvalues, *description.eigenvalues)[:2]
            surface = surfaces.Quadratic((first, second), description.rotation)
        case schema.RavineLandscape():
            surface = surfaces.Ravine(description.steepness, description.scale)
        case schema.SaddleLandscape():
            surface = surfaces.Saddle(description.curvature)
        case schema.PlateauLandscape():
            surface = surfaces.Plateau(description.width)
        case schema.PotholesLandscape():
            surface = surfaces.Potholes(description.depth, description.spacing)
        case schema.HimmelblauLandscape():
            surface = surfaces.Himmelblau(description.scale)
        case schema.HyperbolaLandscape():
            surface = surfaces.Hyperbola()
        case _:
            assert_never(description)
    return surface if description.num_weights(0) == 2 else surfaces.Slice(surface)
