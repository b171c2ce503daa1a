/** What an object held of its own: entries of maps, members of sets, properties of all else. */
type Put = () => void;

function copyOf(object: object): Put {
  // Nothing in it changes.
  if (Object.isFrozen(object) && !(object instanceof Map) && !(object instanceof Set)) return () => undefined;
  if (object instanceof Map) {
    const entries = [...(object as Map<unknown, unknown>)];
    return () => {
      object.clear();
      for (const [key, value] of entries) object.set(key, value);
    };
  }
  if (object instanceof Set) {
    const members = [...(object as Set<unknown>)];
    return () => {
      object.clear();
      for (const member of members) object.add(member);
    };
  }
  const held = new Map(Object.entries(object));
  const isList = Array.isArray(object);
  const length = isList ? object.length : 0;
  return () => {
    if (isList) object.length = length;
    const record = object as Record<string, unknown>;
    for (const key of Object.keys(record)) if (!held.has(key)) Reflect.deleteProperty(record, key);
    for (const [key, value] of held) if (record[key] !== value) record[key] = value;
  };
}

function partsOf(object: object): unknown[] {
  if (object instanceof Map) return [...(object as Map<unknown, unknown>)].flat();
  return object instanceof Set ? [...(object as Set<unknown>)] : Object.values(object);
}

/**
 * Remembers everything that can be reached from an object, but what is skipped and what lies behind it; the answer puts all of
 * it back in place, so that whoever holds a part of it sees the part as it was.
 */
export function remember(root: object, skipped: readonly object[]): Put {
  const seen = new Set<object>(skipped);
  const puts: Put[] = [];
  const left: unknown[] = [root];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    puts.push(copyOf(next));
    left.push(...partsOf(next));
  }
  return () => {
    for (const put of puts) put();
  };
}
