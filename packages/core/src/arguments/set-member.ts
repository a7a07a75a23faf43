/**
 * Replaces a member; throws TypeError if it is read-only. `where` is its path, `name` what the
 * person called.
 */
export function setMember(
  holder: object,
  key: string,
  value: unknown,
  name: string,
  where = key,
): void {
  if (!Reflect.set(holder, key, value))
    throw new TypeError(
      `[${name}] The member ${where} is read-only, so that no other array can take its place.`,
    );
}
