/** Whether a value is an object made by a literal, not an instance of something. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * A parameter's name in files: MLX's snake_case, so that weights travel between Python and here.
 * Members that begin upper-case (`Wx`) keep their spelling.
 */
export function toFileName(path: string): string {
  return path
    .split('.')
    .map((part) =>
      /^[A-Z]/.test(part) ? part : part.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase(),
    )
    .join('.');
}
