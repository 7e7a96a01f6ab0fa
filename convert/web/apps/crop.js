// A square around a box, turned as the box's content is, so that another model sees it upright.

/** Its centre, its side in whole pixels, and its angle, with `margin` of the longer side around. */
export function squareAround({top, left, bottom, right, angle}, margin) {
  const side = Math.max(right - left, bottom - top) * (1 + 2 * margin);
  const size = Math.max(1, Math.round(side));
  // Whole pixels: where nothing is turned, none is mixed with its neighbours.
  const [x, y] = [left + right, top + bottom].map((both) => Math.round((both - side) / 2) + size / 2);
  return {x, y, size, angle};
}

/** The square's pixels, turned upright; black where it reaches out of the picture. */
export function cutOut(frame, {x, y, size, angle}) {
  const whole = new OffscreenCanvas(frame.width, frame.height);
  whole.getContext('2d').putImageData(frame, 0, 0);
  const cut = new OffscreenCanvas(size, size).getContext('2d', {willReadFrequently: true});
  cut.translate(size / 2, size / 2);
  cut.rotate(-angle);
  cut.drawImage(whole, -x, -y);
  return cut.getImageData(0, 0, size, size);
}

/** A point of the square's pixels, on the picture that it was cut from. */
export function onPicture([across, down], {x, y, size, angle}) {
  const [right, below] = [across - size / 2, down - size / 2];
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  return [x + cosine * right - sine * below, y + sine * right + cosine * below];
}
