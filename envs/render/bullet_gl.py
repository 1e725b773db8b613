"""The GL renderer of a Bullet world: shapes are read once, poses once per frame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from longhaul.envs.quiet import import_quietly
from longhaul.envs.render.bullet_shapes import PoseReader, VisualShape, visual_shapes
from longhaul.envs.render.context import GLContext
from longhaul.envs.render.light import Light
from longhaul.envs.render.mesh import Mesh, load_image
from longhaul.envs.render.scene import Scene
from longhaul.envs.render.view import Frame, View

pybullet = import_quietly("pybullet")

SAMPLES = {"corner": (0.0, 0.0), "center": (0.5, 0.5)}


class BulletGL:
    """Draws a client's world in its own OpenGL context.

    `sample` says where in a pixel its ray passes: `corner` (the lower left one) as in
    TinyRenderer, so that the two agree to the pixel, or `center`, the textbooks' pinhole camera.
    `layers` see longhaul.envs.render.scene.Scene.
    """

    kind = "gl"

    def __init__(
        self,
        client: int,
        context: GLContext,
        light: Light,
        sample: str = "corner",
        layers: bool = False,
    ) -> None:
        if sample not in SAMPLES:
            raise ValueError(f"sample {sample!r}: choose one of {', '.join(SAMPLES)}")
        info = context.gl.info
        self.description = f"{info['GL_RENDERER']}; OpenGL {info['GL_VERSION']}"
        self._client = client
        self._sample = SAMPLES[sample]
        self._scene = Scene(context, light, layers=layers)
        self._files: dict[str, Mesh] = {}
        self._meshes: dict[tuple[object, ...], int] = {}
        self._images: dict[Path, int] = {}
        self._painted: dict[tuple[int, int], int] = {}
        self.refresh()

    def refresh(self) -> None:
        """Read all visual shapes again; meshes and textures that are known stay where they are."""
        self._shapes = visual_shapes(self._client)
        self._poses = PoseReader(self._client, self._shapes)
        self._scene.place(
            [self._mesh(shape) for shape in self._shapes],
            [shape.id for shape in self._shapes],
            [shape.rgba for shape in self._shapes],
            [self._painted.get((shape.body, shape.link)) for shape in self._shapes],
        )

    def _mesh(self, shape: VisualShape) -> int:
        if shape.mesh_key not in self._meshes:
            self._meshes[shape.mesh_key] = self._scene.add_mesh(shape.mesh(self._files))
        return self._meshes[shape.mesh_key]

    def render(self, views: Sequence[View], depth: bool = True, ids: bool = True) -> list[Frame]:
        """Return one Frame per view. See `longhaul.envs.render.renderer.Renderer`."""
        return self._scene.render(views, self._poses.read(), depth, ids, self._sample)

    def set_color(self, body: int, link: int, rgba: Sequence[float]) -> None:
        """Paint every visual shape of a link, in Bullet too."""
        pybullet.changeVisualShape(body, link, rgbaColor=rgba, physicsClientId=self._client)
        self._scene.set_color(
            [i for i, s in enumerate(self._shapes) if (s.body, s.link) == (body, link)], rgba
        )

    def set_texture(self, body: int, link: int, image: Path) -> None:
        """Cover every visual shape of a link with an image file."""
        if image not in self._images:
            self._images[image] = self._scene.add_texture(load_image(image))
        self._painted[body, link] = self._images[image]
        self.refresh()

    def set_light(self, light: Light) -> None:
        """Change the light. See `longhaul.envs.render.scene.Scene.set_light`."""
        self._scene.set_light(light)

    def close(self) -> None:
        """Free the OpenGL context; the client stays connected."""
        self._scene.release()
