"""Video files, recorded by a page."""

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

_RECORD = """
async ([pictures, ms]) => {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  const shown = await Promise.all(pictures.map(async (url) => {
    const picture = new Image();
    picture.src = url;
    await picture.decode();
    return picture;
  }));
  Object.assign(canvas, {width: shown[0].width, height: shown[0].height});
  const recorder = new MediaRecorder(canvas.captureStream(10), {
    mimeType: 'video/webm;codecs=vp8', videoBitsPerSecond: 8e6});
  const parts = [];
  recorder.ondataavailable = ({data}) => parts.push(data);
  context.drawImage(shown[0], 0, 0);
  recorder.start();
  for (const picture of shown) {
    const begun = performance.now();
    while (performance.now() - begun < ms) {
      context.drawImage(picture, 0, 0);
      await new Promise((done) => setTimeout(done, 100));
    }
  }
  const stopped = new Promise((done) => { recorder.onstop = done; });
  recorder.stop();
  await stopped;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(Array.from(bytes, (one) => String.fromCharCode(one)).join(''));
}
"""
"""A page's own recorder: the pictures as a video, each for some ms."""


def recorded(browser: Any, path: Path, pictures: list[np.ndarray], ms: int = 1200) -> Path:
    """A video file (WebM, VP8), as a phone or a browser keeps one."""
    urls = []
    for picture in pictures:
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, "PNG")
        urls.append(f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}")
    page = browser.new_page()
    path.write_bytes(base64.b64decode(page.evaluate(_RECORD, [urls, ms])))
    page.close()
    return path
