/** The output of that name, or the only one. */
const chosen = (outputs, name) => outputs[name ?? Object.keys(outputs)[0]];
