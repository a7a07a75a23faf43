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
