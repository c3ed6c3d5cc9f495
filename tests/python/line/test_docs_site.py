"""Repairs of the docs site, and the colours of its graph."""

import itertools

import numpy as np
import pytest
import yaml
from warehouses import ROOT

from plumbline.warehouse import docs_site

# Machado, Oliveira and Fernandes (2009), table 1, severity 1.0: what a colour-blind eye sees, in linear RGB.
EYES = {
    "all cones": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
# sRGB to CIE XYZ, white D65 (IEC 61966-2-1).
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = XYZ.sum(axis=1)


def linear(colour):
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast_with_white(colour):
    """Return the contrast ratio of WCAG 2.2."""
    return 1.05 / (XYZ[1] @ linear(colour) + 0.05)


def lab(colour, eye):
    """Return CIE L*a*b* of a colour as an eye sees it."""
    ratio = XYZ @ np.clip(np.array(EYES[eye]) @ linear(colour), 0, 1) / WHITE
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.fixture(scope="module")
def project():
    return yaml.safe_load((ROOT / "dbt_project.yml").read_text())


@pytest.fixture(scope="module")
def colours(project):
    """Return the colours of the layers, as the graph draws them."""
    layers = project["models"]["plumbline"].values()
    own = {layer["+docs"]["node_color"] for layer in layers if "node_color" in layer.get("+docs", {})}
    return {*own, docs_site.INPUTS, docs_site.EXPOSURES}


def test_seeds_and_sources_have_one_colour(project):
    assert project["seeds"]["plumbline"]["+docs"]["node_color"] == docs_site.INPUTS


def test_white_text_can_be_read_on_every_colour(colours):
    assert len(colours) == 6
    assert min(map(contrast_with_white, {*colours, docs_site.TESTS, docs_site.CANVAS})) > 4.5


@pytest.mark.parametrize("eye", EYES)
def test_no_two_layers_look_alike(colours, eye):
    """Twelve is five times what is just noticed."""
    seen = {colour: lab(colour, eye) for colour in colours}
    for one, other in itertools.combinations(sorted(colours), 2):
        assert np.linalg.norm(seen[one] - seen[other]) > 12, (one, other)


def test_a_page_of_another_dbt_is_refused():
    with pytest.raises(docs_site.DocsError, match=r"dbt of requirements\.lock"):
        docs_site.repaired("<title>dbt Docs</title>")
