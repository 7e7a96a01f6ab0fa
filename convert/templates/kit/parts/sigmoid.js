/** A probability for each value. */
const sigmoid = (data) => data.map((value) => 0.5 * Math.tanh(0.5 * value) + 0.5);
