// What this browser can do that runtimes ask for.

// The smallest modules that hold an instruction of each kind (as wasm-feature-detect has them).
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0,
  253, 15, 253, 98, 11];
const RELAXED_SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13,
  0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11];

const validates = (bytes) => WebAssembly.validate(new Uint8Array(bytes));

export async function features() {
  return {
    simd: validates(SIMD),
    relaxed_simd: validates(RELAXED_SIMD),
    threads: crossOriginIsolated && typeof SharedArrayBuffer === 'function',
    webgl: webgl(),
    webgpu: await webgpu(),
  };
}

/** Who draws for WebGL 2, or null where nobody does. */
function webgl() {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (!gl) return null;
  const told = gl.getExtension('WEBGL_debug_renderer_info');
  return String(gl.getParameter(told ? told.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}

/** Who computes for WebGPU, or null where nobody does. */
async function webgpu() {
  const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
  if (!adapter) return null;
  const {vendor, architecture, description} = adapter.info;
  return [vendor, architecture, description].filter(Boolean).join(' ') || 'unnamed';
}
