"""The reader of videos that lerobot 0.4.4 uses, and names that lerobot 0.6.1 imports."""

import av
import torch

decode_image = encode_jpeg = None


class VideoReader:
    """Frames of a video from the key frame at or before a time: `pts` (s), `data` (3, H, W)."""

    def __init__(self, path: str, stream: str) -> None:
        assert stream == "video"
        self.container = av.open(path)
        self._video = self.container.streams.video[0]

    def seek(self, seconds: float, keyframes_only: bool) -> None:
        self.container.seek(int(seconds / self._video.time_base), stream=self._video)

    def __iter__(self):
        for frame in self.container.decode(self._video):
            rgb = torch.from_numpy(frame.to_ndarray(format="rgb24"))
            yield {"pts": float(frame.pts * self._video.time_base), "data": rgb.permute(2, 0, 1)}
