/** Ids by what they belong to. */
export class IdGroups<K> {
  private readonly groups = new Map<K, Set<bigint>>();

  add(key: K, id: bigint): void {
    const group = this.groups.get(key);
    if (group === undefined) this.groups.set(key, new Set([id]));
    else group.add(id);
  }

  remove(key: K, id: bigint): void {
    const group = this.groups.get(key);
    group?.delete(id);
    if (group?.size === 0) this.groups.delete(key);
  }

  of(key: K): Iterable<bigint> {
    return this.groups.get(key) ?? [];
  }

  /** What something belongs to. */
  keys(): Iterable<K> {
    return this.groups.keys();
  }
}
