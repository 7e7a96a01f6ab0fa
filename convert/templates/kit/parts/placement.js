/** The nearest whole number; a half goes to the even one. */
function halfEven(value) {
  const whole = Math.floor(value);
  const rest = value - whole;
  return rest > 0.5 || (rest === 0.5 && whole % 2 !== 0) ? whole + 1 : whole;
}

/** Where a picture of a size lies in the input: `part` of the picture becomes `content`. */
function place(height, width) {
  const whole = {top: 0, left: 0, height, width};
  const used = PRE.resize === 'crop' ? centralSquare(height, width) : whole;
  const [rows, columns] = PRE.size;
  let content = {top: 0, left: 0, height: rows, width: columns};
  if (PRE.resize === 'letterbox' || PRE.resize === 'shrink') content = anchored(fitted(height, width));
  return {picture: [height, width], part: used, input: [rows, columns], content};
}

function centralSquare(height, width) {
  const side = Math.max(1, halfEven(Math.min(height, width) * PRE.crop_fraction));
  return {
    top: Math.floor((height - side) / 2), left: Math.floor((width - side) / 2),
    height: side, width: side,
  };
}

/** The picture's size once it fits into the input, its aspect ratio kept. */
function fitted(height, width) {
  const [rows, columns] = PRE.size;
  if (PRE.resize === 'shrink' && height <= rows && width <= columns) return [height, width];
  const rounded = {round: halfEven, floor: Math.floor, ceil: Math.ceil}[PRE.rounding];
  if (width * rows <= height * columns) return [rows, Math.max(1, rounded(width * rows / height))];
  return [Math.max(1, rounded(height * columns / width)), columns];
}

function anchored([height, width]) {
  const centred = (whole, length) => PRE.anchor === 'center' ? Math.floor((whole - length) / 2) : 0;
  return {
    top: centred(PRE.size[0], height), left: centred(PRE.size[1], width), height, width,
  };
}

/** The content's place on a map that covers the input at another size. */
function contentOn(placement, height, width) {
  const down = height / placement.input[0];
  const across = width / placement.input[1];
  const box = placement.content;
  const top = halfEven(box.top * down);
  const left = halfEven(box.left * across);
  const bottom = halfEven((box.top + box.height) * down);
  const right = halfEven((box.left + box.width) * across);
  return {top, left, height: Math.max(1, bottom - top), width: Math.max(1, right - left)};
}
