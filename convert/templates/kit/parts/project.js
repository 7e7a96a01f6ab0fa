/** y and x in the input's pixels, in the picture's pixels; 0 is the first pixel's outer edge. */
function toPicture(y, x, {content, part: used}) {
  return [
    (y - content.top) * (used.height / content.height) + used.top,
    (x - content.left) * (used.width / content.width) + used.left,
  ];
}
