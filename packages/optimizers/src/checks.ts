/** Throws RangeError when one of the settings is negative or NaN. */
export function requireNonNegative(optimizer: string, settings: Record<string, number>): void {
  for (const [name, value] of Object.entries(settings))
    if (!(value >= 0))
      throw new RangeError(`[${optimizer}] ${name} must be >= 0, received ${value}`);
}

/** Throws RangeError unless both factors are in [0, 1). */
