package dev.tenzing.engine.op;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Tensor;

/** The sizes of a video [B, 3, T, H, W] that is cut into cubes of t x p x p. */
record VideoSizes(int b, int frames, int height, int width, int tokens) {
  static VideoSizes of(String operation, Tensor video, int tubelet, int patch) {
    Expect.dtype(operation, "video", video, DType.F32);
    Expect.shape(operation, "video", video, -1, 3, -1, -1, -1);
    int frames = Expect.size(operation, video.dim(2));
    int height = Expect.size(operation, video.dim(3));
    int width = Expect.size(operation, video.dim(4));
    Expect.that(
        tubelet > 0
            && patch > 0
            && frames % tubelet == 0
            && height % patch == 0
            && width % patch == 0,
        "%s: video %s does not divide into cubes of %s frames by %s x %s pixels",
        operation,
        video,
        tubelet,
        patch,
        patch);
    long tokens = (long) (frames / tubelet) * (height / patch) * (width / patch);
    return new VideoSizes(
        Expect.size(operation, video.dim(0)),
        frames,
        height,
        width,
        Expect.size(operation, tokens));
  }
}
