import numpy as np
import pybullet
import pytest

from longhaul.envs.render.view import View, column_major, look_at
from tests.envs.render.worlds import VIEWS


@pytest.mark.parametrize(
    ("eye", "target", "up"),
    [
        ([2.8715, -2.1666, 2.5552], [-0.0262, -0.0302, 0.3920], [0.4041, 0.2263, 0.8863]),
        ([0.1, 0.2, 0.3], [1.0, -2.0, 0.5], [0, 0, 1]),
        ([0, 0, 2], [0, 0, 0], [1, 0, 0]),
    ],
)
def test_view_matrix_is_bullets(eye, target, up):
    view = View("v", 64, 48, 60.0, 0.1, 5.0, look_at(eye, target, up))
    ours = column_major(view.view_matrix())
    assert ours == pytest.approx(pybullet.computeViewMatrix(eye, target, up), abs=1e-5)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_projection_is_bullets(view):
    ours = column_major(view.projection_matrix())
    theirs = pybullet.computeProjectionMatrixFOV(
        view.fov, view.width / view.height, view.near, view.far
    )
    assert ours == pytest.approx(theirs, rel=1e-4)


def test_pose_is_camera_to_world():
    pose = look_at([1, 2, 3], [1, 5, 3], [0, 0, 1])
    assert pose[:3, 3] == pytest.approx([1, 2, 3])
    assert -pose[:3, 2] == pytest.approx([0, 1, 0])
    assert pose[:3, 1] == pytest.approx([0, 0, 1])
    view = View("v", 8, 8, 60.0, 0.1, 5.0, pose)
    assert view.view_matrix() @ pose == pytest.approx(np.eye(4))


def test_up_along_the_line_of_sight_is_refused():
    with pytest.raises(ValueError, match="parallel"):
        look_at([0, 0, 1], [0, 0, 0], [0, 0, 1])
