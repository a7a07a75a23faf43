/** One number for each of two spatial axes: height and width. */
export type Pair = [number, number];

/** One number for each of three spatial axes: depth, height and width. */
export type Triple = [number, number, number];
