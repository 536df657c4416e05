/** The answers of all, once all are settled: nothing of a call that failed is still on its way. */
export async function allSettled<Answer>(many: readonly Promise<Answer>[]): Promise<readonly Answer[]> {
  try {
    return await Promise.all(many)
  } catch (error) {
    await Promise.allSettled(many)
    throw error
  }
}
