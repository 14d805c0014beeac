"""Freezes an archive that NumPy wrote, and checks one that our writer wrote.

numpy.npz is what `numpy.savez_compressed` makes of the arrays below; the tests expect to read it
and to write the same .npy headers. With a path as argument, the script instead loads that archive,
as the writer's test leaves it where ALR_KEEP_NPZ names a file, and compares.

Run: python make_npz.py [OURS.npz]   (needs numpy)
"""

import pathlib
import sys

import numpy as np

ARRAYS = {
    "matrix": np.arange(6, dtype="<f8").reshape(2, 3) / 4,
    "line": np.array([np.nan, np.inf, -0.0, 5e-324]),
    "scalar": np.array(2.5),
    "empty": np.zeros((0, 7)),
    "narrow": np.array([[1.5, -2.25]], dtype="<f4"),
    "cube": np.linspace(-1, 1, 24).reshape(2, 3, 4),
}

if len(sys.argv) > 1:
    with np.load(sys.argv[1], allow_pickle=False) as archive:
        assert list(archive.files) == list(ARRAYS), archive.files
        for name, array in ARRAYS.items():
            assert archive[name].dtype == np.dtype("<f8"), name
            np.testing.assert_array_equal(archive[name], array, strict=False)
    print("equal")
else:
    here = pathlib.Path(__file__).parent
    np.savez_compressed(here / "numpy.npz", **ARRAYS)
