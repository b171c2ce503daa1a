export async function runDocuments(_: unknown): Promise<void> {
  await Promise.resolve();
}
