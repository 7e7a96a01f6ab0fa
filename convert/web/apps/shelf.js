// What is published, and what this browser can run.
import {features} from '../pages/features.js';

let told;

/** {files, left_out, unreadable, runtimes}; a runtime's `lacks` names what this browser has not. */
export async function shelf() {
  told ??= (async () => {
    const answer = await fetch('../kits/shelf.json');
    if (!answer.ok) throw new Error(`the list of published files could not be read: ${answer.status}`);
    const found = await answer.json();
    const can = await features();
    for (const runtime of found.runtimes) {
      const lacking = Object.entries(runtime.needs).find(([key]) => !can[key]);
      runtime.lacks = lacking ? lacking[1] : null;
    }
    return found;
  })();
  return told;
}

/** The runtime to begin with: the plainest one that uses the processor well. */
export const preferred = (runtimes) => runtimes.find(
  ({lacks, slow, gpu, needs}) => !lacks && !slow && !gpu && needs.simd) ?? runtimes.find(({lacks}) => !lacks);
