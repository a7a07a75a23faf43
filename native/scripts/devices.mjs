/** What the engine of this tree can compute on: nothing is built for Metal or CUDA yet. */
export const devices = ['cpu'];
