"""Draws a scene of meshes from any number of cameras: colors, metric depth and ids in one pass.

Knows nothing of any simulator: whoever owns one adds meshes, places instances of them, and hands
over their poses with every call.
"""

from __future__ import annotations

from collections.abc import Sequence

import moderngl
import numpy as np
from numpy.typing import ArrayLike, NDArray

from longhaul.envs.render.atlas import Atlas
from longhaul.envs.render.context import GLContext
from longhaul.envs.render.drawlist import Batch, DrawList
from longhaul.envs.render.geometry import COMMAND, VERTEX_FORMAT, VERTEX_NAMES, Geometry
from longhaul.envs.render.layers import MOST_TAGS, Layer, Layers
from longhaul.envs.render.light import Light
from longhaul.envs.render.mesh import Mesh
from longhaul.envs.render.shaders import SCENE_VERTEX, scene_fragment
from longhaul.envs.render.shadow import ShadowMap
from longhaul.envs.render.sight import Sight, sights
from longhaul.envs.render.still import Stillness
from longhaul.envs.render.textures import Textures
from longhaul.envs.render.view import Frame, View, column_major

INSTANCE = np.dtype(
    [("pose", "f4", (3, 4)), ("color", "f4", 3), ("id", "i4"), ("layer", "f4"), ("tag", "f4")]
)
INSTANCE_FORMAT = "4f 4f 4f 3f 1i 1f 1f/i"
INSTANCE_NAMES = ("pose_x", "pose_y", "pose_z", "color", "id", "layer", "tag")
INSTANCE_WORDS = INSTANCE.itemsize // 4
WHITE = np.full((1, 1, 3), 255, np.uint8)


class Scene:
    """Meshes, their instances, and a light, in one OpenGL context that the scene owns.

    `add_mesh`, then `place`, then `render` as often as wanted, then `release`. `sharp` takes
    textures one mipmap finer than usual, which keeps small pictures crisp; without, they are
    trilinear, as most renderers have them.

    With `layers`, what stands still in a view that is drawn again is not drawn again
    (longhaul.envs.render.layers); pictures are the same, bit for bit. A scene with shadows has no
    layers, since what moves throws its shadow on what stands still.
    """

    def __init__(
        self, context: GLContext, light: Light, sharp: bool = True, layers: bool = False
    ) -> None:
        self._context = context
        self._light = light
        self._geometry = Geometry(context.gl)
        self._mesh_textures: list[int] = []
        self._buffers: list[moderngl.Buffer | moderngl.VertexArray] = []
        self._atlas: Atlas | None = None
        self._shadow: ShadowMap | None = None
        self._layers = Layers() if layers and not light.throws_shadows else None
        with context as gl:
            self._textures = Textures(gl, sharp)
            self._program = gl.program(SCENE_VERTEX, scene_fragment(light, sharp))
            if light.throws_shadows:
                self._shadow = ShadowMap(gl, light)
                self._program["shadow_map"] = 1
        self.set_light(light)
        self.add_texture(WHITE)
        self.place([], [], [])

    def add_mesh(self, mesh: Mesh) -> int:
        """Take a mesh, to be uploaded once, and return its number."""
        self._mesh_textures.append(0 if mesh.texture is None else self.add_texture(mesh.texture))
        return self._geometry.add(mesh)

    def add_texture(self, image: NDArray[np.uint8]) -> int:
        """Take an image (H, W, 3) uint8, row 0 at the top, and return its number.

        The same image again, as the links of one robot have it, is not uploaded again.
        """
        return self._textures.add(image)

    def place(
        self,
        meshes: Sequence[int],
        ids: Sequence[int],
        colors: ArrayLike,
        textures: Sequence[int | None] | None = None,
    ) -> None:
        """Replace all instances: for each its mesh, its id (>= 0) and its rgba in 0..1.

        A texture of None is the mesh's own. Alpha is ignored: everything is opaque, as in
        TinyRenderer, so that every pixel has one depth and one id.
        """
        self._meshes = np.asarray(meshes, int)
        self._instances = np.zeros(len(self._meshes), INSTANCE)
        self._instances["id"] = ids
        self._instances["color"] = np.reshape(colors, (-1, 4))[:, :3]
        self._instances["tag"] = 1.0
        own = [self._mesh_textures[mesh] for mesh in self._meshes]
        chosen = [None] * len(own) if textures is None else textures
        merged = [a if b is None else b for a, b in zip(own, chosen, strict=True)]
        arrays, layers = self._textures.places(np.asarray(merged, int)).T
        self._instances["layer"] = layers
        self._draws = DrawList(self._geometry, self._meshes, arrays)
        self._still = Stillness(len(self._meshes))
        self._tagged = np.zeros(0, int)
        if self._layers is not None:
            self._layers.clear()
        self._stale = True

    def set_color(self, instances: Sequence[int], rgba: Sequence[float]) -> None:
        """Paint instances, given by their places in the order of `place`."""
        self._instances["color"][list(instances)] = rgba[:3]

    def set_light(self, light: Light) -> None:
        """Change the light's colors and direction; `lit` and the shadow stay as they were made.

        Raises ValueError for another `lit`, `shadow` or `shadow_size`.
        """
        now = self._light
        if (light.lit, light.shadow, light.shadow_size) != (now.lit, now.shadow, now.shadow_size):
            raise ValueError("a scene keeps the kind of its light: lit, shadow and shadow_size")
        self._light = light
        if self._layers is not None:
            self._layers.clear()
        if light.lit:
            with self._context:
                _set_light(self._program, light)
        if self._shadow is not None:
            self._shadow.set_light(light)

    def render(
        self,
        views: Sequence[View],
        poses: NDArray[np.float64],
        depth: bool = True,
        ids: bool = True,
        sample: tuple[float, float] = (0.5, 0.5),
        shown: NDArray[np.bool_] | None = None,
        zero: bool = False,
    ) -> list[Frame]:
        """Return one Frame per view.

        `poses` (N, 4, 4) takes each instance's mesh to the world: rotation, translation and
        uniform scale (anything else belongs into the mesh). `sample` is where in a pixel its ray
        passes, from the lower left corner in pixels; the middle is the textbooks' camera. `shown`
        (N,) leaves instances out that the caller knows to be out of sight; None draws all. With
        `zero` the background has depth and id 0, and other ids are one more than placed.
        """
        if not views:
            return []
        with self._context as gl:
            if self._stale:
                self._allocate()
            gl.enable_only(moderngl.DEPTH_TEST)
            atlas = self._fit_atlas(views)
            cameras = np.stack([_camera(view, sample) for view in views])
            self._instances["pose"] = poses[:, :3]
            held = self._held(atlas, cameras)
            seen = sights(self._draws, self._geometry, self._meshes, cameras, poses, shown)
            layers = [
                self._layer(atlas, cameras, seen, index) if keeps else None
                for index, keeps in enumerate(held)
            ]
            orders = [
                sight.drawn() if layer is None else sight.drawn(~self._still.held)
                for sight, layer in zip(seen, layers, strict=True)
            ]
            self._cast(poses)
            self._draw(atlas, cameras, orders, depth or ids)
            found = atlas.read(depth, ids, [layer is not None for layer in layers])
        frames = []
        for view, sight, layer, pixels in zip(views, seen, layers, found, strict=True):
            whole = pixels if layer is None else layer.under(pixels, self._tagged, sight.order)
            frames.append(whole.frame(view.far, zero))
        return frames

    def release(self) -> None:
        """Free the context and everything in it."""
        self._context.release()

    def _allocate(self) -> None:
        """Bring what was added and placed to the GPU."""
        self._stale = False
        for item in self._buffers:
            item.release()
        self._buffers = []
        if not len(self._meshes):
            return
        gl, geometry = self._context.gl, self._geometry
        geometry.upload()
        self._textures.upload()
        self._instance_buffer = gl.buffer(reserve=self._instances.nbytes, dynamic=True)
        self._command_buffer = gl.buffer(reserve=COMMAND.itemsize, dynamic=True)
        vertices = (geometry.vertices, VERTEX_FORMAT, *VERTEX_NAMES)
        instances = (self._instance_buffer, INSTANCE_FORMAT, *INSTANCE_NAMES)
        self._vertex_array = gl.vertex_array(
            self._program, [vertices, instances], geometry.indices, skip_errors=True
        )
        self._buffers = [self._instance_buffer, self._command_buffer, self._vertex_array]
        if self._shadow is not None:
            self._shadow.attach(vertices, instances, geometry.indices)

    def _fit_atlas(self, views: Sequence[View]) -> Atlas:
        sizes = [(view.width, view.height) for view in views]
        if self._atlas is None or self._atlas.sizes != sizes:
            if self._atlas is not None:
                self._atlas.release()
            self._atlas = Atlas(self._context.gl, sizes)
        return self._atlas

    def _held(self, atlas: Atlas, cameras: NDArray[np.float64]) -> list[bool]:
        """Return for which views there may be a layer, after a look at what has moved."""
        layers = self._layers
        if layers is None:
            return [False] * len(cameras)
        known = [layers.known(*view) for view in zip(atlas.boxes, cameras, strict=True)]
        if any(known):
            records = self._instances.view(np.uint32).reshape(len(self._instances), INSTANCE_WORDS)
            if self._still.update(records[:, :-1]):  # all but the tags
                layers.forget()
                self._tagged = np.flatnonzero(~self._still.held)
                tags = np.arange(len(self._tagged)) + 1
                self._instances["tag"][self._tagged] = np.minimum(tags / MOST_TAGS, 1.0)
        few = len(self._tagged) <= MOST_TAGS
        return [fixed and few and bool(self._still.held.any()) for fixed in known]

    def _layer(
        self, atlas: Atlas, cameras: NDArray[np.float64], seen: Sequence[Sight], index: int
    ) -> Layer | None:
        """Return the layer of a view, drawn if there is none yet; None if no held one is in it."""
        assert self._layers is not None
        held = self._still.held
        order = seen[index].order
        key = atlas.boxes[index], cameras[index], order[held[order]]
        if not len(key[-1]):
            return None
        layer = self._layers.find(*key)
        if layer is None:
            nothing = np.zeros(0, int)
            orders = [nothing if i != index else sight.drawn(held) for i, sight in enumerate(seen)]
            ids = self._instances["id"].copy()
            self._instances["id"] = np.arange(len(ids))
            self._draw(atlas, cameras, orders, True)
            self._instances["id"] = ids
            pixels = atlas.read(True, True, [i == index for i in range(len(seen))])[index]
            layer = Layer.of(pixels, ids)
            self._layers.add(*key, layer)
        return layer

    def _draw(
        self,
        atlas: Atlas,
        cameras: NDArray[np.float64],
        orders: Sequence[NDArray[np.int64]],
        data: bool,
    ) -> None:
        """Draw every view's instances, in their orders, into its box of the atlas."""
        target = atlas.begin(self._light.background, data)
        if not len(self._meshes):
            return
        self._instance_buffer.write(self._instances.tobytes())
        plans = self._plan(orders)
        for camera, box, batches in zip(cameras, atlas.boxes, plans, strict=True):
            if batches:
                target.viewport = box
                self._program["camera"] = column_major(camera)
                self._draw_batches(self._vertex_array, batches)

    def _cast(self, poses: NDArray[np.float64]) -> None:
        """Draw the shadow map, if something has moved."""
        casters = ~self._geometry.flat[self._meshes]
        if self._shadow is None or not casters.any():
            return
        centers, radii = self._geometry.spheres(self._meshes, poses)
        if self._shadow.begin(poses, centers[casters], radii[casters]):
            self._instance_buffer.write(self._instances.tobytes())
            plans = self._plan([self._draws.order(casters, radii)])
            self._draw_batches(self._shadow.vertex_array, plans[0])
            self._shadow.end()
        self._shadow.texture.use(1)
        self._program["sun_camera"] = self._shadow.camera

    def _plan(self, orders: Sequence[NDArray[np.int64]]) -> list[list[Batch]]:
        """Write the commands that draw orders of instances, and return the batches of each."""
        commands, plans = self._draws.plan(orders)
        if len(commands):
            self._command_buffer.orphan(commands.nbytes)
            self._command_buffer.write(commands.tobytes())
        return plans

    def _draw_batches(self, vertex_array: moderngl.VertexArray, batches: Sequence[Batch]) -> None:
        """Draw without the hidden sides of closed meshes.

        Those are GL's fronts: the backs in a view, which stands upside down in the atlas, and the
        sunny sides in the shadow map, where a far side casts the same shadow with less speckle.
        """
        gl = self._context.gl
        gl.cull_face = "front"
        for batch in batches:
            (gl.enable if batch.closed else gl.disable)(moderngl.CULL_FACE)
            self._textures.use(batch.texture)
            vertex_array.render_indirect(self._command_buffer, first=batch.first, count=batch.count)


def _set_light(program: moderngl.Program, light: Light) -> None:
    program["sun_direction"] = tuple(light.unit_direction())
    program["sun"], program["sky"], program["ground"] = light.sun, light.sky, light.ground


def _camera(view: View, sample: tuple[float, float]) -> NDArray[np.float64]:
    """Return the 4x4 world-to-clip matrix, rows counted from the top, of a view."""
    projection = view.projection_matrix()
    projection[0] += (1.0 - 2.0 * sample[0]) / view.width * projection[3]
    projection[1] += (1.0 - 2.0 * sample[1]) / view.height * projection[3]
    projection[1] *= -1.0
    return projection @ view.view_matrix()
