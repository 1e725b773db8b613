"""GLSL sources of the scene and of its shadow map."""

from __future__ import annotations

from longhaul.envs.render.light import Light

SCENE_VERTEX = """
#version 430
in vec3 position;
in vec3 normal;
in vec2 uv;
in vec4 vertex_color;
in vec4 pose_x, pose_y, pose_z;
in vec3 color;
in int id;
in float layer;
in float tag;
uniform mat4 camera;
uniform mat4 sun_camera;
out vec3 world_normal;
out vec3 texel;
out vec4 shade;
out vec3 sun_position;
flat out vec4 id_bytes;

void main() {
    vec4 local = vec4(position, 1.0);
    vec4 world = vec4(dot(pose_x, local), dot(pose_y, local), dot(pose_z, local), 1.0);
    gl_Position = camera * world;
    world_normal = vec3(dot(pose_x.xyz, normal), dot(pose_y.xyz, normal), dot(pose_z.xyz, normal));
    texel = vec3(uv, layer);
    shade = vec4(color * vertex_color.rgb, tag);
    sun_position = (sun_camera * world).xyz * 0.5 + 0.5;
    id_bytes = vec4((uvec4(id + 1) >> uvec4(0, 8, 16, 24)) & 255u) / 255.0;
}
"""

SCENE_FRAGMENT = """
#version 430
%(defines)s
in vec3 world_normal;
in vec3 texel;
in vec4 shade;
in vec3 sun_position;
flat in vec4 id_bytes;
const float SHARPER = %(sharper)s;
uniform sampler2DArray image;
uniform sampler2DShadow shadow_map;
uniform vec3 sun_direction, sun, sky, ground;
layout(location = 0) out vec4 rgb;
layout(location = 1) out float depth;
layout(location = 2) out vec4 id;

void main() {
    vec3 surface = shade.rgb * texture(image, texel, SHARPER).rgb;
#ifdef LIT
    vec3 n = normalize(world_normal);
    float facing = max(dot(n, sun_direction), 0.0);
#ifdef SHADOW
    // Two bilinear comparisons across a diagonal: nearly as soft as four, at half the price.
    vec3 across = vec3(0.75, 0.75, 0.0) / textureSize(shadow_map, 0).x;
    facing *= 0.5 * (texture(shadow_map, sun_position - across)
                     + texture(shadow_map, sun_position + across));
#endif
    surface *= mix(ground, sky, n.z * 0.5 + 0.5) + sun * facing;
#endif
    rgb = vec4(surface, shade.a);
    depth = 1.0 / gl_FragCoord.w;
    id = id_bytes;
}
"""

SHADOW_VERTEX = """
#version 430
in vec3 position;
in vec4 pose_x, pose_y, pose_z;
uniform mat4 sun_camera;

void main() {
    vec4 local = vec4(position, 1.0);
    gl_Position = sun_camera
        * vec4(dot(pose_x, local), dot(pose_y, local), dot(pose_z, local), 1.0);
}
"""

SHADOW_FRAGMENT = """
#version 430
void main() {}
"""


def scene_fragment(light: Light, sharp: bool) -> str:
    """Return the fragment shader for a light: what it does not use costs nothing.

    `sharp` takes textures one mipmap finer than usual.
    """
    defines = "#define LIT\n" * light.lit + "#define SHADOW\n" * light.throws_shadows
    return SCENE_FRAGMENT % {"defines": defines, "sharper": -1.0 if sharp else 0.0}
